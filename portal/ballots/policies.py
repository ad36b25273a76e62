"""Whether an elector may vote now."""

from datetime import datetime
from typing import TYPE_CHECKING

from portal.ballots import rules
from portal.ballots.states import BallotState
from portal.core.actor import Actor
from portal.core.decisions import ALLOWED, Decision, deny

if TYPE_CHECKING:
    from portal.ballots.queries import Chance


def can_cast(actor: Actor, chance: "Chance", now: datetime) -> Decision:
    """Cast a vote, or cast it anew: those on the frozen roll, while the ballot is open."""
    ballot = chance.ballot
    if chance.elector is None:
        return deny("not_an_elector")
    if ballot.state is not BallotState.OPEN:
        return deny("ballot_closed")
    if not rules.in_season(ballot.opens_at, ballot.closes_at, now):
        return deny("ballot_closed")
    return ALLOWED
