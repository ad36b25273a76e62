"""Who may rate, and who may read what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from portal.ballots import policies as ballots
from portal.core.actor import Actor
from portal.core.decisions import ALLOWED, Decision, deny
from portal.problems.states import ProblemState

if TYPE_CHECKING:
    from portal.ballots.queries import Chance
    from portal.problems.models import Problem
    from portal.satisfaction.models import RatingRound


@dataclass(frozen=True)
class Standing:
    """A problem's latest round as one reader meets it; `chance` is None before the first."""

    problem: "Problem"
    round: "RatingRound | None"
    chance: "Chance | None"
    person_id: int | None


def can_rate(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Answer, or answer anew: those on the open round's roll.

    A walk-in reporter without an account answers in the browser that opened the problem with its
    query code; staff never do, since whoever entered the report has seen the code.
    """
    if standing.chance is None:
        return deny("not_in_rating")
    if standing.person_id is None:
        return deny("sign_in_first")
    if standing.chance.elector is None:
        return deny("not_asked")
    if standing.problem.state is not ProblemState.RATING:
        return deny("ballot_closed")
    return ballots.can_cast(actor, standing.chance, now)


def can_see_rated(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Read one's own thank-you page: those who answered in the latest round."""
    if standing.chance is None:
        return deny("not_in_rating")
    if standing.person_id is None:
        return deny("sign_in_first")
    return ALLOWED if standing.chance.has_voted else deny("not_asked")
