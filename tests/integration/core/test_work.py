"""Due work: each effect exactly once, however many workers, whatever is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from portal.core import work
from portal.core.db import db
from portal.core.uow import transaction
from portal.core.work import Registry, WorkItem
from portal.places.models import Compound

ITEMS = 40


def plan(world, count: int, *, due: timedelta = timedelta(0)) -> None:
    with transaction():
        for number in range(count):
            work.schedule(
                "mark", f"case:{number}", datetime.now(UTC) + due, at=world.community, n=number
            )


def mark(item: WorkItem, now: datetime) -> None:
    """The effect: one row for the case; twice would show."""
    db.session.add(Compound(community_id=item.payload["at"], name=f"marked {item.payload['n']}"))


def marked() -> dict[str, int]:
    rows = db.session.execute(
        select(Compound.name, func.count())
        .where(Compound.name.like("marked%"))
        .group_by(Compound.name)
    )
    found = dict(rows.all())
    db.session.rollback()
    return found


def registry(**handlers) -> Registry:
    found = Registry()
    for kind, handler in ({"mark": mark} | handlers).items():
        found.register(kind, handler)
    return found


def test_only_what_is_due_is_done_and_once(world, travel) -> None:
    plan(world, 3, due=timedelta(hours=1))

    assert not work.is_due()
    assert work.run_due(registry()) == 0
    travel(hours=1)
    assert work.is_due()
    assert work.run_due(registry()) == 3
    assert work.run_due(registry()) == 0
    assert marked() == {f"marked {n}": 1 for n in range(3)}


def test_what_was_put_off_after_the_claim_waits(world) -> None:
    plan(world, 1)
    (claimed,) = work.claim(5)
    plan(world, 1, due=timedelta(hours=1))

    assert not work.run(claimed, registry())
    assert marked() == {}


def test_planning_again_moves_an_open_item_and_leaves_a_done_one(world, travel) -> None:
    plan(world, 1, due=timedelta(hours=1))
    plan(world, 1, due=timedelta(hours=2))
    travel(hours=1)
    assert work.run_due(registry()) == 0
    travel(hours=1)
    assert work.run_due(registry()) == 1

    plan(world, 1)
    assert work.run_due(registry()) == 0


def test_cancelled_work_is_not_done(world) -> None:
    plan(world, 2)
    with transaction():
        work.cancel("mark", "case:0", datetime.now(UTC))

    assert work.run_due(registry()) == 1
    assert marked() == {"marked 1": 1}


def test_a_failure_leaves_no_effect_and_is_tried_later(world, travel) -> None:
    def fail(item: WorkItem, now: datetime) -> None:
        mark(item, now)
        db.session.flush()
        raise ZeroDivisionError("not today")

    plan(world, 1)
    broken = Registry()
    broken.register("mark", fail)

    assert work.run_due(broken) == 0
    assert marked() == {}
    item = db.session.scalars(select(WorkItem)).one()
    assert item.attempts == 1
    assert item.error is not None
    assert "not today" in item.error
    assert work.run_due(registry()) == 0, "it rests first"
    travel(minutes=1)
    assert work.run_due(registry()) == 1


def test_a_failure_is_tried_ever_more_rarely(world, travel) -> None:
    def fail(item: WorkItem, now: datetime) -> None:
        raise ZeroDivisionError

    plan(world, 1)
    broken = Registry()
    broken.register("mark", fail)
    waits = []
    for _ in range(9):
        assert work.run_due(broken) == 0
        item = db.session.scalars(select(WorkItem)).one()
        assert item.lease_until is not None
        waits.append(item.lease_until - datetime.now(UTC))
        travel.to(item.lease_until + timedelta(seconds=1))

    assert waits == sorted(waits)
    assert waits[-1] == work.RETRY_CAP


def test_a_dead_workers_lease_runs_out(world, travel) -> None:
    plan(world, 1)
    assert len(work.claim(10)) == 1

    assert work.run_due(registry()) == 0, "somebody has it"
    travel(seconds=work.LEASE.total_seconds() + 1)
    assert work.run_due(registry()) == 1


def test_a_leaving_worker_gives_back_what_it_did_not_begin(world) -> None:
    plan(world, 1)
    work.release(work.claim(10))

    assert work.run_due(registry()) == 1


def test_an_item_leased_twice_is_done_once(world) -> None:
    """A worker that slept past its lease wakes up beside the one that took over."""
    plan(world, 1)
    (item_id,) = work.claim(10)

    assert work.run(item_id, registry()) is True
    assert work.run(item_id, registry()) is False
    assert marked() == {"marked 0": 1}


def test_a_kind_has_one_handler() -> None:
    with pytest.raises(ValueError, match="has a handler already"):
        registry().register("mark", mark)


def test_three_workers_do_each_item_once(app, world) -> None:
    plan(world, ITEMS)
    done: list[object] = []
    faults: list[object] = []

    def worker() -> None:
        try:
            with app.app_context():
                done.extend(work.run_due(registry(), limit=5) for _ in range(20))
                db.session.remove()
        except Exception as error:  # noqa: BLE001 - shown below
            faults.append(error)

    threads = [threading.Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert faults == []
    assert sum(done) == ITEMS
    assert marked() == {f"marked {n}": 1 for n in range(ITEMS)}


CHILD = """
import sys
from pathlib import Path
from datetime import datetime
from portal.app import create_app
from portal.core import work
from portal.core.db import db
from tests.integration.core.test_work import registry
from tests.support.databases import settings
app = create_app(settings(Path(sys.argv[1]), sys.argv[2]))
print("ready", flush=True)
with app.app_context():
    while True:
        work.run_due(registry(), limit=5)
"""


def test_killed_workers_lose_nothing_and_repeat_nothing(app, world, database, travel) -> None:
    """Three processes, all killed with -9 while they work; then one ends what is left."""
    plan(world, ITEMS)
    data = app.config["SETTINGS"].data_dir
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(data), database.url],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": "."},
        )
        for _ in range(3)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(0.02)
        os.kill(child.pid, signal.SIGKILL)
    for child in children:
        child.wait(10)
        assert child.stdout is not None
        child.stdout.close()

    travel(seconds=work.LEASE.total_seconds() + 1)
    while work.run_due(registry()):
        pass
    assert marked() == {f"marked {n}": 1 for n in range(ITEMS)}
