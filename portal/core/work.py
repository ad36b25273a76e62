"""Due work: rows with a time, claimed by the worker, each effect exactly once.

A row is unique by (kind, key). The worker leases due rows (PostgreSQL SKIP LOCKED, SQLite one
UPDATE), then runs each in its own transaction in which the row is marked done: the effect and
the mark are committed together, so a killed worker neither loses a step nor repeats it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Index, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Model, UtcDateTime, db
from portal.core.uow import transaction

LEASE = timedelta(seconds=60)
RETRY_FIRST = timedelta(seconds=5)
RETRY_CAP = timedelta(minutes=10)

Handler = Callable[["WorkItem", datetime], None]


class WorkItem(Model):
    """One piece of due work; `payload` holds ids and slots only."""

    __tablename__ = "work_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index(
            "ix_work_items_open",
            "due_at",
            sqlite_where=done_at.is_(None),
            postgresql_where=done_at.is_(None),
        ),
    )


class Registry:
    """Which handler does which kind of work; one instance an application."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def register(self, kind: str, handler: Handler) -> None:
        """Let `handler` do work of `kind`; a kind has one handler."""
        if kind in self.handlers:
            raise ValueError(f"{kind} has a handler already")
        self.handlers[kind] = handler


def schedule(kind: str, key: str, due_at: datetime, **payload: object) -> WorkItem:
    """Plan work in the act under way; the same (kind, key) again moves an open one's time."""
    item = db.session.scalar(select(WorkItem).where(WorkItem.kind == kind, WorkItem.key == key))
    if item is None:
        item = WorkItem(kind=kind, key=key, payload=payload, due_at=due_at)
        db.session.add(item)
    elif item.done_at is None:
        item.due_at, item.payload = due_at, payload
    return item


def cancel(kind: str, key: str, now: datetime) -> None:
    """Take planned work back, if it is still open."""
    db.session.execute(
        update(WorkItem)
        .where(WorkItem.kind == kind, WorkItem.key == key, WorkItem.done_at.is_(None))
        .values(done_at=now, error="cancelled")
    )


def claim(limit: int) -> Sequence[int]:
    """Lease up to `limit` due rows for this worker and return their ids."""
    with transaction():
        now = clock.db_now(db.session)
        due = (
            select(WorkItem.id)
            .where(
                WorkItem.done_at.is_(None),
                WorkItem.due_at <= now,
                (WorkItem.lease_until.is_(None)) | (WorkItem.lease_until < now),
            )
            .order_by(WorkItem.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ids = list(db.session.scalars(due))
        if ids:
            db.session.execute(
                update(WorkItem).where(WorkItem.id.in_(ids)).values(lease_until=now + LEASE)
            )
        return ids


def is_due() -> bool:
    """Tell, without writing, whether anything waits to be claimed."""
    now = clock.db_now(db.session)
    return (
        db.session.scalar(
            select(WorkItem.id)
            .where(
                WorkItem.done_at.is_(None),
                WorkItem.due_at <= now,
                (WorkItem.lease_until.is_(None)) | (WorkItem.lease_until < now),
            )
            .limit(1)
        )
        is not None
    )


def release(ids: Sequence[int]) -> None:
    """Give claimed rows back that were not begun: this worker leaves."""
    with transaction():
        db.session.execute(
            update(WorkItem)
            .where(WorkItem.id.in_(ids), WorkItem.done_at.is_(None))
            .values(lease_until=None)
        )


def run(item_id: int, registry: Registry) -> bool:
    """Do one leased row; a failure is written down and tried again later. Returns success."""
    try:
        with transaction():
            now = clock.db_now(db.session)
            item = db.session.get(WorkItem, item_id, with_for_update=True)
            if item is None or item.done_at is not None or item.due_at > now:
                return False  # done, taken back or put off since it was claimed
            registry.handlers[item.kind](item, now)
            item.done_at, item.error = now, None
    except Exception as error:  # noqa: BLE001 - whatever a handler raises must not stop the worker
        _postpone(item_id, f"{type(error).__name__}: {error}")
        return False
    return True


def _postpone(item_id: int, error: str) -> None:
    with transaction():
        item = db.session.get(WorkItem, item_id, with_for_update=True)
        if item is None or item.done_at is not None:
            return
        item.attempts += 1
        wait = min(RETRY_FIRST * 2 ** min(item.attempts, 10), RETRY_CAP)
        item.lease_until = clock.db_now(db.session) + wait
        item.error = error[:500]


def run_due(registry: Registry, limit: int = 50) -> int:
    """Claim and do what is due now; returns how many rows were done."""
    return sum(run(item_id, registry) for item_id in claim(limit))
