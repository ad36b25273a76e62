"""Web and worker are killed with -9 while the story is told: nothing acknowledged is lost, no
step happens twice."""

import random
import threading
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from portal.audit import services as audit
from portal.ballots.models import Turnout
from portal.core.db import db
from portal.core.work import WorkItem
from portal.problems.models import Problem, Step
from tests.stories.teller import Story

ONCE = {
    "problems:problem:submit", "problems:problem:accept", "problems:problem:assign",
    "problems:assignment:acknowledge", "problems:assignment:finish", "problems:problem:resolve",
    "problems:problem:verify", "problems:problem:open-rating",
}  # fmt: skip


@pytest.mark.parametrize(("told", "kills"), [(1, 2), pytest.param(8, 20, marks=pytest.mark.check)])
def test_a_story_under_fire(app, world, live, travel, told, kills) -> None:
    story = Story(app, world, travel, live.url)
    stop, dice, killed = threading.Event(), random.Random(9), []

    def shoot() -> None:
        for number in range(kills):
            if stop.wait(dice.uniform(0.2, 1.5)):
                return
            what = ("web", "worker")[number % 2]
            live.kill(what)
            killed.append(what)

    gunman = threading.Thread(target=shoot)
    gunman.start()
    refs = []
    for number in range(told):
        refs.append(story.handled(f"第 {number} 盏路灯不亮。"))
        story.rate("wang", refs[-1], "yes", 5)
    gunman.join(300)
    stop.set()

    assert len(killed) == kills
    db.session.rollback()
    for ref in refs:
        problem = db.session.scalars(select(Problem).where(Problem.ref == ref)).one()
        assert problem.state == "rating"
        tags = Counter(db.session.scalars(select(Step.tag).where(Step.problem_id == problem.id)))
        assert {tag: tags[tag] for tag in ONCE} == dict.fromkeys(ONCE, 1)
    assert db.session.scalar(select(func.count()).select_from(Turnout)) == told
    assert audit.verify().fault == ""
    _nothing_stays_due()


def _nothing_stays_due() -> None:
    """The worker that came after catches up with what was due."""
    overdue = select(func.count()).where(
        WorkItem.done_at.is_(None), WorkItem.due_at <= func.current_timestamp()
    )
    for _ in range(240):
        left = db.session.scalar(overdue)
        db.session.rollback()
        if not left:
            return
        time.sleep(0.5)
    raise AssertionError(f"{left} rows stay due")
