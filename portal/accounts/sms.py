"""How a one-time code reaches a phone: one interface, nothing of it is ever logged."""

from typing import Protocol

from portal.core.errors import Refused


class CodeSender(Protocol):
    """Takes a code to a phone."""

    def send(self, phone: str, code: str) -> str | None:
        """Send; return the code only if the page itself shall show it (demonstration)."""


class ScreenSender:
    """Demonstration and tests: the page shows the code, nothing is sent."""

    def send(self, phone: str, code: str) -> str | None:
        """Hand the code back to the page."""
        return code


class NoSender:
    """No SMS service is set up: residents are told so instead of waiting for nothing."""

    def send(self, phone: str, code: str) -> str | None:
        """Raise Refused("no_code_sender")."""
        raise Refused("no_code_sender")
