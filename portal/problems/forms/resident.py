"""The forms of residents, and of workers who report for one."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    MultipleFileField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # types lag behind
from wtforms.validators import InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from portal.accounts.rules import normalise_phone
from portal.problems.states import Audience, Source
from portal.web.fields import ActForm, strip

WORDS = 2000
LATITUDE, LONGITUDE = 90, 180


def as_id(value: Any) -> int | None:
    """Read a chosen row's id; nothing chosen, or more digits than any id has, is None."""
    text = str(value or "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else None


def point(lat: str | None, lon: str | None) -> tuple[float, float] | None:
    """Return the position a phone gave; None where it gave none or nonsense."""
    try:
        latitude, longitude = float(lat or ""), float(lon or "")
    except ValueError:
        return None
    if not (abs(latitude) <= LATITUDE and abs(longitude) <= LONGITUDE):
        return None
    return latitude, longitude


def _words() -> TextAreaField:
    says = InputRequired(_l("Say in one sentence what is wrong."))
    return TextAreaField(
        _l("What is wrong?"),
        validators=[says, Length(max=WORDS)],
        filters=[strip],
    )


class ReportForm(ActForm):
    """Screen one: photos and a sentence."""

    body = _words()
    danger = BooleanField(_l("Somebody is hurt, it smells of gas, or something burns"))
    photos = MultipleFileField(_l("Photos"), validators=[Optional()])


class PlaceForm(ActForm):
    """Screen two: where it is, and what it is about.

    Pressing `go` goes on; sent without it (a community was chosen, the phone gave its position)
    the page is drawn again with what is known now.
    """

    category_id = RadioField(_l("What is it about?"), validators=[Optional()], default="other")
    community_id = SelectField(_l("Community"))
    building_id = SelectField(_l("Compound and building"), validators=[Optional()])
    address = StringField(
        _l("Where exactly?"),
        validators=[Optional(), Length(max=80)],
        filters=[strip],
        description=_l("For instance: east side of building 3, by the bicycle shed"),
    )
    lat = HiddenField()
    lon = HiddenField()
    seen = HiddenField()
    go = SubmitField()

    def validate_community_id(self, field: Field) -> None:
        """A community is needed, nothing finer."""
        if as_id(field.data) is None:
            raise ValidationError(_l("A place is missing: choose the community."))

    def validate_address(self, field: Field) -> None:
        """Either a building or words must say where in the community."""
        if not field.data and as_id(self.building_id.data) is None:
            raise ValidationError(
                _l("A place is missing: choose the building, or write where it is.")
            )


class SendForm(ActForm):
    """Screen three: who may read it, and for a new browser the phone and its code."""

    audience = RadioField(
        _l("Who may read it?"),
        choices=[SelectChoice(one.value) for one in Audience],
        validators=[InputRequired(_l("Choose who may read it."))],
    )
    public_name = StringField(
        _l("What may we call you?"), validators=[Optional(), Length(max=20)], filters=[strip]
    )
    phone = StringField(_l("Mobile number"), filters=[strip], validators=[Optional()])
    code = StringField(_l("Code"), filters=[strip], validators=[Optional(), Length(max=20)])

    def validate_phone(self, field: Field) -> None:
        """Take a number however typed; keep its eleven digits."""
        found = normalise_phone(field.data or "")
        if found is None:
            raise ValidationError(_l("A mobile number has eleven digits, please check it."))
        field.data = found


class TrackForm(ActForm):
    """Look a report up with number and query code."""

    ref = StringField(
        _l("Number"),
        validators=[InputRequired(_l("The number stands on your slip.")), Length(max=40)],
        filters=[strip],
    )
    code = StringField(
        _l("Query code"),
        validators=[InputRequired(_l("The code stands below the number.")), Length(max=40)],
        filters=[strip],
    )


class EnterForm(ActForm):
    """A worker writes down what somebody said at the counter, on the phone or on patrol."""

    source = RadioField(
        _l("How did it come?"),
        choices=[SelectChoice(one.value) for one in (Source.WALK_IN, Source.PHONE, Source.GRID)],
        validators=[InputRequired(_l("Say how it came."))],
    )
    public_name = StringField(
        _l("What to call the person"), validators=[Optional(), Length(max=20)], filters=[strip]
    )
    phone = StringField(_l("Their mobile number"), validators=[Optional()], filters=[strip])
    body = _words()
    category_id = SelectField(_l("What is it about?"), validators=[Optional()])
    community_id = SelectField(_l("Community"))
    building_id = SelectField(_l("Compound and building"), validators=[Optional()])
    address = StringField(
        _l("Where exactly?"), validators=[Optional(), Length(max=80)], filters=[strip]
    )
    audience = RadioField(
        _l("Who may read it?"), choices=[SelectChoice(one.value) for one in Audience]
    )
    photos = MultipleFileField(_l("Photos"), validators=[Optional()])

    def validate_phone(self, field: Field) -> None:
        """An empty number is fine, a wrong one is not."""
        if not field.data:
            return
        found = normalise_phone(field.data)
        if found is None:
            raise ValidationError(_l("A mobile number has eleven digits, please check it."))
        field.data = found


class PublishForm(ActForm):
    """Release the text as it stands, and each photo that is ticked."""

    photo_ids = SelectMultipleField(
        _l("Photos to show"),
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class WithdrawForm(ActForm):
    """Why the reporter takes it back."""

    reason = TextAreaField(
        _l("Why do you take it back?"),
        validators=[InputRequired(_l("Say it in a few words.")), Length(max=200)],
        filters=[strip],
    )


class AddPhotoForm(ActForm):
    """More photos of the same matter."""

    photos = MultipleFileField(_l("Photos"), validators=[Optional()])
