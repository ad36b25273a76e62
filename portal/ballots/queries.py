"""Questions about ballots. Votes are read in the order of their random keys, never another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from portal.ballots.models import Ballot, Elector, Turnout, Vote
from portal.core.db import db


@dataclass(frozen=True)
class Chance:
    """A ballot, and the entry of its roll that the question is about, if there is one."""

    ballot: Ballot
    elector: Elector | None
    has_voted: bool = False


@dataclass(frozen=True)
class CastVote:
    """A counted vote: its choice, and of a linked one the elector's capacity."""

    key: str
    choice: dict[str, Any]
    capacity: str | None


@dataclass(frozen=True)
class Roll:
    """How many stand on the roll and how many of them voted, by capacity."""

    electors: dict[str, int]
    voted: dict[str, int]

    @property
    def size(self) -> int:
        """All entries."""
        return sum(self.electors.values())

    @property
    def turnout(self) -> int:
        """All who voted."""
        return sum(self.voted.values())


def lock(ballot_id: int, *, shared: bool) -> Ballot:
    """Return the ballot locked: shared for casting, alone for closing."""
    return db.session.get_one(
        Ballot, ballot_id, with_for_update={"read": shared}, populate_existing=True
    )


# Asked for every vote, so it is built once.
_CHANCE = (
    select(Ballot, Elector, Turnout.id)
    .outerjoin(
        Elector, and_(Elector.ballot_id == Ballot.id, Elector.person_id == bindparam("person_id"))
    )
    .outerjoin(Turnout, Turnout.elector_id == Elector.id)
    .where(Ballot.id == bindparam("ballot_id"))
)


def chance(ballot_id: int, person_id: int | None) -> Chance:
    """Return the ballot with the person's entry, if they have one."""
    row = db.session.execute(_CHANCE, {"ballot_id": ballot_id, "person_id": person_id or 0}).one()
    return Chance(row[0], row[1], row[2] is not None)


# Two questions on purpose: the turnout must be read after the wait for the entry's lock is over.
_ENTRY = (
    select(Elector)
    .where(Elector.ballot_id == bindparam("ballot_id"), Elector.person_id == bindparam("person_id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_TURNOUT = select(Turnout).where(Turnout.elector_id == bindparam("elector_id"))


def lock_entry(ballot_id: int, person_id: int) -> Elector | None:
    """Return the person's entry of the roll, locked."""
    return db.session.scalar(_ENTRY, {"ballot_id": ballot_id, "person_id": person_id})


def turnout_of(elector: Elector) -> Turnout | None:
    """Return that an elector has voted, if so."""
    return db.session.scalar(_TURNOUT, {"elector_id": elector.id})


def own_choice(elector: Elector) -> dict[str, Any]:
    """Return what a linked elector who voted last chose, for that elector's own form only."""
    choice: dict[str, Any] = db.session.scalars(
        select(Vote.choice)
        .join(Turnout, Turnout.id == Vote.turnout_id)
        .where(Turnout.elector_id == elector.id, Vote.superseded_at.is_(None))
    ).one()
    return choice


def counted(ballot_id: int) -> Sequence[CastVote]:
    """Return the votes that count, in the order of their keys."""
    rows = db.session.execute(
        select(Vote.key, Vote.choice, Elector.capacity)
        .outerjoin(Turnout, Turnout.id == Vote.turnout_id)
        .outerjoin(Elector, Elector.id == Turnout.elector_id)
        .where(Vote.ballot_id == ballot_id, Vote.superseded_at.is_(None))
        .order_by(Vote.key)
    )
    return [CastVote(*row) for row in rows]


def roll(ballot_id: int) -> Roll:
    """Return the size of the roll and the turnout; both are computed, never kept as totals."""
    rows = db.session.execute(
        select(Elector.capacity, func.count(Elector.id), func.count(Turnout.id))
        .outerjoin(Turnout, Turnout.elector_id == Elector.id)
        .where(Elector.ballot_id == ballot_id)
        .group_by(Elector.capacity)
    ).all()
    return Roll(
        {capacity: size for capacity, size, _ in rows},
        {capacity: voted for capacity, _, voted in rows},
    )
