"""One line of the feed and one fact, written together; and how the states move."""

from datetime import datetime
from typing import TypedDict

from portal.core import uow
from portal.core.actor import Actor
from portal.core.db import db
from portal.organisations.states import Role
from portal.problems.policies import STREET_ROLES
from portal.problems.states import StepAudience
from portal.whistles.events import CalloutEvent, WhistleEvent
from portal.whistles.models import Callout, Whistle, WhistleStep
from portal.whistles.policies import answers_for
from portal.whistles.states import CALLOUT, ENDED, WHISTLE


class WhistleFacts(TypedDict):
    """What every fact about a whistle carries."""

    whistle_id: int
    at: datetime
    actor_id: int | None
    unit_id: int | None


class CalloutFacts(WhistleFacts):
    """What every fact about a line carries."""

    callout_id: int
    called_unit_id: int


def acting_unit(actor: Actor, whistle: Whistle) -> int | None:
    """Return the street's or district's unit for which the actor acts."""
    return actor.unit_for(*STREET_ROLES, street_id=whistle.street_id) or actor.unit_for(
        Role.DISTRICT_OFFICER, district_id=whistle.district_id
    )


def of_whistle(whistle: Whistle, actor: Actor, now: datetime) -> WhistleFacts:
    """Return the common slots of a whistle's fact."""
    return {
        "whistle_id": whistle.id,
        "at": now,
        "actor_id": actor.person_id,
        "unit_id": acting_unit(actor, whistle),
    }


def of_callout(callout: Callout, actor: Actor, now: datetime) -> CalloutFacts:
    """Return the common slots of a line's fact; the department acts where its officer does."""
    by_department = answers_for(actor, callout)
    return {
        "whistle_id": callout.whistle_id,
        "callout_id": callout.id,
        "called_unit_id": callout.unit_id,
        "at": now,
        "actor_id": actor.person_id,
        "unit_id": callout.unit_id if by_department else acting_unit(actor, callout.whistle),
    }


def log(
    event: WhistleEvent,
    *,
    body: str | None = None,
    audience: StepAudience = StepAudience.PUBLIC,
) -> WhistleStep:
    """Record the fact and its line; `body` holds the words, stored here only."""
    step = WhistleStep(
        whistle_id=event.whistle_id,
        callout_id=event.callout_id if isinstance(event, CalloutEvent) else None,
        at=event.at,
        tag=event.tag,
        person_id=event.actor_id,
        unit_id=event.unit_id,
        audience=audience,
        body=body or None,
        slots=event.slots(),
    )
    db.session.add(step)
    db.session.flush()
    uow.record(event)
    return step


def advance(whistle: Whistle, verb: str) -> None:
    """Move the whistle through its machine; raises WrongState."""
    whistle.state = WHISTLE.next(whistle.state, verb)


def move(callout: Callout, verb: str, now: datetime) -> None:
    """Move a line through its machine; a line that ends gets its time. Raises WrongState."""
    callout.state = CALLOUT.next(callout.state, verb)
    if callout.state in ENDED:
        callout.ended_at = now
