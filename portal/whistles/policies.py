"""May this actor do this to that whistle or callout, now? Standing, visibility, season."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from portal.core.actor import Actor
from portal.core.decisions import ALLOWED, Decision, deny
from portal.organisations.states import Role
from portal.problems.policies import STREET_ROLES, of_street
from portal.problems.states import Audience, ProblemState
from portal.whistles.states import (
    ARRIVED,
    AWAITED,
    CALLOUT,
    LIVE,
    PREPARING,
    WHISTLE,
    Kind,
    WhistleState,
)

if TYPE_CHECKING:
    from portal.problems.models import Problem
    from portal.whistles.models import Callout, Whistle

DEPARTMENT_ROLES = (Role.OFFICER, Role.UNIT_HEAD)
WHISTLE_WHILE = frozenset(
    {
        ProblemState.ACCEPTED,
        ProblemState.HANDLING,
        ProblemState.REOPENED,
        ProblemState.WHISTLED,
    }
)


@dataclass(frozen=True)
class Standing:
    """Who the actor is towards one whistle."""

    whistle: "Whistle"
    called_unit_ids: frozenset[int] = field(default_factory=frozenset)


def commands(actor: Actor, whistle: "Whistle") -> bool:
    """Tell whether the actor dispatches or leads in the whistle's street."""
    return actor.sits(*STREET_ROLES, street_id=whistle.street_id)


def leads(actor: Actor, whistle: "Whistle") -> bool:
    """Tell whether the actor is a leader of the whistle's street."""
    return actor.sits(Role.STREET_LEADER, street_id=whistle.street_id)


def arbitrates(actor: Actor, whistle: "Whistle") -> bool:
    """Tell whether the actor works on the platform of the whistle's district."""
    return actor.sits(Role.DISTRICT_OFFICER, district_id=whistle.district_id)


def answers_for(actor: Actor, callout: "Callout") -> bool:
    """Tell whether the actor is an officer or head of the called department."""
    return actor.sits(*DEPARTMENT_ROLES, unit_id=callout.unit_id)


# --- seeing -------------------------------------------------------------------------------------


def can_see(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Read a whistle's page: the public reads released ones; commanders, district and called all.

    What is still being prepared is the street's alone.
    """
    whistle = standing.whistle
    if whistle.released_at is not None and whistle.audience is not Audience.STAFF:
        return ALLOWED
    if commands(actor, whistle):
        return ALLOWED
    if whistle.blown_at is not None and (
        arbitrates(actor, whistle) or standing.called_unit_ids & actor.unit_ids
    ):
        return ALLOWED
    return deny("not_released")


def sees_inside(actor: Actor, standing: Standing) -> bool:
    """Tell whether the actor reads names, staff lines, codes and unreleased photos."""
    whistle = standing.whistle
    return (
        commands(actor, whistle)
        or arbitrates(actor, whistle)
        or bool(standing.called_unit_ids & actor.unit_ids)
    )


def can_see_whistles(actor: Actor, thing: object, now: datetime) -> Decision:
    """List the whistles of one's street."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if actor.sits(*STREET_ROLES) else deny("for_street")


def can_see_field(actor: Actor, thing: object, now: datetime) -> Decision:
    """List the calls to one's department."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if actor.sits(*DEPARTMENT_ROLES) else deny("for_departments")


def can_see_callout(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Work at one's department's field screen."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if answers_for(actor, callout) else deny("not_your_unit")


def can_see_district(actor: Actor, thing: object, now: datetime) -> Decision:
    """See what waits for the district: late reviews and hand-backs."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if actor.sits(Role.DISTRICT_OFFICER) else deny("for_district")


# --- preparing ----------------------------------------------------------------------------------


def can_draft(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Write a whistle about a problem of one's street: only a street blows."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not of_street(actor, problem):
        return deny("not_your_street")
    return ALLOWED if problem.state in WHISTLE_WHILE else deny("wrong_state")


def _command(actor: Actor, whistle: "Whistle", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, whistle):
        return deny("not_your_street")
    return ALLOWED if WHISTLE.allows(whistle.state, verb) else deny("wrong_state")


def _lead(actor: Actor, whistle: "Whistle", verb: str) -> Decision:
    decision = _command(actor, whistle, verb)
    if decision and not leads(actor, whistle):
        return deny("for_street_leader")
    return decision


def can_revise(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Change a draft."""
    return _command(actor, whistle, "revise")


def can_request_approval(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Ask a leader; an emergency asks nobody before it is blown."""
    if whistle.kind is Kind.EMERGENCY:
        return deny("emergency_is_blown_at_once")
    return _command(actor, whistle, "request_approval")


def can_approve(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Approve what somebody else wrote: the author never approves."""
    decision = _lead(actor, whistle, "approve")
    if decision and actor.person_id == whistle.author_id:
        return deny("author_cannot_approve")
    return decision


def can_return_to_author(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Send it back to be changed."""
    return _lead(actor, whistle, "return_to_author")


def can_override_gate(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Override a failed question in writing, as a named superior of the street."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, whistle):
        return deny("not_your_street")
    if not leads(actor, whistle):
        return deny("for_street_leader")
    return ALLOWED if whistle.state in PREPARING else deny("wrong_state")


def can_blow(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Blow an approved whistle; an emergency is blown by one person from the draft."""
    decision = _command(actor, whistle, "blow")
    if decision and whistle.state is WhistleState.DRAFTED and whistle.kind is not Kind.EMERGENCY:
        return deny("approval_first")
    return decision


def can_cancel(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Take a whistle back; once it was blown only a leader does."""
    decision = _command(actor, whistle, "cancel")
    if decision and whistle.state in LIVE and not leads(actor, whistle):
        return deny("for_street_leader")
    return decision


def can_release(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Release the outcome of a quiet whistle to the public, once it is over."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, whistle):
        return deny("not_your_street")
    if whistle.audience is Audience.STAFF:
        return deny("staff_only_audience")
    if whistle.released_at is not None:
        return deny("released_already")
    return ALLOWED if whistle.completed_at is not None else deny("outcome_first")


def can_review(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Review an emergency afterwards: the district, never the street that blew it."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not arbitrates(actor, whistle):
        return deny("for_district")
    if whistle.late_review_due_at is None or whistle.blown_at is None:
        return deny("not_an_emergency")
    return ALLOWED if whistle.late_reviewed_at is None else deny("reviewed_already")


def can_show_code(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """Show the rotating code: the commander, while departments are called."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, whistle):
        return deny("not_your_street")
    return ALLOWED if whistle.state in LIVE else deny("wrong_state")


# --- a department's line --------------------------------------------------------------------------


def _department_verb(actor: Actor, callout: "Callout", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if not answers_for(actor, callout):
        return deny("not_your_unit")
    return ALLOWED if CALLOUT.allows(callout.state, verb) else deny("wrong_state")


def _commander_verb(actor: Actor, callout: "Callout", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, callout.whistle):
        return deny("not_your_street")
    return ALLOWED if CALLOUT.allows(callout.state, verb) else deny("wrong_state")


def _district_verb(actor: Actor, callout: "Callout", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if not arbitrates(actor, callout.whistle):
        return deny("for_district")
    return ALLOWED if CALLOUT.allows(callout.state, verb) else deny("wrong_state")


def can_acknowledge(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """签收: the department itself, or the street that writes down a call (代录)."""
    own = _department_verb(actor, callout, "acknowledge")
    return own if own or own.reason != "not_your_unit" else _by_street(actor, callout, own)


def _by_street(actor: Actor, callout: "Callout", otherwise: Decision) -> Decision:
    if not commands(actor, callout.whistle):
        return otherwise
    return _commander_verb(actor, callout, "acknowledge")


def can_contact(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Note the first contact of key work, once."""
    decision = _department_verb(actor, callout, "contact")
    if decision and (callout.contact_due_at is None or callout.contacted_at is not None):
        return deny("wrong_state")
    return decision


def can_set_out(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Say that one is on the way, once."""
    decision = _department_verb(actor, callout, "set_out")
    return deny("wrong_state") if decision and callout.set_out_at is not None else decision


def can_report_in(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """报到."""
    return _department_verb(actor, callout, "report_in")


def can_resume(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Come back after a recess."""
    return _department_verb(actor, callout, "resume")


def can_record_result(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Write down what was done."""
    return _department_verb(actor, callout, "record_result")


def can_ask_recess(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Ask to leave the site and keep the duty."""
    decision = _department_verb(actor, callout, "ask_recess")
    return deny("recess_asked") if decision and callout.recess_asked_at is not None else decision


def can_grant_recess(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Let a department leave the site."""
    return _recess(_commander_verb(actor, callout, "grant_recess"), callout)


def can_refuse_recess(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Have a department stay."""
    return _recess(_commander_verb(actor, callout, "refuse_recess"), callout)


def _recess(decision: Decision, callout: "Callout") -> Decision:
    return deny("wrong_state") if decision and callout.recess_asked_at is None else decision


def can_ask_stand_down(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """申请销号: only with a result on record (事不完、人不撤)."""
    decision = _department_verb(actor, callout, "ask_stand_down")
    return deny("result_first") if decision and callout.result_at is None else decision


def can_sign_off(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Confirm a department's result for the street."""
    return _commander_verb(actor, callout, "sign_off")


def can_refuse_sign_off(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Say why it is not done."""
    return _commander_verb(actor, callout, "refuse_sign_off")


def can_hand_back(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """退单: say that it is another's duty; the clock goes on."""
    return _department_verb(actor, callout, "hand_back")


def can_reroute(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Accept a hand-back and call another department."""
    return _commander_verb(actor, callout, "reroute")


def can_uphold_hand_back(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """The district rules that it was not the department's duty."""
    return _district_verb(actor, callout, "uphold_hand_back")


def can_overrule_hand_back(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """The district rules that the department keeps it."""
    return _district_verb(actor, callout, "overrule_hand_back")


def can_hand_over(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Give the line to a successor that is on site; the street agrees by doing it."""
    return _commander_verb(actor, callout, "hand_over")


def can_succeed(callout: "Callout", successor: "Callout") -> Decision:
    """Tell whether `successor` may take `callout` over: on site, on the same whistle."""
    if successor.whistle_id != callout.whistle_id or successor.id == callout.id:
        return deny("successor_elsewhere")
    return ALLOWED if successor.state in ARRIVED else deny("successor_not_there")


def can_nudge(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """催一次 a department that has not come (the gap is a rule, checked by the service)."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, callout.whistle):
        return deny("not_your_street")
    return ALLOWED if callout.state in AWAITED else deny("wrong_state")


def can_correct_absence(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Take a wrong mark of absence away: the district, not the two sides."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not arbitrates(actor, callout.whistle):
        return deny("for_district")
    return ALLOWED if callout.absent_at is not None else deny("wrong_state")


def can_call_more(actor: Actor, whistle: "Whistle", now: datetime) -> Decision:
    """追加部门: call one more department while the whistle lives."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not commands(actor, whistle):
        return deny("not_your_street")
    return ALLOWED if whistle.state in LIVE else deny("wrong_state")


def can_release_photo(actor: Actor, callout: "Callout", now: datetime) -> Decision:
    """Tick a photo for the public."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if commands(actor, callout.whistle) else deny("not_your_street")
