"""How a one-time code reaches a phone or a mail address; nothing of it is ever logged.

The sender by mail stands in `notifications.jobs`, where letters are written.
"""

from typing import Protocol

from portal.core.errors import Refused


class CodeSender(Protocol):
    """Takes a code to a phone or a mail address."""

    def send(self, to: str, code: str, /) -> str | None:
        """Send; return the code only if the page itself shall show it (demonstration)."""


class ScreenSender:
    """Demonstration and tests: the page shows the code, nothing is sent."""

    def send(self, to: str, code: str) -> str | None:
        """Hand the code back to the page."""
        return code


class NoSender:
    """No SMS service is set up: residents are told so instead of waiting for nothing."""

    def send(self, to: str, code: str) -> str | None:
        """Raise Refused("no_code_sender")."""
        raise Refused("no_code_sender")
