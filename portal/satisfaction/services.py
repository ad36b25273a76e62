"""Open a round, rate, judge, settle: the problem follows what residents said.

Locks are always taken in one order, by people and by the worker: ballot, problem, round.
"""

from datetime import datetime

from sqlalchemy import func, select

from portal.ballots import services as ballots
from portal.ballots.services import Entry
from portal.ballots.states import Mode
from portal.core import uow
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import require
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.problems.models import Problem
from portal.problems.states import Outcome
from portal.rulebook import queries as rulebook
from portal.satisfaction import events, policies, queries, rules
from portal.satisfaction.models import RatingRound, RatingWords
from portal.satisfaction.rules import Answer, Capacity, FailedBy, RoundOutcome, Solved

CLOSED_AS = {
    RoundOutcome.PASSED: Outcome.SATISFIED,
    RoundOutcome.FAILED: Outcome.FAILED,
    RoundOutcome.TOO_FEW: Outcome.UNRATED,
}


def open_round(problem: Problem, *, now: datetime) -> RatingRound:
    """Ask the residents, with a fresh frozen roll; a roll without anyone runs out as too few."""
    book = rulebook.book(problem.edition_id)
    number = 1 + (
        db.session.scalar(
            select(func.max(RatingRound.number)).where(RatingRound.problem_id == problem.id)
        )
        or 0
    )
    ballot = ballots.open_ballot(
        f"problem:{problem.id}:round:{number}",
        mode=Mode.PERSON,
        roll=[Entry(person, why) for person, why in queries.roll(problem, now).items()],
        closes_at=book.due("satisfaction.open", now),
        quorum=book.number("satisfaction.opinions.least"),
        threshold=book.share("satisfaction.threshold"),
        now=now,
    )
    share = book.share("satisfaction.supporters.reopen")
    opened = RatingRound(
        problem_id=problem.id,
        ballot_id=ballot.id,
        number=number,
        supporters_share_top=share[0],
        supporters_share_bottom=share[1],
        shown_from=book.number("satisfaction.shown.least"),
    )
    db.session.add(opened)
    db.session.flush()
    problems.open_rating(problem, closes_at=ballot.closes_at, now=now)
    uow.record(events.RoundOpened(round_id=opened.id, problem_id=problem.id, number=number, at=now))
    return opened


def rate(problem: Problem, *, answer: Answer, words: str, actor: Actor, now: datetime) -> None:
    """Answer, or answer anew, until the ballot closes by the database's time.

    A 没解决 of the reporter, or of enough supporters, closes the round in this act and reopens.
    Raises Forbidden, and Refused `ballot_closed` when the time ran out meanwhile.
    """
    standing = queries.standing(problem, actor)
    require(policies.can_rate(actor, standing, now))
    found, chance = standing.round, standing.chance
    if found is None or chance is None or chance.elector is None or standing.person_id is None:
        raise RuntimeError("can_rate allowed somebody who is not on the roll")
    may_close = answer.solved is Solved.NO and chance.elector.capacity != Capacity.RESIDENT
    elector = ballots.cast(
        found.ballot_id,
        person_id=standing.person_id,
        choice=answer.as_choice(),
        actor=actor,
        may_close=may_close,
    )
    _keep_words(found.id, elector.id, words, now)
    if may_close and rules.reopens_at_once(queries.count(found), found.measures()):
        ballots.close_ballot(found.ballot_id)


def _keep_words(round_id: int, elector_id: int, words: str, now: datetime) -> None:
    known = db.session.get(RatingWords, elector_id)
    if known is None and words:
        db.session.add(
            RatingWords(elector_id=elector_id, round_id=round_id, body=words, written_at=now)
        )
    elif known is not None and words:
        known.body, known.written_at = words, now
    elif known is not None:
        db.session.delete(known)
    db.session.flush()


def judge(found: RatingRound, *, now: datetime) -> None:
    """Give the round of a closed ballot its outcome, and let the problem follow."""
    problem = problem_queries.lock(found.problem_id)
    verdict = rules.judge(queries.count(found), found.measures())
    found.outcome, found.failed_by, found.judged_at = verdict.outcome, verdict.failed_by, now
    db.session.flush()
    uow.record(
        events.RoundJudged(
            round_id=found.id,
            problem_id=found.problem_id,
            outcome=verdict.outcome,
            failed_by=verdict.failed_by or "",
            at=now,
        )
    )
    settle(found, problem, now=now)


def settle(found: RatingRound, problem: Problem, *, now: datetime) -> None:
    """Close the problem (locked) by the outcome and reopen a failed one; a hold makes it wait."""
    if found.outcome is None or queries.held(problem.id):
        return
    problems.close(problem, outcome=CLOSED_AS[found.outcome], now=now)
    found.settled_at = now
    db.session.flush()
    uow.record(events.RoundSettled(round_id=found.id, problem_id=problem.id, at=now))
    if found.outcome is RoundOutcome.FAILED:
        problems.reopen(problem, by_reporter=found.failed_by is FailedBy.REPORTER, now=now)
