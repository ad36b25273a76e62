"""Who sits where. Builds the actor that policies are asked about."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime

from sqlalchemy import and_, bindparam, select

from portal.accounts import queries as accounts
from portal.accounts.models import Account
from portal.core.actor import Actor, Seat
from portal.core.db import db
from portal.organisations.models import Membership, Unit
from portal.organisations.states import Role, UnitKind
from portal.places.models import Division

_SEAT = (
    Unit.id,
    Unit.kind,
    Membership.role,
    Unit.district_id,
    Unit.street_id,
    Unit.community_id,
)
_LIVE = and_(Membership.ended_at.is_(None), Membership.started_at <= bindparam("now"))

# Asked for every page, so both are built once.
_SEATS = (
    select(*_SEAT)
    .join(Unit, Unit.id == Membership.unit_id)
    .where(Membership.person_id == bindparam("person_id"), _LIVE, Unit.ended_at.is_(None))
    .order_by(Membership.id)
)
_WHO = (
    accounts.SIGNED_IN.add_columns(*_SEAT, Membership.id)
    .outerjoin(Membership, and_(Membership.person_id == Account.person_id, _LIVE))
    .outerjoin(Unit, and_(Unit.id == Membership.unit_id, Unit.ended_at.is_(None)))
    .order_by(Membership.id)
)
_OWN = len(fields(accounts.SignedIn))


def who(token: str, now: datetime) -> tuple[accounts.SignedIn, tuple[Seat, ...]] | None:
    """Return the live session of a cookie's token with the person's live seats. One statement."""
    rows = db.session.execute(_WHO, accounts.session_key(token, now)).all()
    if not rows:
        return None
    seats = {row[-1]: _seat(*row[_OWN:-1]) for row in rows if row[_OWN] is not None}
    return accounts.SignedIn(*rows[0][:_OWN]), tuple(seats.values())


def actor_of(
    person_id: int, name: str, now: datetime, opened_refs: frozenset[str] = frozenset()
) -> Actor:
    """Return the actor with live seats and areas (see `actor`)."""
    rows = db.session.execute(_SEATS, {"person_id": person_id, "now": now})
    return actor(person_id, name, tuple(_seat(*row) for row in rows), opened_refs)


def actor(
    person_id: int,
    name: str,
    seats: tuple[Seat, ...],
    opened_refs: frozenset[str] = frozenset(),
) -> Actor:
    """Return the actor with these seats and areas: communities merged into their own included.

    Only a community's workers have an area; an officer of a unit that is there has none.
    """
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


def _seat(
    unit_id: int,
    kind: str,
    role: str,
    district_id: int,
    street_id: int | None,
    community_id: int | None,
) -> Seat:
    return Seat(
        unit_id=unit_id,
        unit_kind=kind,
        role=role,
        district_id=district_id,
        street_id=street_id,
        community_id=community_id,
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
