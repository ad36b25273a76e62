"""The forms of signing in and of one's own page."""

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # newer than stubs
from wtforms.validators import InputRequired, Length, Regexp, ValidationError

from portal.accounts.rules import normalise_phone
from portal.web.fields import ActForm, strip


class PhoneForm(ActForm):
    """Step one: the phone that gets the code."""

    phone = StringField(
        _l("Mobile number"), [InputRequired(_l("Please give your mobile number."))], [strip]
    )

    def validate_phone(self, field: StringField) -> None:
        """Take a number however typed; keep its eleven digits."""
        found = normalise_phone(field.data or "")
        if found is None:
            raise ValidationError(_l("A mobile number has eleven digits, please check it."))
        field.data = found


class CodeForm(ActForm):
    """Step two: the code; pasting and one-tap filling work."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Please type the code from the message.")), Length(max=20)],
        [strip],
    )


class MailForm(ActForm):
    """The mail address that letters go to."""

    mail = StringField(
        _l("Mail address"),
        [
            InputRequired(_l("Please give your mail address.")),
            Length(max=120),
            Regexp(
                r"^[^\s@<>\",;:]+@[^\s@<>\",;:]+\.[^\s@<>\",;:]+$",
                message=_l("That does not look like a mail address, please check it."),
            ),
        ],
        [strip],
    )


class PasswordForm(ActForm):
    """Staff: login name and password."""

    login = StringField(
        _l("Login name"),
        [InputRequired(_l("Please give your login name.")), Length(max=60)],
        [strip],
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Please give your password.")), Length(max=200)]
    )


class PersonForm(ActForm):
    """How one is called in public, and the language of one's messages."""

    public_name = StringField(
        _l("How others see you"),
        [InputRequired(_l("Please say what to call you.")), Length(max=20)],
        [strip],
        description=_l("A surname is enough, such as Ms Wang. Your full name is never shown."),
    )
    lang = SelectField(
        _l("Language of messages"),
        choices=[SelectChoice("zh", "中文"), SelectChoice("en", "English")],
    )
