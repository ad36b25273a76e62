"""The clocks: reminders, the ladder, absence, nudges, and what the worker does on time.

Each step of the ladder is one row of due work and, once taken, one row of `escalations`: it fires
exactly once, whatever the workers do. A clock that was answered takes its steps back.
"""

from datetime import datetime

from portal.core import work
from portal.core.actor import SYSTEM, Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.problems.states import StepAudience
from portal.rulebook import queries as rulebook
from portal.rulebook.rules import Rulebook
from portal.whistles import events, policies, queries, rules
from portal.whistles.models import Callout, Escalation
from portal.whistles.services.steps import log, of_callout
from portal.whistles.states import AWAITED, CALLOUT_LIVE, CalloutState, Clock, Rung

ESCALATE = "whistles:escalate"
ABSENT = "whistles:mark-absent"


def start_all(callout: Callout, book: Rulebook) -> None:
    """Plan every step of every clock of a new line, and the mark of absence."""
    for clock in Clock:
        _start(callout, clock, book)
    work.schedule(
        ABSENT,
        str(callout.id),
        rules.absent_at(book, callout.arrive_due_at),
        callout_id=callout.id,
    )


def restart_resolve(callout: Callout, book: Rulebook, now: datetime) -> None:
    """Let the resolve clock go on after a refused sign-off; steps in the past are due at once."""
    _start(callout, Clock.RESOLVE, book)


def _start(callout: Callout, clock: Clock, book: Rulebook) -> None:
    due = due_at(callout, clock)
    if due is None:
        return
    for step in rules.ladder(book, callout.called_at, due):
        if queries.escalated(callout.id, clock, step.rung):
            continue
        work.schedule(
            ESCALATE,
            _key(callout, clock, step.rung),
            step.at,
            callout_id=callout.id,
            clock=clock.value,
            rung=step.rung,
            is_red=step.is_red,
        )


def stop(callout: Callout, *clocks: Clock, now: datetime) -> None:
    """Take the planned steps of answered clocks back."""
    for clock in clocks:
        for rung in Rung:
            work.cancel(ESCALATE, _key(callout, clock, rung), now)
    if Clock.ARRIVE in clocks:
        work.cancel(ABSENT, str(callout.id), now)


def due_at(callout: Callout, clock: Clock) -> datetime | None:
    """Return until when this clock runs."""
    return {
        Clock.ACKNOWLEDGE: callout.acknowledge_due_at,
        Clock.CONTACT: callout.contact_due_at,
        Clock.ARRIVE: callout.arrive_due_at,
        Clock.RESOLVE: callout.resolve_due_at,
    }[clock]


def is_running(callout: Callout, clock: Clock) -> bool:
    """Tell whether this clock still waits for its answer."""
    if callout.state not in CALLOUT_LIVE:
        return False
    if clock is Clock.RESOLVE:
        return callout.state is not CalloutState.DONE
    answered = {
        Clock.ACKNOWLEDGE: callout.acknowledged_at,
        Clock.CONTACT: callout.contacted_at or callout.reported_in_at,
        Clock.ARRIVE: callout.reported_in_at,
    }
    return answered[clock] is None


def _key(callout: Callout, clock: Clock, rung: str) -> str:
    return f"{callout.id}:{clock}:{rung}:{callout.refusals}"


def escalate(callout: Callout, *, clock: Clock, rung: Rung, is_red: bool, now: datetime) -> None:
    """Take one step of the ladder, unless the clock was answered or the step was taken."""
    if not is_running(callout, clock) or queries.escalated(callout.id, clock, rung):
        return
    db.session.add(Escalation(callout_id=callout.id, clock=clock, rung=rung, is_red=is_red, at=now))
    log(
        events.CalloutEscalated(
            clock=clock, rung=rung, is_red=is_red, **of_callout(callout, SYSTEM, now)
        ),
        audience=StepAudience.PUBLIC if is_red else StepAudience.STAFF,
    )


def mark_absent(callout: Callout, *, now: datetime) -> None:
    """Mark a department that has not come; a later arrival keeps the mark."""
    if callout.state not in AWAITED or callout.absent_at is not None:
        return
    callout.absent_at = now
    log(events.CalloutMarkedAbsent(**of_callout(callout, SYSTEM, now)))


def correct_absence(callout: Callout, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a wrong mark away, saying why."""
    require(policies.can_correct_absence(actor, callout, now))
    callout.absent_at = None
    log(events.AbsenceCorrected(**of_callout(callout, actor, now)), body=reason)


def nudge(callout: Callout, *, actor: Actor, now: datetime) -> None:
    """催一次, once per gap. Raises Refused `nudged_lately`."""
    require(policies.can_nudge(actor, callout, now))
    book = rulebook.book(callout.whistle.edition_id)
    if rules.nudge_opens_at(book, callout.last_nudged_at, now) > now:
        raise Refused("nudged_lately")
    callout.last_nudged_at, callout.nudges = now, callout.nudges + 1
    log(events.CalloutNudged(**of_callout(callout, actor, now)), audience=StepAudience.STAFF)
