"""Workers say that they are alive, in rows, so that workers on other machines count too."""

from datetime import datetime, timedelta

from sqlalchemy import String, delete, func, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Model, UtcDateTime, db
from portal.core.uow import transaction

GONE = timedelta(days=1)


class WorkerHeartbeat(Model):
    """When a worker (`host:pid`) last said that it is alive."""

    __tablename__ = "worker_heartbeats"

    worker: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


def beat(worker: str) -> None:
    """Say that this worker is alive."""
    with transaction():
        db.session.merge(WorkerHeartbeat(worker=worker, at=clock.db_now(db.session)))


def stop(worker: str) -> None:
    """Take this worker's row away, and those of workers that died long ago."""
    with transaction():
        long_ago = clock.db_now(db.session) - GONE
        db.session.execute(
            delete(WorkerHeartbeat).where(
                (WorkerHeartbeat.worker == worker) | (WorkerHeartbeat.at < long_ago)
            )
        )


def last_age() -> timedelta | None:
    """Return how long ago any worker last said that it is alive."""
    last = db.session.scalar(select(func.max(WorkerHeartbeat.at)))
    return None if last is None else clock.db_now(db.session) - last
