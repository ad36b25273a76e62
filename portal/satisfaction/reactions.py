"""What satisfaction hears: a problem is verified, a ballot closed, a hold lifted."""

from portal.ballots.events import BallotClosed
from portal.core.bus import Bus
from portal.problems import queries as problems
from portal.problems.events import HoldLifted, ProblemVerified
from portal.satisfaction import queries, services


def subscribe(bus: Bus) -> None:
    """Let rounds open, be judged and be settled."""
    bus.subscribe(ProblemVerified, open_round)
    bus.subscribe(BallotClosed, judge)
    bus.subscribe(HoldLifted, settle)


def open_round(event: ProblemVerified) -> None:
    """Ask the residents as soon as somebody other than the handler found it done."""
    services.open_round(problems.lock(event.problem_id), now=event.at)


def judge(event: BallotClosed) -> None:
    """Judge the round, if the ballot was one of ours."""
    found = queries.round_of(event.ballot_id)
    if found is not None:
        services.judge(found, now=event.at)


def settle(event: HoldLifted) -> None:
    """Close what waited for this hold; another live hold makes it wait on."""
    if event.verb != "close":
        return
    problem = problems.lock(event.problem_id)
    found = queries.waiting_round(problem.id)
    if found is not None:
        services.settle(found, problem, now=event.at)
