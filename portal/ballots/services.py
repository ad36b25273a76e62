"""Open, cast, close.

Casting locks the ballot shared before it asks the database's time, closing locks it alone: no vote
stamped at or after the closing is counted, and none before it is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from portal.ballots import events, policies, queries
from portal.ballots.models import Ballot, Elector, Turnout, Vote
from portal.ballots.queries import Chance
from portal.ballots.states import BALLOT, BallotState, Mode
from portal.core import clock, ids, uow, work
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused
from portal.core.ids import SHANGHAI

CLOSE = "ballots:close"


@dataclass(frozen=True)
class Entry:
    """Who is put on the roll: the id of a person or of a household, as the ballot's mode says."""

    id: int
    capacity: str


def open_ballot(
    subject: str,
    *,
    mode: Mode,
    roll: Sequence[Entry],
    closes_at: datetime,
    quorum: int,
    threshold: tuple[int, int],
    now: datetime,
) -> Ballot:
    """Freeze the roll and the measures and begin; the worker closes it at `closes_at`.

    Votes are linked to their electors. An entry twice on the roll is refused by the database.
    """
    ballot = Ballot(
        subject=subject,
        mode=mode,
        secret=False,
        state=BALLOT.next(BallotState.DRAFTED, "open"),
        opens_at=now,
        closes_at=closes_at,
        quorum=quorum,
        threshold_top=threshold[0],
        threshold_bottom=threshold[1],
    )
    db.session.add(ballot)
    db.session.flush()
    column = "person_id" if mode is Mode.PERSON else "household_id"
    if roll:
        db.session.execute(
            insert(Elector),
            [
                {"ballot_id": ballot.id, "mode": mode, "capacity": entry.capacity, column: entry.id}
                for entry in roll
            ],
        )
    work.schedule(CLOSE, f"ballot:{ballot.id}", closes_at, ballot_id=ballot.id)
    uow.record(events.BallotOpened(ballot_id=ballot.id, electors=len(roll), at=now))
    return ballot


def cast(
    ballot_id: int,
    *,
    person_id: int,
    choice: dict[str, Any],
    actor: Actor,
    may_close: bool = False,
) -> Elector:
    """Check the roll, mark the turnout and store the vote, all or nothing; returns the elector.

    A later vote supersedes the one before. `choice` was checked against the caller's question.
    A caller that may close the ballot in the same act says so, since a shared lock can't grow.
    Raises Refused `not_an_elector`, `ballot_closed`.
    """
    ballot = queries.lock(ballot_id, shared=not may_close)
    elector = queries.lock_entry(ballot_id, person_id)
    now = clock.db_now(db.session)
    decision = policies.can_cast(actor, Chance(ballot, elector), now)
    if elector is None or not decision:
        raise Refused(decision.reason or "not_an_elector")
    turnout = queries.turnout_of(elector)
    if turnout is None:
        turnout = Turnout(
            ballot_id=ballot_id, elector_id=elector.id, voted_on=now.astimezone(SHANGHAI).date()
        )
        db.session.add(turnout)
        db.session.flush()
    else:
        db.session.execute(
            update(Vote)
            .where(Vote.turnout_id == turnout.id, Vote.superseded_at.is_(None))
            .values(superseded_at=now)
        )
    db.session.add(
        Vote(
            key=ids.token(),
            ballot_id=ballot_id,
            secret=False,
            turnout_id=turnout.id,
            choice=choice,
            cast_at=now,
        )
    )
    db.session.flush()
    uow.record(
        events.VoteCast(
            ballot_id=ballot_id, elector_id=elector.id, at=now, actor_id=actor.person_id
        )
    )
    return elector


def close_ballot(ballot_id: int) -> None:
    """Take no more votes and announce it, once; a closed ballot stays as it is."""
    ballot = queries.lock(ballot_id, shared=False)
    if ballot.state is not BallotState.OPEN:
        return
    now = clock.db_now(db.session)
    ballot.state, ballot.closed_at = BALLOT.next(ballot.state, "close"), now
    db.session.flush()
    uow.record(events.BallotClosed(ballot_id=ballot_id, at=now))
