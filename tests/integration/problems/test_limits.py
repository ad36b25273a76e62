"""A limit that passes is told once, whichever way the problem went meanwhile."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from portal.core import work
from portal.core.db import db
from portal.core.uow import transaction
from portal.problems import queries, services
from portal.problems.importing.orders import Order
from portal.problems.models import Problem, Step
from portal.problems.services import hotline, triage
from portal.problems.states import ProblemState, Urgency
from portal.satisfaction import services as satisfaction
from portal.satisfaction.rules import Answer, Grade, Solved
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock


def told(problem_id: int, stage: str) -> int:
    db.session.rollback()
    slots = db.session.scalars(
        select(Step.slots).where(
            Step.problem_id == problem_id, Step.tag == "problems:problem:fall-due"
        )
    )
    return [one["stage"] for one in slots].count(stage)


def run_due(app: Flask) -> None:
    while work.run_due(app.extensions["work"]):
        pass


def send_back(world: World, problem_id: int, travel: Clock) -> None:
    with transaction():
        services.send_back(
            queries.lock(problem_id), finding="还差", actor=world.actor("zhou"), now=travel.now
        )


def test_a_limit_that_passed_during_the_check_is_told_when_sent_back(
    app: Flask, world: World, travel: Clock
) -> None:
    problem = problems.make(world, "finished")
    problem_id = problem.id
    travel.to(problems.late(db.session.get_one(Problem, problem_id)).replace(year=2027))
    run_due(app)
    assert told(problem_id, "limit") == 0
    send_back(world, problem_id, travel)
    run_due(app)
    assert told(problem_id, "limit") == 1


def test_a_limit_told_before_is_not_told_again_when_sent_back(
    app: Flask, world: World, travel: Clock
) -> None:
    problem = problems.make(world, "acknowledged")
    problem_id = problem.id
    travel.to(problems.late(problem))
    run_due(app)
    with transaction():
        services.finish(
            queries.lock_held(problem_id), result="好了", photos=[problems.photo(world)],
            actor=world.actor("cao"), now=travel.now,
        )  # fmt: skip
    send_back(world, problem_id, travel)
    run_due(app)
    assert told(problem_id, "limit") == 1


def test_the_limit_before_a_reopening_is_not_told_beside_the_new_one(
    app: Flask, world: World, travel: Clock
) -> None:
    problem_id = problems.make(world, "verified", urgency=Urgency.L4).id
    with transaction():
        satisfaction.rate(
            queries.lock(problem_id), answer=Answer(Solved.NO, Grade.VERY_DISSATISFIED), words="",
            actor=world.actor("wang"), now=travel.now,
        )  # fmt: skip
    reopened = db.session.get_one(Problem, problem_id)
    assert reopened.state is ProblemState.REOPENED
    travel.to(problems.late(reopened))
    run_due(app)
    assert told(problem_id, "limit") == 1
    travel(days=30)
    run_due(app)
    assert told(problem_id, "limit") == 1


@pytest.fixture
def ordered(world: World, travel: Clock) -> tuple[int, Order, hotline.Scope]:
    """An order of the hotline that a holder works on."""
    home = world.home()
    order = Order(
        row=2, number="BJ-1", title="楼道灯不亮", body="三天了。", submitted_at=travel.now,
        reply=None, replied_at=None, due_at=None, follow_up=None,
        category="", street="", community="", address="",
    )  # fmt: skip
    scope = hotline.Scope(home.district_id, home.street_id, {}, {}, {})
    take_in(world, order, scope, travel)
    problem_id = db.session.scalars(select(Problem.id).where(Problem.external_no == "BJ-1")).one()
    zhao, lighting = world.actor("zhao"), world.category("lighting")
    with transaction():
        problem = queries.lock(problem_id)
        place = triage.Place(home.street_id, home.community_id)
        services.locate(problem, category_id=lighting, place=place, actor=zhao, now=travel.now)
        services.accept(
            problem, urgency=Urgency.L3, category_id=lighting, actor=zhao, now=travel.now
        )
        services.assign(problem, holder_unit_id=world.unit_of("cao"), actor=zhao, now=travel.now)
    return problem_id, order, scope


def take_in(world: World, order: Order, scope: hotline.Scope, travel: Clock) -> None:
    with transaction():
        hotline.take_in([order], scope, book=world.book, now=travel.now)


def test_the_hotlines_new_deadline_is_the_holders_and_is_watched(
    app: Flask, world: World, travel: Clock, ordered: tuple[int, Order, hotline.Scope]
) -> None:
    problem_id, order, scope = ordered
    first = db.session.get_one(Problem, problem_id).limit_at
    assert first is not None
    later = first.replace(year=first.year + 1)
    take_in(world, replace(order, due_at=later), scope, travel)

    held = queries.live_assignment(problem_id)
    assert held is not None
    assert held.due_at == later
    travel.to(first)
    run_due(app)
    assert told(problem_id, "limit") == 0
    travel.to(later)
    run_due(app)
    assert told(problem_id, "limit") == 1
