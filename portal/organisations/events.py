"""Who took or left an office: ids, never names."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class UnitOpened(Event):
    """A unit exists now."""

    tag: ClassVar[str] = "organisations:unit:open"
    opened_unit_id: int

    @property
    def subject(self) -> str:
        """The unit."""
        return f"unit:{self.opened_unit_id}"


@dataclass(frozen=True, kw_only=True)
class MemberAppointed(Event):
    """Somebody sits for a unit in a role."""

    tag: ClassVar[str] = "organisations:membership:appoint"
    membership_id: int
    person_id: int
    role: str

    @property
    def subject(self) -> str:
        """The membership."""
        return f"membership:{self.membership_id}"


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(Event):
    """Somebody left an office."""

    tag: ClassVar[str] = "organisations:membership:end"
    membership_id: int

    @property
    def subject(self) -> str:
        """The membership."""
        return f"membership:{self.membership_id}"


@dataclass(frozen=True, kw_only=True)
class MandateGiven(Event):
    """A resident has a mandate over an area."""

    tag: ClassVar[str] = "organisations:mandate:give"
    mandate_id: int
    person_id: int
    kind: str

    @property
    def subject(self) -> str:
        """The mandate."""
        return f"mandate:{self.mandate_id}"


@dataclass(frozen=True, kw_only=True)
class MandateEnded(Event):
    """A mandate is over."""

    tag: ClassVar[str] = "organisations:mandate:end"
    mandate_id: int

    @property
    def subject(self) -> str:
        """The mandate."""
        return f"mandate:{self.mandate_id}"
