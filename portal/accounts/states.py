"""How people are checked and reached."""

from enum import IntEnum, StrEnum


class CheckLevel(IntEnum):
    """How far a person's tie to an address was checked."""

    NONE = 0
    PHONE = 1
    CONFIRMED = 2


class ContactKind(StrEnum):
    """How a person is reached."""

    PHONE = "phone"
    EMAIL = "email"
