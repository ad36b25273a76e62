"""Who sits where. Builds the actor that policies are asked about."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from portal.core.actor import Actor, Seat
from portal.core.db import db
from portal.organisations.models import Membership, Unit
from portal.organisations.states import Role, UnitKind
from portal.places.models import Division

# Asked for every page, so it is built once.
_SEATS = (
    select(Unit.id, Unit.kind, Membership.role, Unit.district_id, Unit.street_id, Unit.community_id)
    .join(Unit, Unit.id == Membership.unit_id)
    .where(
        Membership.person_id == bindparam("person_id"),
        Membership.ended_at.is_(None),
        Membership.started_at <= bindparam("now"),
        Unit.ended_at.is_(None),
    )
    .order_by(Membership.id)
)


def actor_of(
    person_id: int, name: str, now: datetime, opened_refs: frozenset[str] = frozenset()
) -> Actor:
    """Return the actor with live seats and areas: communities merged into their own included.

    Only a community's workers have an area; an officer of a unit that is there has none.
    """
    rows = db.session.execute(_SEATS, {"person_id": person_id, "now": now})
    seats = tuple(
        Seat(
            unit_id=unit_id,
            unit_kind=kind,
            role=role,
            district_id=district_id,
            street_id=street_id,
            community_id=community_id,
        )
        for unit_id, kind, role, district_id, street_id, community_id in rows
    )
    communities = {
        seat.community_id
        for seat in seats
        if seat.role in {Role.COMMUNITY_WORKER, Role.GRID_WORKER} and seat.community_id is not None
    }
    areas = communities | set(predecessors(communities)) if communities else set()
    return Actor(
        person_id=person_id,
        name=name,
        seats=seats,
        area_ids=frozenset(areas),
        opened_refs=opened_refs,
    )


def predecessors(division_ids: set[int]) -> Sequence[int]:
    """Return the divisions that were merged into these, however often."""
    found: set[int] = set()
    wave = set(division_ids)
    while wave:
        wave = (
            set(db.session.scalars(select(Division.id).where(Division.successor_id.in_(wave))))
            - found
        )
        found |= wave
    return sorted(found)


def unit(unit_id: int) -> Unit:
    """Return a unit; it must exist."""
    return db.session.get_one(Unit, unit_id)


def street_office(street_id: int) -> Unit | None:
    """Return the office of a street."""
    return db.session.scalar(
        select(Unit).where(
            Unit.street_id == street_id,
            Unit.kind == UnitKind.STREET_OFFICE,
            Unit.ended_at.is_(None),
        )
    )


def district_platform(district_id: int) -> Unit | None:
    """Return the district's platform."""
    return db.session.scalar(
        select(Unit).where(
            Unit.district_id == district_id,
            Unit.kind == UnitKind.DISTRICT_PLATFORM,
            Unit.ended_at.is_(None),
        )
    )


def live_units(district_id: int, *kinds: UnitKind, street_id: int | None = None) -> Sequence[Unit]:
    """Return the district's live units of these kinds, a street's own when asked, by name."""
    query = select(Unit).where(
        Unit.district_id == district_id, Unit.kind.in_(kinds), Unit.ended_at.is_(None)
    )
    if street_id is not None:
        query = query.where((Unit.street_id == street_id) | (Unit.street_id.is_(None)))
    return db.session.scalars(query.order_by(Unit.kind, Unit.name, Unit.id)).all()
