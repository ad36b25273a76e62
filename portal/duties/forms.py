"""The one question of the duty list: whose matter this is."""

from flask_babel import lazy_gettext as _l
from wtforms import Form, StringField
from wtforms.validators import Length


class AskForm(Form):
    """A sentence, asked by GET, so that the answer has an address."""

    text = StringField(_l("Say it in a sentence"), validators=[Length(max=200)])
