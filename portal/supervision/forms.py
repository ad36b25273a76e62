"""What a visit asks for."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.supervision.services import Presence
from portal.web.fields import ActForm, strip

WORDS = 1000


class InviteForm(ActForm):
    """Whom to invite; the choices are the mandates over the place."""

    supervisor = RadioField(
        _l("Resident supervisor"), validators=[InputRequired(_l("Choose whom to invite."))]
    )


class SignInForm(ActForm):
    """Position from the phone, or the code shown on site."""

    lat = HiddenField()
    lon = HiddenField()
    code = StringField(
        _l("Code shown on site"), validators=[Optional(), Length(max=12)], filters=[strip]
    )

    def presence(self) -> Presence:
        """Return the position the phone gave; nothing where it gave none or nonsense."""
        try:
            latitude, longitude = float(self.lat.data or ""), float(self.lon.data or "")
        except ValueError:
            return Presence()
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):  # noqa: PLR2004 - the globe
            return Presence()
        return Presence(latitude, longitude)


class FindingForm(ActForm):
    """What was seen, with photos."""

    words = TextAreaField(
        _l("What do you see?"),
        validators=[InputRequired(_l("Write one sentence about what you see.")), Length(max=WORDS)],
        filters=[strip],
    )
    photos = MultipleFileField(_l("Photos"), validators=[Optional()])


class WordsForm(ActForm):
    """A reason or an answer."""

    words = TextAreaField(
        _l("In your words"),
        validators=[InputRequired(_l("Write one sentence.")), Length(max=WORDS)],
        filters=[strip],
    )
