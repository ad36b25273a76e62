"""退单 and hand-over: another department instead, or a successor that is already on site."""

from datetime import datetime

from portal.core.actor import Actor
from portal.core.errors import Refused, require
from portal.organisations import queries as organisations
from portal.problems.states import StepAudience
from portal.rulebook import queries as rulebook
from portal.whistles import events, policies, queries
from portal.whistles.models import Callout
from portal.whistles.services import clockwork
from portal.whistles.services.ending import leave_site, settle
from portal.whistles.services.preparing import call_out
from portal.whistles.services.steps import log, move, of_callout
from portal.whistles.states import Clock, Proof


def hand_back(
    callout: Callout,
    *,
    cited_item_id: int | None,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """退单: not our duty, citing the duty list. The clocks run on; the district has a time to rule.

    Raises Refused `cite_the_list` without an item of the district's list.
    """
    require(policies.can_hand_back(actor, callout, now))
    item = queries.duty_item(cited_item_id) if cited_item_id is not None else None
    if item is None or item.district_id != callout.whistle.district_id:
        raise Refused("cite_the_list")
    book = rulebook.book(callout.whistle.edition_id)
    callout.handed_back_at, callout.cited_item_id = now, item.id
    callout.ruling_due_at = book.due("whistles.hand_back.ruling", now)
    move(callout, "hand_back", now)
    log(
        events.CalloutHandedBack(**of_callout(callout, actor, now)),
        body=reason,
        audience=StepAudience.STAFF,
    )


def reroute(callout: Callout, *, unit_id: int, task: str, actor: Actor, now: datetime) -> Callout:
    """The street accepts the hand-back and calls another department, with its own clocks.

    Raises Refused `called_already`, or as `call_out`.
    """
    require(policies.can_reroute(actor, callout, now))
    if any(one.unit_id == unit_id for one in queries.live_callouts(callout.whistle_id)):
        raise Refused("called_already")
    was_lead = callout.is_lead
    move(callout, "reroute", now)
    callout.is_lead = False
    clockwork.stop(callout, *Clock, now=now)
    instead = call_out(
        callout.whistle,
        organisations.unit(unit_id),
        is_lead=was_lead,
        task=task or callout.task,
        actor=actor,
        now=now,
    )
    callout.successor_id = instead.id
    log(events.CalloutRerouted(instead_unit_id=unit_id, **of_callout(callout, actor, now)))
    return instead


def uphold_hand_back(callout: Callout, *, reason: str, actor: Actor, now: datetime) -> None:
    """The district rules that the department was right: its line ends."""
    require(policies.can_uphold_hand_back(actor, callout, now))
    move(callout, "uphold_hand_back", now)
    clockwork.stop(callout, *Clock, now=now)
    log(events.HandBackUpheld(**of_callout(callout, actor, now)), body=reason)
    settle(callout.whistle, actor=actor, now=now)


def overrule_hand_back(callout: Callout, *, reason: str, actor: Actor, now: datetime) -> None:
    """The district rules that the department keeps it; with that it has the call."""
    require(policies.can_overrule_hand_back(actor, callout, now))
    move(callout, "overrule_hand_back", now)
    if callout.acknowledged_at is None:
        callout.acknowledged_at, callout.proof = now, Proof.RECORDED
        clockwork.stop(callout, Clock.ACKNOWLEDGE, now=now)
    log(events.HandBackOverruled(**of_callout(callout, actor, now)), body=reason)


def hand_over(callout: Callout, *, successor: Callout, actor: Actor, now: datetime) -> None:
    """Give the line to a department that is on site. Raises Forbidden (`successor_not_there`)."""
    require(policies.can_hand_over(actor, callout, now))
    require(policies.can_succeed(callout, successor))
    move(callout, "hand_over", now)
    leave_site(callout, now)
    clockwork.stop(callout, *Clock, now=now)
    if callout.is_lead:
        callout.is_lead, successor.is_lead = False, True
    callout.successor_id = successor.id
    log(
        events.CalloutHandedOver(
            successor_unit_id=successor.unit_id, **of_callout(callout, actor, now)
        )
    )
    settle(callout.whistle, actor=actor, now=now)
