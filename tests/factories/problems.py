"""Problems in every state, made the way they come about: through services, by the cast.

    problem = make(world)                               # submitted by 王女士
    problem = make(world, "accepted", category="noise")
    problem = make(world, "finished", holder="cao")     # acknowledged, then done with a photo

Each call is one act after another at the clock's moment and returns the problem committed.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from factory.base import Factory
from factory.declarations import Sequence
from flask import current_app

from portal.core.db import db
from portal.core.uow import transaction
from portal.media import services as media
from portal.media.models import Media
from portal.problems import queries, rules, services
from portal.problems.models import Assignment, Problem
from portal.problems.states import Audience, Urgency
from tests.factories.world import World
from tests.support.pictures import picture_bytes

ORDER = ("submitted", "accepted", "assigned", "acknowledged", "finished", "verified")


class NewProblemFactory(Factory):
    """What a submission brings, with words of its own each time."""

    class Meta:
        model = services.NewProblem

    title = Sequence(lambda n: f"{n + 1} 号楼道灯不亮")
    body = Sequence(lambda n: f"楼道灯坏了第 {n + 1} 天，晚上看不见路。")
    audience = Audience.PUBLIC
    address = "朝阳里 7 号楼"


def photo(world: World, colour: str = "orange") -> Media:
    """Keep one photo, inside the act under way."""
    ready = media.prepare(
        picture_bytes(colour),
        limits=rules.picture_limits(world.book),
        storage=current_app.extensions["storage"],
    )
    return media.keep(ready, uploader_person_id=None, upload_session=None, now=datetime.now(UTC))


def make(
    world: World,
    upto: str = "submitted",
    *,
    reporter: str = "wang",
    category: str = "lighting",
    holder: str = "cao",
    urgency: Urgency = Urgency.L3,
    release: bool = True,
    supporters: tuple[str, ...] = (),
    **fields: Any,
) -> Problem:
    """Return a problem that has gone as far as `upto` (see ORDER)."""
    home = world.home(fields.pop("community", "朝阳里"))
    fields = vars(home) | {"category_id": world.category(category)} | fields
    new = NewProblemFactory.build(**fields)
    now = datetime.now(UTC)
    with transaction():
        problem = services.submit(
            new, reporter_id=world.person(reporter), actor=world.actor(reporter), now=now
        )
        problem_id = problem.id
    stages: dict[str, Callable[[], None]] = {
        "accepted": lambda: _accept(world, problem_id, urgency, category, release),
        "assigned": lambda: _assign(world, problem_id, holder, supporters),
        "acknowledged": lambda: services.acknowledge(
            _held(problem_id), actor=world.actor(holder), now=now
        ),
        "finished": lambda: services.finish(
            _held(problem_id), result="已经修好。", photos=[photo(world, "green")],
            actor=world.actor(holder), now=now,
        ),
        "verified": lambda: services.verify(
            queries.lock(problem_id), finding="现场看过，灯亮了。",
            actor=world.actor("zhou"), now=now,
        ),
    }  # fmt: skip
    for stage in ORDER[1 : ORDER.index(upto) + 1]:
        with transaction():
            stages[stage]()
    return db.session.get_one(Problem, problem_id)


def _held(problem_id: int) -> Assignment:
    found = queries.live_assignment(problem_id)
    assert found is not None
    return found


def _accept(world: World, problem_id: int, urgency: Urgency, category: str, release: bool) -> None:
    services.accept(
        queries.lock(problem_id), urgency=urgency, category_id=world.category(category),
        release=release, actor=world.actor("zhao"), now=datetime.now(UTC),
    )  # fmt: skip


def _assign(world: World, problem_id: int, holder: str, supporters: tuple[str, ...]) -> None:
    services.assign(
        queries.lock(problem_id), holder_unit_id=world.unit_of(holder),
        supporter_unit_ids=[world.unit_of(key) for key in supporters], note="请尽快处理。",
        actor=world.actor("zhao"), now=datetime.now(UTC),
    )  # fmt: skip


def late(problem: Problem, by: timedelta = timedelta(minutes=1)) -> datetime:
    """Return a moment at which the problem's present clock has run out."""
    return problem.due_at + by
