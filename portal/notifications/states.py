"""Where a mail stands."""

from enum import StrEnum


class MailState(StrEnum):
    """`uncertain`: the hand-over was cut; only a person decides whether to send it again."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


class Channel(StrEnum):
    """How a person is told outside the portal."""

    EMAIL = "email"
