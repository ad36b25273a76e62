"""What the worker does for ballots."""

from datetime import datetime

from portal.ballots import services
from portal.core.work import Registry, WorkItem


def register(registry: Registry) -> None:
    """Let the worker close ballots at their time."""
    registry.register(services.CLOSE, close)


def close(item: WorkItem, now: datetime) -> None:
    """Close the ballot, unless it was closed early."""
    services.close_ballot(item.payload["ballot_id"])
