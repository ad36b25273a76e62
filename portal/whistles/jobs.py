"""What the worker does for whistles: the ladder, absence, the late review, filing."""

from datetime import datetime

from portal.core.work import Registry, WorkItem
from portal.whistles import queries, services
from portal.whistles.states import Clock, Rung


def register(registry: Registry) -> None:
    """Let the worker keep the whistles' clocks."""
    registry.register(services.ESCALATE, escalate)
    registry.register(services.ABSENT, mark_absent)
    registry.register(services.MISBLOWN, mark_misblown)
    registry.register(services.ARCHIVE, archive)


def escalate(item: WorkItem, now: datetime) -> None:
    """Take one step of the ladder."""
    services.escalate(
        queries.lock_callout(item.payload["callout_id"]),
        clock=Clock(item.payload["clock"]),
        rung=Rung(item.payload["rung"]),
        is_red=bool(item.payload["is_red"]),
        now=now,
    )


def mark_absent(item: WorkItem, now: datetime) -> None:
    """Mark a department that has not come."""
    services.mark_absent(queries.lock_callout(item.payload["callout_id"]), now=now)


def mark_misblown(item: WorkItem, now: datetime) -> None:
    """Mark an emergency that nobody reviewed."""
    services.mark_misblown(queries.lock(item.payload["whistle_id"]), now=now)


def archive(item: WorkItem, now: datetime) -> None:
    """File a whistle."""
    services.archive(queries.lock(item.payload["whistle_id"]), now=now)
