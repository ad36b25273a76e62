"""What the street, a department and the district fill in for a whistle."""

from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms import (
    DateField,
    DateTimeLocalField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.core import ids
from portal.web.fields import ActForm, strip
from portal.whistles import labels
from portal.whistles.states import Kind, Outcome

WORDS = 1000
TITLE, PLACE, TASK, NAME = 80, 120, 200, 40
LATITUDE, LONGITUDE = 90, 180
MOST_PEOPLE = 200
ETA_MINUTES = (5, 10, 15, 20, 30, 45, 60)


class ChecksField(SelectMultipleField):
    """Several of a list, each a row to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def _text(label: Any, ask: Any, most: int = WORDS) -> TextAreaField:
    return TextAreaField(label, filters=[strip], validators=[InputRequired(ask), Length(max=most)])


class PlanForm(ActForm):
    """The whistle's composer. Each department's task stands in a field `task-<unit code>`."""

    kind = RadioField(
        _l("Kind of whistle"),
        choices=lambda: [(kind.value, label) for kind, label in labels.KIND.items()],
        validators=[InputRequired(_l("Choose the kind; it sets the clocks."))],
    )
    title = StringField(
        _lp("whistle", "Title"),
        filters=[strip],
        validators=[InputRequired(_l("Write what it is about in one line.")), Length(max=TITLE)],
    )
    matter = _text(_l("What the departments read"), _l("Say what is the matter and where."))
    grounds = _text(_l("Why the street can't do it alone"), _l("Say why in one sentence."))
    duty_item = SelectField(_l("Item of the duty list"), validators=[Optional()])
    units = ChecksField(_l("Departments to call"), validators=[Optional()])
    lead = SelectField(_l("Which department leads"), validators=[Optional()])
    meeting_point = StringField(
        _l("Meeting point"),
        filters=[strip],
        validators=[InputRequired(_l("Say where they meet.")), Length(max=PLACE)],
    )
    lat = HiddenField()
    lon = HiddenField()
    appointed_at = DateTimeLocalField(
        _l("Appointed time"), format="%Y-%m-%dT%H:%M", validators=[Optional()]
    )

    @property
    def appointment(self) -> datetime | None:
        """The appointed time typed, which is local, as an aware one; only enforcement has one."""
        if self.kind.data != Kind.ENFORCEMENT or self.appointed_at.data is None:
            return None
        typed: datetime = self.appointed_at.data
        return typed.replace(tzinfo=ids.SHANGHAI)


class WordsForm(ActForm):
    """One question, answered in words that others read."""

    words = _text(_l("In words"), _l("Say it in one or two sentences."))


class ApproveForm(ActForm):
    """The leader's yes; where the gate said no, with a reason in writing."""

    words = TextAreaField(
        _l("Why it is blown all the same"),
        filters=[strip],
        validators=[Optional(), Length(max=WORDS)],
    )


class ReviewForm(WordsForm):
    """The district's view of an emergency."""

    misblown = RadioField(
        _l("Was it an emergency?"),
        choices=lambda: [("no", _l("Yes, rightly blown")), ("yes", _l("No, misblown"))],
        validators=[InputRequired(_l("Choose one."))],
    )


class CallForm(ActForm):
    """One more department, with its task."""

    unit = SelectField(_l("Which department"), validators=[InputRequired(_l("Choose one."))])
    task = StringField(_l("Its task"), filters=[strip], validators=[Optional(), Length(max=TASK)])


class SetOutForm(ActForm):
    """On the way: in how many minutes there."""

    minutes = SelectField(
        _l("On site in"),
        choices=lambda: (
            [("", _l("Can't say"))] + [(str(minutes), str(minutes)) for minutes in ETA_MINUTES]
        ),
        validators=[Optional()],
    )

    def eta(self, now: datetime) -> datetime | None:
        """Return when the department expects to arrive."""
        return now + timedelta(minutes=int(self.minutes.data)) if self.minutes.data else None


class ArriveForm(ActForm):
    """On site: position from the phone, or the commander's code, or a photo."""

    lat = HiddenField()
    lon = HiddenField()
    code = StringField(
        _l("Code on the commander's screen"),
        filters=[strip],
        validators=[Optional(), Length(max=12)],
    )
    people = IntegerField(
        _l("How many people came"),
        validators=[Optional(), NumberRange(1, MOST_PEOPLE, _l("A number from 1 to 200."))],
    )
    photos = StringField(_l("Photos"))


class ResultForm(ActForm):
    """What was done, with photos."""

    outcome = RadioField(
        _l("What was done"),
        choices=lambda: [(one.value, label) for one, label in labels.OUTCOME.items()],
        validators=[InputRequired(_l("Choose what was done."))],
    )
    words = _text(_l("In words"), _l("Say it in one or two sentences."))
    photos = StringField(_l("Photos"))

    @property
    def chosen(self) -> Outcome:
        """The outcome chosen."""
        return Outcome(self.outcome.data)


class RecessForm(ActForm):
    """Leave the site, keep the duty: why, back when, and who answers meanwhile."""

    words = _text(_l("Why the site can be left now"), _l("Say it in one or two sentences."))
    next_on = DateField(_l("Next visit on"), validators=[InputRequired(_l("Choose the day."))])
    person = StringField(
        _l("Who answers until then"),
        filters=[strip],
        validators=[InputRequired(_l("Name a person.")), Length(max=NAME)],
    )

    @property
    def day(self) -> date:
        """The day of the next visit."""
        if self.next_on.data is None:
            raise ValueError("asked before the form was checked")
        return self.next_on.data


class HandBackForm(ActForm):
    """Not our duty: which item of the list says so, and why."""

    item = SelectField(
        _l("Item of the duty list that says so"),
        validators=[InputRequired(_l("Choose the item."))],
    )
    words = _text(_l("Why it is another's duty"), _l("Say it in one or two sentences."))


class HandOverForm(ActForm):
    """Which department on site takes over."""

    successor = SelectField(_l("Who takes over"), validators=[InputRequired(_l("Choose one."))])


def number(text: str | None, most: float) -> float | None:
    """Read a coordinate from a phone; nonsense is None."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if abs(value) <= most else None


def point(lat: str | None, lon: str | None) -> tuple[float | None, float | None]:
    """Return a whole point, or nothing."""
    latitude, longitude = number(lat, LATITUDE), number(lon, LONGITUDE)
    if latitude is None or longitude is None:
        return None, None
    return latitude, longitude
