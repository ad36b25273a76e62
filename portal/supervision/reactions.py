"""What supervision does when departments are called or a whistle is over."""

from sqlalchemy import select

from portal.core.bus import Bus
from portal.core.db import db
from portal.supervision import services
from portal.supervision.models import Visit
from portal.whistles import queries as whistle_queries
from portal.whistles.events import WhistleBlown


def subscribe(bus: Bus) -> None:
    """Follow problems onto their whistles."""
    bus.subscribe(WhistleBlown, on_blown)


def on_blown(event: WhistleBlown) -> None:
    """Let the departments wait for supervisors who were already coming.

    Not at a covert enforcement: there they inspect afterwards (product §2).
    """
    if event.quiet:
        return
    visits = db.session.scalars(
        select(Visit).where(
            Visit.problem_id.in_(whistle_queries.problem_ids(event.whistle_id)),
            Visit.ended_at.is_(None),
        )
    ).all()
    for visit in visits:
        services.follow_whistle(visit, event.whistle_id, now=event.at)
