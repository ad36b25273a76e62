"""Offices are history: appointing opens a row, ending closes it, nothing is edited."""

from dataclasses import dataclass
from datetime import datetime

from portal.core import uow
from portal.core.db import db
from portal.organisations.events import (
    MandateEnded,
    MandateGiven,
    MemberAppointed,
    MembershipEnded,
    UnitOpened,
)
from portal.organisations.models import Mandate, Membership, Unit
from portal.organisations.states import Affiliation, MandateKind, Party, Role, UnitKind


@dataclass(frozen=True)
class NewUnit:
    """What a unit needs to exist. `seal` is the one character on its badge."""

    code: str
    name: str
    short_name: str
    seal: str
    kind: UnitKind
    party: Party | None
    affiliation: Affiliation
    district_id: int
    street_id: int | None = None
    community_id: int | None = None
    duty_phone: str | None = None


def open_unit(new: NewUnit, *, now: datetime, actor_id: int | None = None) -> Unit:
    """Store a new unit."""
    unit = Unit(
        code=new.code,
        name=new.name,
        short_name=new.short_name,
        seal=new.seal,
        kind=new.kind,
        party=new.party,
        affiliation=new.affiliation,
        district_id=new.district_id,
        street_id=new.street_id,
        community_id=new.community_id,
        duty_phone=new.duty_phone,
    )
    db.session.add(unit)
    db.session.flush()
    uow.record(UnitOpened(at=now, actor_id=actor_id, opened_unit_id=unit.id))
    return unit


def appoint(
    person_id: int,
    unit_id: int,
    role: Role,
    *,
    now: datetime,
    grid_id: int | None = None,
    actor_id: int | None = None,
) -> Membership:
    """Let a person sit for a unit in a role from now on."""
    row = Membership(
        person_id=person_id, unit_id=unit_id, role=role, grid_id=grid_id, started_at=now
    )
    db.session.add(row)
    db.session.flush()
    uow.record(
        MemberAppointed(
            at=now,
            actor_id=actor_id,
            unit_id=unit_id,
            membership_id=row.id,
            person_id=person_id,
            role=role,
        )
    )
    return row


def end_membership(membership: Membership, *, now: datetime, actor_id: int | None = None) -> None:
    """End a membership; ending an ended one changes nothing."""
    if membership.ended_at is not None:
        return
    membership.ended_at = now
    uow.record(
        MembershipEnded(
            at=now, actor_id=actor_id, unit_id=membership.unit_id, membership_id=membership.id
        )
    )
    db.session.flush()


def give_mandate(
    person_id: int,
    kind: MandateKind,
    *,
    area_id: int,
    now: datetime,
    note: str = "",
    declared_unit_id: int | None = None,
    actor_id: int | None = None,
) -> Mandate:
    """Give a resident a mandate over a division."""
    row = Mandate(
        person_id=person_id,
        kind=kind,
        area_id=area_id,
        note=note,
        declared_unit_id=declared_unit_id,
        started_at=now,
    )
    db.session.add(row)
    db.session.flush()
    uow.record(
        MandateGiven(at=now, actor_id=actor_id, mandate_id=row.id, person_id=person_id, kind=kind)
    )
    return row


def end_mandate(mandate: Mandate, *, now: datetime, actor_id: int | None = None) -> None:
    """End a mandate; ending an ended one changes nothing."""
    if mandate.ended_at is not None:
        return
    mandate.ended_at = now
    uow.record(MandateEnded(at=now, actor_id=actor_id, mandate_id=mandate.id))
    db.session.flush()
