"""Listens to every event that stands in the table of matters."""

from portal.core.bus import Bus
from portal.notifications import services
from portal.notifications.matters import MATTERS


def subscribe(bus: Bus) -> None:
    """Plan the telling of each event once, however many rows it has."""
    for event in dict.fromkeys(matter.event for matter in MATTERS):
        bus.subscribe(event, services.plan)
