"""派单: lists, the holder's verbs on the phone, a batch in one act, and missed limits."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.core import work
from portal.core.db import db
from portal.core.errors import Refused
from portal.core.uow import transaction
from portal.core.work import WorkItem
from portal.problems import queries, services
from portal.problems.models import Assignment, Measure, Problem, Step
from portal.problems.states import AssignmentState, ProblemState
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock
from tests.support.page_client import PageClient
from tests.support.pictures import picture

P, A = ProblemState, AssignmentState


def fresh(problem: Problem) -> Problem:
    db.session.rollback()
    return db.session.get_one(Problem, problem.id, populate_existing=True)


def held(problem: Problem) -> Assignment:
    db.session.rollback()
    return queries.held_now(problem)


def test_the_holder_acknowledges_and_finishes(world: World, client: PageClient) -> None:
    problem = problems.make(world, "assigned", holder="cao")
    page = client.sign_in("cao").get("/").click(problem.title)
    assert not page.has_link("Done: report it")
    page = page.form("Acknowledge").submit()
    page = page.click("Done: report it")
    page = page.form("It is done").submit(words="换了灯泡。", expect=422)
    assert "A photo of the result is missing" in page
    assert page.form("It is done").value("words") == "换了灯泡。"
    page = page.form("It is done").submit(photos=[picture()])
    assert "Somebody else checks it" in page
    assert held(problem).state is A.DONE
    assert fresh(problem).state is P.RESOLVED


def test_a_file_that_is_no_picture_is_refused_in_the_form(world: World, client: PageClient) -> None:
    problem = problems.make(world, "acknowledged", holder="cao")
    page = client.sign_in("cao").get(f"/assignments/{problem.ref}/finish")
    bad = picture()
    bad.stream.write(b"not a picture at all, really")
    bad.stream.seek(0)
    page = page.form("It is done").submit(words="好了。", photos=[bad], expect=422)
    assert page.form("It is done").value("words") == "好了。"
    assert held(problem).state is A.ACKNOWLEDGED


@pytest.mark.parametrize("key", ["zhang", "zhou", "qian"])
def test_only_the_holder_acts(world: World, client: PageClient, key: str) -> None:
    problem = problems.make(world, "acknowledged", holder="cao", release=False)
    client.sign_in(key)
    expect = 403 if key == "zhou" else 404  # the community sees it, the others don't know of it
    client.get(f"/assignments/{problem.ref}/finish", expect=expect)
    client.get(f"/assignments/{problem.ref}/hand-back", expect=expect)


def test_hand_back_refused_and_then_given_to_another(world: World, client: PageClient) -> None:
    problem = problems.make(world, "assigned", holder="cao")
    limit = problem.due_at
    page = client.sign_in("cao").get(f"/assignments/{problem.ref}").click("Not our duty")
    page.form("Ask the street").submit(words="线路归供电所。")
    assert held(problem).state is A.HANDING_BACK
    street = client.again().sign_in("zhao")
    page = street.get("/dispatch/assignments")
    assert "Asking to hand back" in page
    page = street.get(f"/dispatch?case={problem.ref}").click("Keep the holder")
    assert "线路归供电所。" in page
    page.form("Keep the holder").submit(words="灯具归物业。")
    assert held(problem).state is A.ACKNOWLEDGED
    assert fresh(problem).due_at == limit  # the clock never stopped
    client.get(f"/assignments/{problem.ref}").click("Not our duty").form("Ask").submit(words="再说")
    page = street.get(f"/p/{problem.ref}/assign")
    page = page.form("Assign").submit(holder="chaoyangli-property", expect=422)
    assert "This unit holds it already" in page
    page.form("Assign").submit(holder="wanghu-power", supporters=["chaoyangli-property"])
    assert held(problem).holder.code == "wanghu-power"
    client.get(f"/assignments/{problem.ref}/finish", expect=403)


def test_the_list_shows_what_my_units_hold(
    world: World, client: PageClient, count_queries: Callable[..., Any]
) -> None:
    mine = [problems.make(world, "assigned", holder="cao") for _ in range(3)]
    problems.make(world, "assigned", holder="zhou", title="社区的事")
    client.sign_in("cao").get("/assignments")
    with count_queries() as asked:
        page = client.get("/assignments")
    # The page asks once; the frame (session, seats, badges, news) takes the others.
    assert asked.count <= 6, "\n".join(asked.statements)
    assert all(problem.title in page for problem in mine)
    assert "社区的事" not in page
    assert mine[0].title not in client.get("/assignments?show=done")
    assert mine[0].title in client.get("/assignments?show=nonsense")


def test_keyset_pages_meet_without_a_gap(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.problems.queries.desk.PAGE_SIZE", 2)
    made = [problems.make(world, "assigned", holder="cao").ref for _ in range(5)]
    actor, seen, cursor = world.actor("cao"), [], None
    while True:
        page = queries.held_by(actor, "open", cursor)
        seen += [one.ref for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == made


def test_the_street_filters_by_holder(world: World, client: PageClient) -> None:
    problems.make(world, "assigned", holder="cao", title="物业的事")
    problems.make(world, "assigned", holder="zhou", title="社区的事")
    page = client.sign_in("zhao").get("/dispatch/assignments?holder=chaoyangli-property")
    assert "物业的事" in page
    assert "社区的事" not in page.main


# --- several at once ----------------------------------------------------------------------------


def test_a_batch_is_given_in_one_act(world: World, client: PageClient) -> None:
    made = [problems.make(world, "accepted") for _ in range(3)]
    page = client.sign_in("zhao").get("/dispatch/assignments")
    form = page.form("Assign the ticked ones")
    page = form.submit(ref=[made[0].ref, made[1].ref])
    page.form("Assign all").submit(holder="wanghu-power", note="一起看。")
    assert [fresh(one).state for one in made] == [P.HANDLING, P.HANDLING, P.ACCEPTED]


def test_a_batch_is_given_whole_or_not_at_all(world: World, client: PageClient) -> None:
    good, bad = problems.make(world, "accepted"), problems.make(world, "assigned", holder="xu")
    client.sign_in("zhao")
    page = client.get(f"/assign?ref={good.ref}&ref={bad.ref}")
    page = page.form("Assign all").submit(holder="wanghu-power", note="一起看。", expect=422)
    assert "Nothing was assigned." in page
    assert page.form("Assign all").value("note") == "一起看。"
    assert fresh(good).state is P.ACCEPTED


def test_a_batch_that_changed_meanwhile_is_a_conflict(world: World, client: PageClient) -> None:
    one, two = problems.make(world, "accepted"), problems.make(world, "accepted")
    page = client.sign_in("zhao").get(f"/assign?ref={one.ref}&ref={two.ref}")
    with transaction():
        services.join(queries.lock(two.id), actor=world.actor("li"), now=two.due_at)
    page.form("Assign all").submit(holder="wanghu-power", expect=409)
    assert fresh(one).state is P.ACCEPTED


def test_a_batch_has_an_end(world: World, client: PageClient) -> None:
    client.sign_in("zhao").get("/assign", expect=404)
    problem = problems.make(world, "accepted")
    client.get(f"/assign?ref={problem.ref}&ref=261199999999", expect=404)
    client.again().sign_in("qian").get(f"/assign?ref={problem.ref}", expect=404)


# --- measures -----------------------------------------------------------------------------------


def test_a_measure_names_person_time_method_and_evidence(world: World, client: PageClient) -> None:
    problem = problems.make(world, "accepted")
    page = client.sign_in("zhou").get(f"/p/{problem.ref}/take-measure")
    page = page.form("Write it down").submit(
        method="persuade", words="上门劝停。", taken_at="2026-11-26T09:00", expect=422
    )
    assert "This time lies in the future." in page
    page.form("Write it down").submit(taken_at="2026-11-24T21:00", photos=[picture()])
    measure = db.session.scalars(select(Measure)).one()
    assert (measure.method, measure.has_evidence) == ("persuade", True)
    assert measure.person_id == world.person("zhou")
    assert measure.taken_at.isoformat() == "2026-11-24T13:00:00+00:00"
    step = db.session.get_one(Step, measure.step_id)
    assert step.slots["method"] == "persuade"


def test_a_holder_does_not_finish_under_a_live_whistle(world: World) -> None:
    problem = problems.make(world, "acknowledged", holder="cao")
    now = problem.due_at
    with transaction():
        services.whistle(queries.lock(problem.id), quiet=False, actor=world.actor("zhao"), now=now)
    with pytest.raises(Refused, match="whistle_live"), transaction():
        services.finish(
            queries.lock_held(problem.id), result="好了", photos=[problems.photo(world)],
            actor=world.actor("cao"), now=now,
        )  # fmt: skip
    assert fresh(problem).state is P.WHISTLED


# --- missed limits ------------------------------------------------------------------------------


def overdue(problem: Problem) -> list[str]:
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Step.tag)
            .where(Step.problem_id == problem.id, Step.tag.like("%fall-due"))
            .order_by(Step.id)
        )
    )


def run_due(app: Flask) -> None:
    while work.run_due(app.extensions["work"]):
        pass


def test_a_missed_limit_is_noticed_once(app: Flask, world: World, travel: Clock) -> None:
    problem = problems.make(world)
    travel(minutes=29, seconds=59)
    run_due(app)
    assert overdue(problem) == []
    travel(seconds=1)
    run_due(app)
    run_due(app)
    travel(hours=5)
    run_due(app)
    assert overdue(problem) == ["problems:problem:fall-due"]


def test_who_keeps_the_limits_hears_nothing(app: Flask, world: World, travel: Clock) -> None:
    problem = problems.make(world, "verified")
    travel(days=20)
    run_due(app)
    assert overdue(problem) == []


def test_a_holder_who_does_not_acknowledge_is_noticed(
    app: Flask, world: World, travel: Clock
) -> None:
    problem = problems.make(world, "assigned", holder="cao")
    travel(hours=2)
    run_due(app)
    assert overdue(problem) == ["problems:assignment:fall-due"]


def test_a_sent_back_problem_is_late_at_its_own_limit(
    app: Flask, world: World, travel: Clock
) -> None:
    problem = problems.make(world, "finished", holder="cao")
    with transaction():
        services.send_back(
            queries.lock(problem.id), finding="还差", actor=world.actor("zhao"), now=travel.now
        )
    travel(days=7)
    run_due(app)
    assert overdue(problem) == ["problems:problem:fall-due"]


def test_an_undone_merge_waits_under_a_limit_of_its_own(
    app: Flask, world: World, travel: Clock
) -> None:
    target, double = problems.make(world, "accepted"), problems.make(world)
    zhao = world.actor("zhao")
    with transaction():
        services.merge(
            queries.lock(double.id), into=queries.lock(target.id), actor=zhao, now=travel.now
        )
    travel(hours=1)
    run_due(app)
    assert overdue(double) == []
    with transaction():
        services.unmerge(queries.lock(double.id), actor=zhao, now=travel.now)
    travel(minutes=30)
    run_due(app)
    assert overdue(double) == ["problems:problem:fall-due"]
    open_items = db.session.scalar(
        select(func.count())
        .select_from(WorkItem)
        .where(WorkItem.kind == "problems:overdue", WorkItem.done_at.is_(None))
    )
    assert open_items == 1  # the target's own limit
