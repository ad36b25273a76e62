"""One street with a matter in every stage, so that every address has something to show.

Everything is by 王女士 about 朝阳里; 陈先生 joined; 吴强 (the street's team) holds; 张磊 (urban
management) is called out; 刘师傅 supervises.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy import select

from portal.core.db import db
from portal.core.uow import transaction
from portal.media.models import Media
from portal.problems import queries as problems
from portal.problems import services
from portal.problems.models import Photo, Problem
from portal.problems.states import Outcome, Urgency
from portal.whistles.models import Callout, CalloutPhoto, Whistle
from portal.whistles.states import Kind
from tests.factories import whistles
from tests.factories.problems import make
from tests.factories.world import World

UNIT = "yunhu-chengguan"


@dataclass
class Scenario:
    """References by stage: `problem:accepted`, `whistle:acting`, `visit:findings`, `photo`."""

    refs: dict[str, str] = field(default_factory=dict)


def build(world: World) -> Scenario:
    """Put the matters into the database (with the cast in it)."""
    made = Scenario()
    for stage in ("submitted", "accepted", "assigned", "acknowledged", "finished", "verified"):
        made.refs[f"problem:{stage}"] = _joined(world, make(world, stage, holder="wu")).ref
    made.refs["problem:unreleased"] = make(world).ref
    _special(world, made)
    _whistles(world, made)
    _visits(world, made)
    made.refs["photo"] = (
        db.session.scalars(
            select(Media.token)
            .join(Photo, Photo.media_id == Media.id)
            .join(Problem, Problem.id == Photo.problem_id)
            .where(Problem.ref == made.refs["problem:finished"])
        ).first()
        or ""
    )
    return made


def _now() -> datetime:
    return datetime.now(UTC)


def _joined(world: World, problem: Problem) -> Problem:
    problem_id = problem.id
    with transaction():
        row = problems.lock(problem_id)
        if row.released_at is None:
            services.publish(row, photo_ids=(), actor=world.actor("shen"), now=_now())
        services.join(row, actor=world.actor("chen"), now=_now())
    return db.session.get_one(Problem, problem_id)


def _special(world: World, made: Scenario) -> None:
    back = _joined(world, make(world, "acknowledged", holder="wu"))
    into = db.session.scalars(
        select(Problem).where(Problem.ref == made.refs["problem:accepted"])
    ).one()
    double = _joined(world, make(world))
    closed = _joined(world, make(world, "verified", holder="wu"))
    ids = back.id, into.id, double.id, closed.id
    made.refs |= {
        "problem:handing_back": back.ref,
        "problem:merged": double.ref,
        "problem:closed": closed.ref,
    }
    with transaction():
        held = problems.live_assignment(ids[0])
        assert held is not None
        services.hand_back(held, reason="非本队职责。", actor=world.actor("wu"), now=_now())
    with transaction():
        services.merge(
            problems.lock(ids[2]), into=problems.lock(ids[1]), actor=world.actor("zhao"), now=_now()
        )
    with transaction():
        # Twice reopened before: the third time the district decides.
        row = problems.lock(ids[3])
        row.reopenings = 2
        services.close(row, outcome=Outcome.FAILED, now=_now())
        services.reopen(row, by_reporter=True, now=_now())


def _matter(world: World, urgency: Urgency = Urgency.L3) -> Problem:
    found = make(world, "acknowledged", holder="wu", category="noise", urgency=urgency)
    return _joined(world, found)


def _whistles(world: World, made: Scenario) -> None:
    for stage in ("drafted", "screening", "approved"):
        made.refs[f"whistle:{stage}"] = whistles.blow(world, _matter(world), stage).ref
    for stage in whistles.LINE[:-1]:
        made.refs[f"whistle:{stage}"] = whistles.called(
            world, _matter(world), stage, others=("zheng",)
        ).ref
    for stage, steps in (
        ("handed_back", ("handed_back",)),
        ("recess_asked", ("acknowledged", "reported_in", "recess_asked")),
        ("recessed", ("acknowledged", "reported_in", "recess_asked", "recessed")),
    ):
        whistle = whistles.called(world, _matter(world))
        made.refs[f"whistle:{stage}"] = whistle.ref
        for step in steps:
            whistles.go(world, whistle, step)
    quiet = whistles.called(world, _matter(world), "stood_down", kind=Kind.ENFORCEMENT)
    made.refs["whistle:quiet"] = quiet.ref
    emergency = whistles.called(world, _matter(world, Urgency.L1), kind=Kind.EMERGENCY)
    made.refs["whistle:emergency"] = emergency.ref
    photo = db.session.scalars(
        select(Media.token)
        .join(CalloutPhoto, CalloutPhoto.media_id == Media.id)
        .join(Callout, Callout.id == CalloutPhoto.callout_id)
        .join(Whistle, Whistle.id == Callout.whistle_id)
        .where(Whistle.ref == made.refs["whistle:acting"])
    ).first()
    made.refs["whistle:photo"] = photo or ""


def _visits(world: World, made: Scenario) -> None:
    for stage in whistles.VISITED:
        made.refs[f"visit:{stage}"] = whistles.visited(world, _matter(world), stage).ref
