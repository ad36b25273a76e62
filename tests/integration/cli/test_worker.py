"""The worker as a process: it tells people, survives kill -9, leaves on SIGTERM."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import BrowserSession
from portal.audit import services as audit
from portal.audit.models import AuditLink
from portal.cli.worker import Loop
from portal.core import heartbeat
from portal.core.db import db
from portal.core.heartbeat import WorkerHeartbeat
from portal.notifications.models import Notice
from tests.factories.problems import make
from tests.factories.world import World
from tests.support.databases import SECRET, Database
from tests.support.moment import Clock
from tests.support.page_client import PageClient

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 40.0  # a hang guard; a turn takes about a second


@pytest.fixture
def live(database: Database, app: Flask) -> None:
    """Let the time run, here and in the database, as it does for the worker's process."""
    database.freeze(None)


@pytest.fixture
def start_worker(live: None, app: Flask) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start workers on the database at hand."""
    settings = app.config["SETTINGS"]
    env = {
        **os.environ,
        "MODE": "test",
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": SECRET,
        "FLASK_APP": "wsgi:app",
        "PYTHONUNBUFFERED": "1",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "worker", "run"],
            cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def wait_for(found: Callable[[], object]) -> None:
    """Wait, on the real clock, until something is true."""
    left = int(PATIENCE / 0.2)
    while not found():
        db.session.rollback()
        left -= 1
        assert left > 0, "the worker did not do it"
        time.sleep(0.2)
    db.session.rollback()


def test_a_worker_expands_seals_and_leaves(
    world: World, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    make(world, "accepted")
    process = start_worker()
    wait_for(lambda: db.session.scalars(select(Notice)).all())
    wait_for(lambda: db.session.scalars(select(AuditLink)).all() and not audit.is_waiting())
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    assert out.decode().splitlines()[-1] == "worker stopped"
    assert not db.session.scalars(select(WorkerHeartbeat)).all()


def test_two_workers_and_a_kill_tell_everybody_once(
    world: World, app: Flask, start_worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    for _ in range(12):
        make(world, "assigned", holder="cao")
    first = start_worker()
    start_worker()
    wait_for(lambda: db.session.scalars(select(Notice)).first())
    first.kill()
    first.wait()
    # What the killed one had leased is free again after a minute.
    (app.config["SETTINGS"].data_dir / "clock-offset").write_text("70")
    wait_for(
        lambda: (
            len(
                db.session.scalars(
                    select(Notice).where(Notice.matter == "problems/assigned_to_us")
                ).all()
            )
            == 12
        )
    )
    told = db.session.execute(select(Notice.event_key, Notice.person_id)).all()
    assert len(told) == len(set(told))


def test_ready_needs_database_worker_and_disk(
    world: World, client: PageClient, travel: Clock
) -> None:
    assert client.get("/healthz").response.json == {"status": "alive"}
    answer = client.get("/readyz", expect=503).response.json
    assert answer["checks"]["database"] == {"ok": True}
    assert answer["checks"]["worker"] == {"ok": False}
    heartbeat.beat("machine:1")
    answer = client.get("/readyz").response.json
    assert answer["status"] == "ready"
    assert answer["checks"]["disk"]["ok"]
    travel(minutes=1)
    assert client.get("/readyz", expect=503).response.json["checks"]["worker"]["ok"] is False


def test_alive_asks_no_database(app: Flask, client: PageClient, count_queries: object) -> None:
    with count_queries() as asked:  # type: ignore[operator]
        client.get("/healthz")
    assert asked.count == 0


def test_the_loop_outlives_an_outage(world: World, app: Flask) -> None:
    loop = Loop(app, "machine:2")
    turns: list[str] = []

    def turn() -> None:
        turns.append("turn")
        if len(turns) == 1:
            db.session.execute(db.text("SELECT nothing FROM nowhere"))
        loop.stopping = True

    with time_machine.travel(0, tick=True):
        loop._until_stopped(turn, 0.0)
    assert turns == ["turn", "turn"]


def test_the_sweep_drops_what_served_its_time(world: World, app: Flask, travel: Clock) -> None:
    PageClient(app).sign_in("zhao")
    make(world, "accepted")
    audit.seal()
    travel(days=200)
    Loop(app, "machine:3").sweep()
    assert not db.session.scalars(select(BrowserSession)).all()
    anchor = app.config["SETTINGS"].data_dir / "audit-anchor" / "heads.txt"
    assert audit.verify(anchor).fault == ""
    assert len(anchor.read_text().splitlines()) == 1
