"""The season of a ballot, its life, and who may vote."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.ballots import policies, rules
from portal.ballots.states import BALLOT, BallotState
from portal.core.actor import Actor
from portal.core.states import WrongState

OPENS = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
CLOSES = OPENS + timedelta(days=7)
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "counts"),
    [
        (OPENS - TICK, False),
        (OPENS, True),
        (CLOSES - TICK, True),
        (CLOSES, False),
        (CLOSES + TICK, False),
    ],
)
def test_votes_count_from_the_opening_to_just_before_the_closing(now, counts):
    assert rules.in_season(OPENS, CLOSES, now) is counts


def test_a_ballot_opens_and_closes_once():
    assert BALLOT.next(BallotState.DRAFTED, "open") is BallotState.OPEN
    assert BALLOT.next(BallotState.OPEN, "close") is BallotState.CLOSED
    for state in set(BallotState) - {BallotState.OPEN}:
        with pytest.raises(WrongState):
            BALLOT.next(state, "close")


@pytest.mark.parametrize(
    ("state", "elector", "now", "reason"),
    [
        (BallotState.OPEN, object(), OPENS, ""),
        (BallotState.OPEN, None, OPENS, "not_an_elector"),
        (BallotState.CLOSED, object(), OPENS, "ballot_closed"),
        (BallotState.DRAFTED, object(), OPENS, "ballot_closed"),
        (BallotState.OPEN, object(), CLOSES, "ballot_closed"),
    ],
)
def test_who_may_vote(state, elector, now, reason):
    ballot = SimpleNamespace(state=state, opens_at=OPENS, closes_at=CLOSES)
    chance: Any = SimpleNamespace(ballot=ballot, elector=elector, has_voted=False)
    assert policies.can_cast(Actor(person_id=1), chance, now).reason == reason
