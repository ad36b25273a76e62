"""The one act a person does on a mail."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class MailResent(Event):
    """Somebody decided that an uncertain mail goes out again."""

    tag: ClassVar[str] = "notifications:mail:resend"
    mail_id: int

    @property
    def subject(self) -> str:
        """The mail."""
        return f"mail:{self.mail_id}"
