"""What happened to the map: counts and ids."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class DivisionsImported(Event):
    """Lists of districts, streets or communities were read."""

    tag: ClassVar[str] = "places:division:import"
    imported: int
    updated: int

    @property
    def subject(self) -> str:
        """A list has no single subject."""
        return "places:divisions"


@dataclass(frozen=True, kw_only=True)
class CommunityMapped(Event):
    """A community got grids, compounds and buildings."""

    tag: ClassVar[str] = "places:community:map"
    community_id: int
    grids: int
    buildings: int

    @property
    def subject(self) -> str:
        """The community."""
        return f"division:{self.community_id}"
