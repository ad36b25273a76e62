"""Who may rate and who reads the thank-you page, as a table."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.ballots.states import BallotState
from portal.core.actor import Actor
from portal.problems.states import ProblemState
from portal.satisfaction import policies

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
ENTRY = object()


def standing(
    elector: object = ENTRY,
    person: int | None = 1,
    problem: ProblemState = ProblemState.RATING,
    ballot: BallotState = BallotState.OPEN,
    *,
    late: bool = False,
    has_voted: bool = False,
    has_round: bool = True,
) -> Any:
    held = SimpleNamespace(
        state=ballot,
        opens_at=NOW - timedelta(days=7),
        closes_at=NOW if late else NOW + timedelta(days=1),
    )
    chance = SimpleNamespace(ballot=held, elector=elector, has_voted=has_voted)
    return SimpleNamespace(
        problem=SimpleNamespace(state=problem),
        round=object() if has_round else None,
        chance=chance if has_round else None,
        person_id=person,
    )


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        (standing(), ""),
        (standing(has_voted=True), ""),
        (standing(has_round=False), "not_in_rating"),
        (standing(None, None), "sign_in_first"),
        (standing(None), "not_asked"),
        (standing(problem=ProblemState.CLOSED), "ballot_closed"),
        (standing(problem=ProblemState.REOPENED), "ballot_closed"),
        (standing(ballot=BallotState.CLOSED), "ballot_closed"),
        (standing(late=True), "ballot_closed"),
    ],
)
def test_who_may_rate(reader, reason):
    assert policies.can_rate(Actor(), reader, NOW).reason == reason


@pytest.mark.parametrize(
    ("reader", "reason"),
    [
        (standing(has_voted=True), ""),
        (standing(has_voted=True, problem=ProblemState.CLOSED, late=True), ""),
        (standing(), "not_asked"),
        (standing(None, None), "sign_in_first"),
        (standing(has_round=False), "not_in_rating"),
    ],
)
def test_who_is_thanked(reader, reason):
    assert policies.can_see_rated(Actor(), reader, NOW).reason == reason
