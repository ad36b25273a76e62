"""Who acts: a small frozen value, built once a request, handed to policies and services."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seat:
    """One live membership: this person sits for this unit in this role, over this area."""

    unit_id: int
    unit_kind: str
    role: str
    district_id: int
    street_id: int | None = None
    community_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """A person (or nobody, or the system) with their seats.

    `area_ids` holds the divisions the person acts in, predecessors of merged ones included.
    `opened_refs` holds the problems this browser opened with a query code.
    `person_id` is None for visitors and for the system.
    """

    person_id: int | None = None
    name: str = ""
    seats: tuple[Seat, ...] = ()
    area_ids: frozenset[int] = field(default_factory=frozenset)
    opened_refs: frozenset[str] = field(default_factory=frozenset)
    is_system: bool = False

    @property
    def signed_in(self) -> bool:
        """Whether this is a known person."""
        return self.person_id is not None

    @property
    def is_staff(self) -> bool:
        """Whether the person sits for any unit."""
        return bool(self.seats)

    @property
    def unit_ids(self) -> frozenset[int]:
        """The units the person sits for."""
        return frozenset(seat.unit_id for seat in self.seats)

    def seat(self, *roles: str, **where: int | None) -> Seat | None:
        """Return the first seat in one of `roles` whose given fields equal `where`."""
        for seat in self.seats:
            if (not roles or seat.role in roles) and all(
                getattr(seat, name) == value for name, value in where.items()
            ):
                return seat
        return None

    def sits(self, *roles: str, **where: int | None) -> bool:
        """Tell whether there is such a seat (see `seat`)."""
        return self.seat(*roles, **where) is not None

    def unit_for(self, *roles: str, **where: int | None) -> int | None:
        """Return the unit of the first such seat."""
        seat = self.seat(*roles, **where)
        return seat.unit_id if seat else None


VISITOR = Actor()
SYSTEM = Actor(is_system=True)
