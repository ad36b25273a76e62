"""A resident supervisor's visit: it holds the closing, departments wait, lateness goes up."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from portal.core import work
from portal.core.db import db
from portal.core.errors import Forbidden, Refused
from portal.core.uow import transaction
from portal.organisations.models import Mandate
from portal.problems import queries as problem_queries
from portal.problems import services as problem_services
from portal.problems.models import Problem, Step
from portal.problems.states import ProblemState
from portal.supervision import queries, services
from portal.supervision.models import Visit
from portal.supervision.services import Presence
from portal.supervision.states import Rung, VisitState
from portal.whistles import queries as whistle_queries
from portal.whistles.states import CalloutState
from tests.factories import calls, problems
from tests.support.pictures import picture


def now():
    return datetime.now(UTC)


def invited(world, problem, key="liu"):
    with transaction():
        visit = services.invite(
            problem_queries.lock(problem.id), supervisor_id=world.person(key),
            actor=world.actor("zhao"), now=now(),
        )  # fmt: skip
        return visit.id


def act(world, verb, visit_id, key="liu", **more):
    with transaction():
        getattr(services, verb)(queries.lock(visit_id), actor=world.actor(key), now=now(), **more)
    return db.session.get_one(Visit, visit_id)


def seen(world, visit_id):
    act(world, "accept", visit_id)
    act(world, "sign_in", visit_id, presence=Presence(), code="", secret="x" * 32)
    return act(world, "write_finding", visit_id, words="灯亮了两盏，还有一盏没亮。", photos=[])


def verify(world, problem_id, key="zhou"):
    with transaction():
        problem_services.verify(
            problem_queries.lock(problem_id), finding="看过了", actor=world.actor(key), now=now()
        )


def test_an_accepted_visit_holds_the_check_until_it_is_signed_off(world):
    problem = problems.make(world, "acknowledged")
    visit_id = invited(world, problem)
    act(world, "accept", visit_id)
    with transaction():
        held = problem_queries.live_assignment(problem.id)
        assert held is not None
        problem_services.finish(
            held, result="修好了",
            photos=[problems.photo(world)], actor=world.actor("cao"), now=now(),
        )  # fmt: skip
    with pytest.raises(Forbidden, match="held"):
        verify(world, problem.id)
    act(world, "sign_in", visit_id, presence=Presence(), code="", secret="x" * 32)
    act(world, "write_finding", visit_id, words="都亮了。", photos=[])
    act(world, "sign_off", visit_id)
    verify(world, problem.id)
    assert problem_queries.lock(problem.id).state is ProblemState.RATING


def test_an_objection_holds_until_answered_and_looked_at_again(world):
    problem = problems.make(world, "finished")
    visit_id = invited(world, problem)
    seen(world, visit_id)
    act(world, "object", visit_id, reason="还有一盏没亮")
    with pytest.raises(Forbidden, match="held"):
        verify(world, problem.id)
    with pytest.raises(Forbidden, match="wrong_state"):
        act(world, "sign_off", visit_id)
    act(world, "answer", visit_id, key="zhao", words="第三盏下午换好了")
    with pytest.raises(Forbidden, match="held"):
        verify(world, problem.id)
    act(world, "sign_off", visit_id)
    verify(world, problem.id)


def test_departments_wait_for_the_supervisor(world):
    whistle = calls.make(world, "emergency")
    visit_id = invited(world, matter_of(whistle))
    seen(world, visit_id)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "stood_down")
    assert line.state is CalloutState.DONE
    act(world, "sign_off", visit_id)
    assert calls.callout(whistle, "yunhu-gas").state is CalloutState.STOOD_DOWN


def test_an_objection_sends_departments_back_to_work(world):
    whistle = calls.make(world, "emergency")
    visit_id = invited(world, matter_of(whistle))
    seen(world, visit_id)
    calls.go(world, calls.callout(whistle, "yunhu-gas"), "done")
    act(world, "object", visit_id, reason="还有气味")
    assert calls.callout(whistle, "yunhu-gas").state is CalloutState.ACTING


def test_a_whistle_blown_later_waits_for_who_was_already_coming(world):
    problem = calls.problem(world, "emergency")
    visit_id = invited(world, problem)
    act(world, "accept", visit_id)
    whistle = calls.make(world, "emergency", problem)
    assert db.session.get_one(Visit, visit_id).whistle_id == whistle.id
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "stood_down")
    assert line.state is CalloutState.DONE


def test_a_covert_enforcement_waits_for_no_supervisor(world):
    problem = calls.problem(world, "enforcement")
    visit_id = invited(world, problem)
    act(world, "accept", visit_id)
    whistle = calls.make(world, "enforcement", problem)
    assert db.session.get_one(Visit, visit_id).whistle_id is None
    line = calls.go(world, calls.callout(whistle, "yunhu-chengguan"), "stood_down")
    assert line.state is CalloutState.STOOD_DOWN


def test_nobody_comes_any_more_once_residents_are_asked(world):
    problem = problems.make(world, "finished")
    visit_id = invited(world, problem)
    verify(world, problem.id)
    with pytest.raises(Forbidden):
        act(world, "accept", visit_id)
    assert problem_queries.held_verbs(problem.id) == frozenset()


def test_a_late_sign_off_goes_to_the_leader_then_to_the_district(world, app, travel):
    problem = problems.make(world, "finished")
    visit_id = invited(world, problem)
    seen(world, visit_id)
    registry = app.extensions["work"]
    with pytest.raises(Forbidden, match="supervisor_has_time"):
        act(world, "sign_in_place", visit_id, key="he", reason="到时未确认")
    travel(hours=25)
    run(registry)
    assert db.session.get_one(Visit, visit_id).rung is Rung.STREET_LEADER
    travel(hours=25)
    run(registry)
    assert db.session.get_one(Visit, visit_id).rung is Rung.DISTRICT
    with pytest.raises(Forbidden, match="for_district"):
        act(world, "sign_in_place", visit_id, key="he", reason="到时未确认")
    visit = act(world, "sign_in_place", visit_id, key="lin", reason="三次联系不上监督员，照片齐全")
    assert visit.state is VisitState.CLOSED
    moved = db.session.scalars(
        select(Step.tag).where(Step.tag == "supervision:visit:move-up")
    ).all()
    assert len(moved) == 2
    verify(world, problem.id)


def test_an_invitation_lapses_and_holds_nothing(world, app, travel):
    problem = problems.make(world, "finished")
    visit_id = invited(world, problem)
    travel(hours=25)
    run(app.extensions["work"])
    assert db.session.get_one(Visit, visit_id).state is VisitState.LAPSED
    verify(world, problem.id)


def test_interest_and_missing_mandate_are_refused(world):
    problem = problems.make(world, "acknowledged", holder="cao")
    with pytest.raises(Refused, match="no_mandate"):
        invited(world, problem, "li")
    with transaction():
        mandate = db.session.scalars(
            select(Mandate).where(Mandate.person_id == world.person("liu"))
        ).one()
        mandate.declared_unit_id = world.unit_of("cao")
    with pytest.raises(Refused, match="interest_declared"):
        invited(world, problem)


def test_nobody_is_invited_twice(world):
    problem = problems.make(world, "acknowledged")
    invited(world, problem)
    with pytest.raises(Refused, match="invited_already"):
        invited(world, problem)


def test_near_the_place_is_proved_elsewhere_is_flagged(world):
    problem = problems.make(world, "acknowledged")
    near = invited(world, problem)
    act(world, "accept", near)
    here = Presence(problem.latitude, problem.longitude)
    visit = act(world, "sign_in", near, presence=here, code="", secret="x" * 32)
    assert (visit.sign_in_method, visit.flagged, visit.distance_m) == ("place", False, 0)
    other = problems.make(world, "acknowledged")
    far = invited(world, other)
    act(world, "accept", far)
    away = Presence((problem.latitude or 0) + 0.01, problem.longitude)
    visit = act(world, "sign_in", far, presence=away, code="", secret="x" * 32)
    assert (visit.sign_in_method, visit.flagged) == ("fallback", True)
    assert visit.distance_m == pytest.approx(1112, abs=5)


def test_the_visit_in_a_browser(world, client):
    problem = problems.make(world, "acknowledged")
    page = client.sign_in("zhao").get(f"/p/{problem.ref}/invite")
    page.form("Invite").submit(supervisor=str(world.person("liu")))
    page = client.again().sign_in("liu").get("/watch").click(problem.title)
    page = page.form("I come").submit()
    page = page.form("I am on site").submit()
    page = page.click("Write what I see")
    page = page.form("Write it down").submit(words="三号灯还没亮。", photos=picture())
    assert "三号灯还没亮。" in page
    picture_link = next(
        link for link in page.find_all("a") if "/photos/" in (link.get("href") or "")
    )
    served = client.again().sign_in("zhao")
    visit_path = page.path
    page = page.click("It isn't done yet").form("Send").submit(words="还差一盏")
    assert "还差一盏" in page
    answer = served.get(visit_path).click("Answer the objection")
    answer.form("Send").submit(words="下午换好了")
    assert picture_link.get("href").startswith(visit_path)
    public = client.again().get(f"/p/{problem.ref}")
    assert "三号灯还没亮。" in public
    assert "还差一盏" in public
    client.again().sign_in("wang").get(visit_path, expect=404)
    client.again().sign_in("wang").get(picture_link.get("href"), expect=404)


def test_a_photo_that_is_gone_loses_no_words(world, client):
    problem = problems.make(world, "acknowledged")
    visit_id = invited(world, problem)
    act(world, "accept", visit_id)
    visit = act(world, "sign_in", visit_id, presence=Presence(), code="", secret="x" * 32)
    page = client.sign_in("liu").get(f"/watch/{visit.ref}/finding")
    form = page.form("Write it down")
    hidden = {name: form.value(name) for name in ("csrf_token", "idempotency_key", "version")}
    answer = client.browser.post(
        page.path, data={**hidden, "words": "三号灯还没亮。", "photo_ids": "0" * 32}
    )
    assert answer.status_code == 422
    assert "三号灯还没亮。" in answer.text


def test_a_worker_of_the_holder_never_edits_a_finding(world, client):
    problem = problems.make(world, "acknowledged")
    visit_id = invited(world, problem)
    visit = seen(world, visit_id)
    client.sign_in("cao").get(f"/watch/{visit.ref}/finding", expect=404)
    client.again().sign_in("zhao").get(f"/watch/{visit.ref}/finding", expect=403)


def run(registry):
    while work.run_due(registry):
        pass


def matter_of(whistle):
    return db.session.get_one(Problem, whistle_queries.problem_ids(whistle.id)[0])
