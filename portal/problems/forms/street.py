"""What the workers fill in: the street's triage, the holder's and the checker's words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateTimeLocalField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # types lag behind
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core import ids
from portal.problems import labels
from portal.problems.states import Urgency
from portal.web.fields import ActForm, strip

WORDS = 1000
ADDRESS = 120

KEEP, STREET, COMMUNITY, OTHER = "keep", "street", "community", "other"


class ChecksField(SelectMultipleField):
    """Several of a list, each a row to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AcceptForm(ActForm):
    """Take up: what it is, how urgent, what becomes public, and who gets it at once."""

    category = SelectField(_l("What it is about"), validators=[InputRequired(_l("Choose one."))])
    urgency = RadioField(
        _l("How urgent"),
        choices=[SelectChoice(level.value, labels.URGENCIES[level]) for level in Urgency],
        validators=[InputRequired(_l("Choose how urgent it is; it sets the limit."))],
    )
    release = BooleanField(_l("Publish the text"), default=True)
    photos = ChecksField(_l("Photos to publish"), validators=[Optional()])
    then = RadioField(
        _l("And then"),
        choices=[
            SelectChoice(KEEP, _l("Decide later who handles it")),
            SelectChoice(STREET, _l("The street handles it itself")),
            SelectChoice(COMMUNITY, _l("To the community")),
            SelectChoice(OTHER, _l("To another unit")),
        ],
        default=KEEP,
    )
    holder = SelectField(_l("Which unit"), default="")
    note = TextAreaField(
        _l("A word to the holder"), filters=[strip], validators=[Optional(), Length(max=WORDS)]
    )

    def validate_holder(self, field: SelectField) -> None:
        """Ask for the unit only where another unit was chosen."""
        if self.then.data == OTHER and not field.data:
            raise ValidationError(_l("Choose which unit gets it."))


class AssignForm(ActForm):
    """Give to a holder; others may support."""

    holder = SelectField(
        _l("Who handles it"), validators=[InputRequired(_l("Choose which unit gets it."))]
    )
    supporters = ChecksField(_l("Who supports"), validators=[Optional()])
    note = TextAreaField(
        _l("A word to the holder"), filters=[strip], validators=[Optional(), Length(max=WORDS)]
    )


class DeclineForm(ActForm):
    """Not for the street: where to go, and why, in words for the resident."""

    elsewhere = RadioField(
        _l("Who handles this"), validators=[InputRequired(_l("Choose where to go instead."))]
    )
    reason = TextAreaField(
        _l("Tell the resident why, and what the community can help with"),
        filters=[strip],
        validators=[InputRequired(_l("Say it in one or two sentences.")), Length(max=WORDS)],
    )


class LocateForm(ActForm):
    """Fill in where it is and what it is about."""

    place = SelectField(_l("Where is it"), validators=[Optional()])
    address = StringField(
        _l("The place in words"), filters=[strip], validators=[Optional(), Length(max=ADDRESS)]
    )
    category = SelectField(_l("What it is about"), default="")

    def validate_category(self, field: SelectField) -> None:
        """One of the two must be given, else nothing would be stored."""
        if not field.data and not self.place.data:
            raise ValidationError(_l("Fill in the place or what it is about."))


class MeasureForm(ActForm):
    """What was tried: how, when, in words; photos come along."""

    method = SelectField(
        _l("What was done"),
        choices=[
            SelectChoice("", _l("Choose")),
            *(SelectChoice(code, words) for code, words in labels.METHODS.items()),
        ],
        validators=[InputRequired(_l("Choose what was done."))],
    )
    taken_at = DateTimeLocalField(
        _l("When"), format="%Y-%m-%dT%H:%M", validators=[InputRequired(_l("Say when."))]
    )
    words = TextAreaField(
        _l("What happened"),
        filters=[strip],
        validators=[InputRequired(_l("Say it in one or two sentences.")), Length(max=WORDS)],
    )
    photos = StringField(_l("Photos"))

    @property
    def at(self) -> datetime:
        """The time typed, which is local, as an aware one."""
        if self.taken_at.data is None:
            raise ValueError("asked before the form was checked")
        return self.taken_at.data.replace(tzinfo=ids.SHANGHAI)


class WordsForm(ActForm):
    """One question, answered in words that others read."""

    words = TextAreaField(
        _l("In words"),
        filters=[strip],
        validators=[InputRequired(_l("Say it in one or two sentences.")), Length(max=WORDS)],
    )


class FinishForm(WordsForm):
    """Done: what was done, with photos of the result."""

    photos = StringField(_l("Photos"))


Choices = Sequence[tuple[str, str]]
Groups = Mapping[str, Choices]


def offer(field: Any, choices: Choices | Groups, empty: str = "") -> None:
    """Give a select its choices (grouped ones as optgroups), with an empty one on top."""
    groups = choices if isinstance(choices, Mapping) else {None: choices}
    first = [SelectChoice("", empty)] if empty else []
    field.choices = first + [
        SelectChoice(value, words, optgroup=group)
        for group, members in groups.items()
        for value, words in members
    ]
