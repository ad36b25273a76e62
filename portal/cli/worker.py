"""`flask worker run`: the one loop that does what is due, on any number of machines.

Four times a second it seals the audit chain; each second it does due work; now and then it says
that it is alive and sweeps away what has served its time. Mail goes out from a second thread, so
that a slow server delays no deadline. A killed worker loses nothing: rows are leased, and each
effect is committed together with its row. SIGTERM finishes the row in hand and leaves. While the
database is away both wait for it.
"""

import contextlib
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType

import click
from flask import Flask, current_app
from flask.cli import AppGroup
from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from portal.accounts import services as accounts
from portal.audit import services as audit
from portal.core import clock, heartbeat, work
from portal.core.db import db
from portal.core.uow import transaction
from portal.media import services as media
from portal.notifications import jobs as notifications
from portal.problems.models import Draft
from portal.web.models import IdempotencyKey

TICK = 0.25
AT_ONCE = 20
KEYS_KEPT = timedelta(hours=48)  # a repeated form gets the same answer that long
DRAFTS_KEPT = timedelta(days=30)  # nobody comes back to an older one
UPLOADS_KEPT = timedelta(days=2)  # photos that were never sent with a form
STRAYS_AFTER = timedelta(hours=6)  # bytes without a row: a crash in the middle of an upload

worker = AppGroup("worker", help="Do what is due: deadlines, mail, the audit chain.")


@worker.command("run")
def run() -> None:
    """Run until SIGTERM or Ctrl-C."""
    app = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001 - Flask's way
    name = f"{socket.gethostname()}:{os.getpid()}"
    click.echo(f"worker {name} is running", err=True)
    Loop(app, name).run()
    click.echo("worker stopped")


class Loop:
    """The loop with its timetable; `stopping` is set by a signal and read between two rows."""

    def __init__(self, app: Flask, name: str) -> None:
        self.app = app
        self.name = name
        self.stopping = False
        self.next_at: dict[str, float] = {}

    def run(self) -> None:
        """Tick until a signal says stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        post = threading.Thread(target=self._until_stopped, args=(self.send_mail, 1.0))
        post.start()
        self._until_stopped(self.tick, TICK)
        post.join()
        with self.app.app_context(), self._outages():
            heartbeat.stop(self.name)

    def tick(self) -> None:
        """Do whatever has its turn now."""
        if self._turn("beat", 5):
            heartbeat.beat(self.name)
        if audit.is_waiting() or self._turn("seal", 5):
            audit.seal()
        if self._turn("work", 1):
            self.do_work()
        if self._turn("sweep", 3600, first=random.uniform(5, 60)):  # noqa: S311 - not a secret
            self.sweep()

    def do_work(self) -> None:
        """Do due rows until none is left or a signal came."""
        registry = self.app.extensions["work"]
        while not self.stopping and work.is_due():
            claimed = list(work.claim(AT_ONCE))
            while claimed and not self.stopping:
                work.run(claimed.pop(0), registry)
            if claimed:
                work.release(claimed)

    def send_mail(self) -> None:
        """Hand queued mail over, one at a time, until none is due or a signal came."""
        post = self.app.extensions["post"]
        notifications.doubt_silent()
        while not self.stopping and notifications.send_next(post):
            pass

    def sweep(self) -> None:
        """Remove what has served its time; each step stands alone, so a fault hurts only itself."""
        storage = self.app.extensions["storage"]
        now = clock.now()
        steps: tuple[Callable[[], object], ...] = (
            lambda: accounts.sweep(now),
            lambda: db.session.execute(
                delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEYS_KEPT)
            ),
            lambda: db.session.execute(delete(Draft).where(Draft.updated_at < now - DRAFTS_KEPT)),
            lambda: media.sweep_orphans(now - UPLOADS_KEPT, now=now, limit=500),
            notifications.sweep,
        )
        for step in steps:
            with transaction():
                step()
        media.remove_strays(now - STRAYS_AFTER, storage=storage)
        audit.write_anchor(_anchor_file(self.app), now)

    def _until_stopped(self, turn: Callable[[], None], pause: float) -> None:
        while not self.stopping:
            with self.app.app_context(), self._outages():
                turn()
            time.sleep(pause)

    def _turn(self, what: str, seconds: float, first: float = 0) -> bool:
        now = time.monotonic()
        if now < self.next_at.setdefault(what, now + first):
            return False
        self.next_at[what] = now + seconds
        return True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    @contextlib.contextmanager
    def _outages(self) -> Iterator[None]:
        """Let the loop outlive an outage of the database, or a fault in one of its turns."""
        try:
            yield
        except SQLAlchemyError as error:
            self.app.logger.warning("the worker waits for the database: %s", type(error).__name__)
            with contextlib.suppress(SQLAlchemyError):
                db.session.rollback()
            time.sleep(1)
        except Exception:
            self.app.logger.exception("a turn of the worker failed; it goes on")
            time.sleep(1)


def _anchor_file(app: Flask) -> Path:
    """Return the file of chain heads; the operator copies the folder to another machine."""
    folder: Path = app.config["SETTINGS"].data_dir / "audit-anchor"
    folder.mkdir(exist_ok=True)
    return folder / "heads.txt"
