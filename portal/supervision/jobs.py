"""What the worker does for visits."""

from datetime import datetime

from portal.core.work import Registry, WorkItem
from portal.supervision import queries, services
from portal.supervision.states import VisitState


def register(registry: Registry) -> None:
    """Let the worker end unanswered invitations and move late sign-offs up."""
    registry.register(services.LAPSE, lapse)
    registry.register(services.MOVE_UP, move_up)


def lapse(item: WorkItem, now: datetime) -> None:
    """End an invitation that nobody answered."""
    visit = queries.lock(item.payload["visit_id"])
    if visit.state is VisitState.INVITED:
        services.lapse(visit, now=now)


def move_up(item: WorkItem, now: datetime) -> None:
    """Let the next rung sign."""
    services.move_up(queries.lock(item.payload["visit_id"]), now=now)
