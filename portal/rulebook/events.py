"""What happened to the rules of a district: ids and counts."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class EditionPublished(Event):
    """A district's rules have a new edition."""

    tag: ClassVar[str] = "rulebook:edition:publish"
    edition_id: int
    number: int

    @property
    def subject(self) -> str:
        """The edition."""
        return f"edition:{self.edition_id}"


@dataclass(frozen=True, kw_only=True)
class CalendarSet(Event):
    """A district's working calendar was filled."""

    tag: ClassVar[str] = "rulebook:calendar:set"
    district_id: int
    days: int
    last_year: int

    @property
    def subject(self) -> str:
        """The district whose calendar it is."""
        return f"division:{self.district_id}"
