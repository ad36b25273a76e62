"""The worker's part: each step of the ladder exactly once, and none after the answer."""

from datetime import timedelta

from sqlalchemy import func, select

from portal.core import work
from portal.core.db import db
from portal.core.uow import transaction
from portal.core.work import WorkItem
from portal.whistles import queries, services
from portal.whistles.models import Escalation, Whistle
from tests.factories import calls


def work_now(app):
    done = 0
    while ran := work.run_due(app.extensions["work"]):
        done += ran
    assert not db.session.scalar(
        select(func.count()).where(
            WorkItem.error.like("%Error%") | WorkItem.error.like("%Refused%")
        )
    )
    db.session.rollback()
    return done


def taken(line, clock=None):
    query = select(Escalation.clock, Escalation.rung).where(Escalation.callout_id == line.id)
    rows = db.session.execute(query.order_by(Escalation.id)).all()
    return [(str(c), str(r)) for c, r in rows if clock is None or c == clock]


def test_the_ladder_fires_each_step_once(app, world, travel):
    whistle = calls.make(world)
    line = calls.callout(whistle, "yunhu-gas")
    work_now(app)
    assert taken(line) == []
    travel(minutes=8)
    work_now(app)
    assert taken(line) == [("acknowledge", "officer")]
    travel(minutes=60)
    work_now(app)
    work_now(app)
    assert taken(line, "acknowledge") == [
        ("acknowledge", rung) for rung in ("officer", "unit_head", "street", "district")
    ]
    assert len(taken(line, "arrive")) == 4
    assert len(set(taken(line))) == len(taken(line))


def test_an_answer_takes_the_steps_back(app, world, travel):
    whistle = calls.make(world)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "reported_in")
    travel(hours=3)
    work_now(app)
    assert taken(line, "acknowledge") == []
    assert taken(line, "arrive") == []
    line = calls.callout(whistle, "yunhu-gas")
    assert line.absent_at is None
    other = calls.callout(whistle, "wanghu-power")
    assert len(taken(other, "arrive")) == 4


def test_absence_is_marked_kept_by_the_late_and_corrected_by_the_district(app, world, travel):
    whistle = calls.make(world)
    travel(minutes=91)
    work_now(app)
    line = calls.callout(whistle, "yunhu-gas")
    assert line.absent_at is not None
    line = calls.go(world, line, "reported_in")
    assert line.absent_at is not None
    steps = queries.steps(whistle.id, inside=False)
    came = next(s for s, _b, _o in steps if s.tag == "whistles:callout:report-in")
    assert came.slots["late"] is True
    with transaction():
        services.correct_absence(
            queries.lock_callout(line.id), reason="电话早已说明。", actor=world.actor("lin"),
            now=calls.now(),
        )  # fmt: skip
    assert calls.callout(whistle, "yunhu-gas").absent_at is None


def test_the_resolve_clock_goes_on_after_a_refusal(app, world, travel):
    whistle = calls.make(world)
    line = calls.go(world, calls.callout(whistle, "yunhu-gas"), "done")
    travel(hours=23)
    work_now(app)
    assert taken(line, "resolve") == []
    with transaction():
        services.refuse_sign_off(
            queries.lock_callout(line.id), reason="还有味。", actor=world.actor("zhao"),
            now=calls.now(),
        )  # fmt: skip
    work_now(app)
    assert taken(line, "resolve") == [("resolve", "officer")]
    travel(hours=20)
    work_now(app)
    assert len(taken(line, "resolve")) == 4


def test_an_emergency_nobody_reviews_is_misblown(app, world, travel):
    whistle = calls.make(world)
    reviewed = calls.make(world)
    with transaction():
        services.review(
            queries.lock(reviewed.id), misblown=False, reason="属实。", actor=world.actor("lin"),
            now=calls.now(),
        )  # fmt: skip
    travel(hours=25)
    work_now(app)
    assert db.session.get_one(Whistle, whistle.id).misblown is True
    assert db.session.get_one(Whistle, reviewed.id).misblown is False
    with transaction():
        services.review(
            queries.lock(whistle.id), misblown=False, reason="补复核。", actor=world.actor("lin"),
            now=calls.now(),
        )  # fmt: skip
    assert db.session.get_one(Whistle, whistle.id).misblown is False


def test_a_cancelled_whistle_leaves_no_clock_running(app, world, travel):
    whistle = calls.make(world)
    with transaction():
        services.cancel(
            queries.lock(whistle.id), reason="误会。", actor=world.actor("he"), now=calls.now()
        )
    travel(minutes=int(timedelta(days=2).total_seconds() // 60))
    work_now(app)
    assert db.session.scalar(select(func.count()).select_from(Escalation)) == 0
    assert calls.callout(whistle, "yunhu-gas").absent_at is None
