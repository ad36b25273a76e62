"""Who may invite, visit, answer and sign in place."""

from datetime import datetime
from typing import TYPE_CHECKING

from portal.core.actor import Actor
from portal.core.decisions import ALLOWED, Decision, deny
from portal.organisations.states import Role
from portal.problems import policies as problems
from portal.problems.states import ProblemState
from portal.supervision.states import VISIT, Rung

if TYPE_CHECKING:
    from portal.problems.models import Problem
    from portal.supervision.models import Visit

INVITE_WHILE = frozenset(
    {
        ProblemState.ACCEPTED,
        ProblemState.HANDLING,
        ProblemState.WHISTLED,
        ProblemState.RESOLVED,
        ProblemState.REOPENED,
    }
)


def can_see_visits(actor: Actor, thing: object, now: datetime) -> Decision:
    """See one's own visits."""
    return ALLOWED if actor.signed_in else deny("sign_in_first")


def can_see(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """See one visit: the supervisor and those who handle the problem."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if actor.person_id == visit.supervisor_id or _handles(actor, visit):
        return ALLOWED
    return deny("visit_not_yours")


def can_invite(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Invite a supervisor: the street or the community, while work goes on.

    Nobody is invited to a covert enforcement (product §2): the supervisor inspects afterwards.
    """
    if not actor.signed_in:
        return deny("sign_in_first")
    if not (problems.of_street(actor, problem) or problems.of_community(actor, problem)):
        return deny("not_your_street")
    if problem.quiet:
        return deny("covert")
    return ALLOWED if problem.state in INVITE_WHILE else deny("wrong_state")


def _supervisor_verb(actor: Actor, visit: "Visit", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if actor.person_id != visit.supervisor_id:
        return deny("visit_not_yours")
    return ALLOWED if VISIT.allows(visit.state, verb) else deny("wrong_state")


def can_accept(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Say that one comes, while there is work to look at."""
    decision = _supervisor_verb(actor, visit, "accept")
    if decision and visit.problem.state not in INVITE_WHILE:
        return deny("wrong_state")
    return decision


def can_decline(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Say that one can't come."""
    return _supervisor_verb(actor, visit, "decline")


def can_sign_in(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Show that one is on site."""
    return _supervisor_verb(actor, visit, "sign_in")


def can_write_finding(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Write what one saw; nobody else ever edits it."""
    return _supervisor_verb(actor, visit, "write_finding")


def can_object(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Say that it is not done."""
    return _supervisor_verb(actor, visit, "object")


def can_sign_off(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Confirm the result."""
    return _supervisor_verb(actor, visit, "sign_off")


def can_answer(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Answer an objection: the street answers for all who were called."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not _handles(actor, visit):
        return deny("not_your_street")
    return ALLOWED if VISIT.allows(visit.state, "answer") else deny("wrong_state")


def can_sign_in_place(actor: Actor, visit: "Visit", now: datetime) -> Decision:
    """Sign for a supervisor whose time is up: the street's leader, then the district."""
    if not actor.signed_in:
        return deny("sign_in_first")
    problem = visit.problem
    leader = actor.sits(Role.STREET_LEADER, street_id=problem.street_id)
    district = actor.sits(Role.DISTRICT_OFFICER, district_id=problem.district_id)
    if not (leader or district):
        return deny("for_leader")
    if not VISIT.allows(visit.state, "sign_in_place"):
        return deny("wrong_state")
    if visit.rung is Rung.NONE:
        return deny("supervisor_has_time")
    if visit.rung is Rung.DISTRICT and not district:
        return deny("for_district")
    return ALLOWED


def _handles(actor: Actor, visit: "Visit") -> bool:
    problem = visit.problem
    return (
        problems.of_street(actor, problem)
        or problems.of_community(actor, problem)
        or problems.of_district(actor, problem)
    )
