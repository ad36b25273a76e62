"""The base of every form: what it was drawn for, and the key of its one act."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from flask_babel import LazyString, get_locale
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField
from wtforms.i18n import get_translations
from wtforms.validators import Optional
from wtforms.widgets import HiddenInput

from portal.core import ids


def strip(value: str | None) -> str | None:
    """Trim what was typed; nothing stays nothing."""
    return value.strip() if isinstance(value, str) else value


@cache
def _messages(locale: str) -> Any:
    """Return WTForms' own messages, read once: Flask-WTF would read the file for each request."""
    return get_translations([locale])


class ActForm(FlaskForm):  # type: ignore[misc] # flask-wtf ships no types
    """A form whose POST is one act: carries the act's key and the version it was drawn for."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc] # flask-wtf ships no types
        def get_translations(self, form: object) -> Any:
            return _messages(str(get_locale()))

    idempotency_key = HiddenField()
    version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.idempotency_key.data:
            self.idempotency_key.data = ids.token(16)

    def validate(self, extra_validators: Any = None) -> bool:
        """Judge the form; lazy sentences become text, which is what components draw."""
        good = bool(super().validate(extra_validators))
        for field in self:
            field.errors = [str(e) if isinstance(e, LazyString) else e for e in field.errors]
        return good

    def renew(self) -> None:
        """Give a form that is drawn again after an error a key of its own."""
        self.idempotency_key.data = ids.token(16)

    def summary(self) -> Sequence[tuple[Field | None, str]]:
        """Return all errors with their field, form-wide ones first."""
        found: list[tuple[Field | None, str]] = [(None, text) for text in self.form_errors]
        for field in self:
            found += [(field, text) for text in field.errors if isinstance(text, str)]
        return found
