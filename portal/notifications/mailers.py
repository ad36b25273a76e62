"""How a finished letter leaves the house: one interface, a real SMTP and a folder.

A contract test proves that both behave alike. What matters is where a hand-over fails: before the
letter was given (try later), by the server's word (give up), or in between (nobody knows).
"""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

TIMEOUT = 20  # seconds for each step of the conversation
PERMANENT = 500


class Unreachable(Exception):
    """The letter was not given: the server is away, or asks to come again later."""


class Rejected(Exception):
    """The server will never take this letter."""


class Doubtful(Exception):
    """The letter was on its way when the line was cut."""


class Mailer(Protocol):
    """Takes one letter."""

    def hand_over(self, letter: EmailMessage) -> None:
        """Deliver; raises Unreachable, Rejected or Doubtful."""


class FolderMailer:
    """Demonstration: one file a letter, named by its Message-ID, so that twice is still once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def hand_over(self, letter: EmailMessage) -> None:
        """Write the file beside its place, then move it there in one step."""
        name = str(letter["Message-ID"]).strip("<>").split("@")[0]
        stamp = f"{parsedate_to_datetime(str(letter['Date'])):%Y%m%d%H%M%S}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = self.folder / f".{name}.part"
            draft.write_bytes(bytes(letter))
            draft.replace(self.folder / f"{stamp}-{name}.eml")
        except OSError as error:
            raise Unreachable(f"mailbox folder: {error.strerror}") from None


class SmtpMailer:
    """A real server, by `smtp://user:password@host:port` or `smtps://…`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.host = parts.hostname or ""
        self.tls = parts.scheme == "smtps"
        self.port = parts.port or (465 if self.tls else 25)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")

    def hand_over(self, letter: EmailMessage) -> None:
        """Speak SMTP step by step, so that each failure is told apart."""
        try:
            server = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_why(error)) from None
        try:
            self._address(server, letter)
            self._give(server, letter)
        finally:
            _close(server)

    def _connect(self) -> smtplib.SMTP:
        if self.tls:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            server.ehlo()
            if not self.tls and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            _close(server)
            raise
        return server

    def _address(self, server: smtplib.SMTP, letter: EmailMessage) -> None:
        try:
            for code, said in (
                server.mail(letter["From"].addresses[0].addr_spec),
                server.rcpt(letter["To"].addresses[0].addr_spec),
            ):
                _judge(code, said)
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(_why(error)) from None

    def _give(self, server: smtplib.SMTP, letter: EmailMessage) -> None:
        try:
            code, said = server.data(bytes(letter))
        except smtplib.SMTPDataError as error:
            _judge(error.smtp_code, error.smtp_error)
        except (OSError, smtplib.SMTPException) as error:
            raise Doubtful(_why(error)) from None
        else:
            _judge(code, said)


def _judge(code: int, said: bytes | str) -> None:
    """Raise what a server's answer means; 2xx means nothing."""
    if code < 300:  # noqa: PLR2004 - SMTP's own boundary
        return
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    if code >= PERMANENT:
        raise Rejected(f"{code} {words}")
    raise Unreachable(f"{code} {words}")


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]


def _close(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()
