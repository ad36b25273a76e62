"""Many at once, and the last moment: one person one answer, one round one outcome (G3, G4)."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from flask import current_app
from sqlalchemy import func, select

from portal.audit.models import AuditEntry
from portal.ballots import queries as ballots
from portal.ballots import services as ballot_services
from portal.ballots.models import Turnout, Vote
from portal.core.db import db
from portal.core.errors import Forbidden, Refused
from portal.core.uow import transaction
from portal.problems.models import Problem
from portal.problems.states import ProblemState
from portal.satisfaction import queries, services
from portal.satisfaction.rules import Answer, FailedBy, Grade, Solved

TICK = timedelta(microseconds=1)
YES = Answer(Solved.YES, Grade.SATISFIED)
NO = Answer(Solved.NO, Grade.VERY_DISSATISFIED)


def at_once(acts: list[Callable[[], None]]) -> Counter[str]:
    """Do all acts in threads that start together, each in one transaction; count what came."""
    app = current_app._get_current_object()
    start = Barrier(len(acts))

    def run(act: Callable[[], None]) -> str:
        with app.app_context():
            start.wait()
            try:
                with transaction():
                    act()
            except Refused as refused:
                return refused.code
            except Forbidden as forbidden:
                return forbidden.decision.reason
            finally:
                db.session.remove()
            return "done"

    db.session.rollback()
    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def rating(rounds, problem_id, who, answer):
    """Return the act of one person's answer."""
    actor, now = rounds.actor(who), rounds.now
    return lambda: services.rate(
        db.session.get_one(Problem, problem_id), answer=answer, words="", actor=actor, now=now
    )


def test_fifty_answers_of_one_person_at_once_count_once(rounds):
    problem_id = rounds.rating()
    act = rating(rounds, problem_id, "li", YES)
    assert at_once([act] * 50) == {"done": 50}
    found = rounds.round(problem_id)
    assert queries.count(found).votes == 1
    assert db.session.scalar(select(func.count()).select_from(Turnout)) == 1
    assert db.session.scalar(select(func.count()).select_from(Vote)) == 50


def test_a_roomful_votes_in_the_same_second_and_nothing_is_lost(rounds):
    crowd = [rounds.resident(f"neighbour {n}") for n in range(30)]
    problem_id = rounds.rating()
    acts = [rating(rounds, problem_id, who, YES) for who in crowd]
    assert at_once(acts) == {"done": 30}
    assert queries.count(rounds.round(problem_id)).votes == 30


def test_the_reporter_says_no_in_two_tabs_while_others_answer(rounds):
    crowd = [rounds.resident(f"neighbour {n}") for n in range(12)]
    problem_id = rounds.rating("li")
    acts = [rating(rounds, problem_id, who, YES) for who in crowd]
    acts[6:6] = [rating(rounds, problem_id, "wang", NO)] * 3
    came = at_once(acts)
    assert sum(came.values()) == 15
    assert set(came) <= {"done", "ballot_closed"}
    assert (rounds.problem(problem_id).state, rounds.problem(problem_id).reopenings) == (
        ProblemState.REOPENED,
        1,
    )
    found = rounds.round(problem_id)
    assert found.failed_by is FailedBy.REPORTER
    assert ballots.roll(found.ballot_id).turnout == came["done"] == queries.count(found).votes


def test_the_worker_closes_while_the_reporter_says_no(rounds):
    problem_id = rounds.rating()
    ballot_id = rounds.round(problem_id).ballot_id
    acts = [
        lambda: ballot_services.close_ballot(ballot_id),
        rating(rounds, problem_id, "wang", NO),
        lambda: ballot_services.close_ballot(ballot_id),
    ]
    came = at_once(acts)
    assert set(came) <= {"done", "ballot_closed"}
    judged = select(func.count()).where(AuditEntry.tag == "satisfaction:round:judge")
    db.session.rollback()
    assert db.session.scalar(judged) == 1
    assert rounds.problem(problem_id).state in {ProblemState.REOPENED, ProblemState.CLOSED}


def test_the_closing_is_exact_and_the_database_judges(rounds, travel):
    problem_id = rounds.rating()
    closes_at = rounds.round(problem_id).ballot.closes_at
    travel.to(closes_at - TICK)
    rounds.rate(problem_id, "li")
    travel.to(closes_at)
    with pytest.raises(Forbidden):
        rounds.rate(problem_id, "chen")
    with pytest.raises(Refused) as caught, transaction():  # an application whose clock is slow
        services.rate(
            db.session.get_one(Problem, problem_id),
            answer=YES,
            words="",
            actor=rounds.actor("chen"),
            now=closes_at - timedelta(minutes=1),
        )
    assert caught.value.code == "ballot_closed"
    rounds.work()
    assert queries.count(rounds.round(problem_id)).votes == 1
    assert db.session.scalars(select(Vote.cast_at)).all() == [closes_at - TICK]
