"""What a visit asks for."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

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
