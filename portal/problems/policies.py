"""May this actor do this to that, now? Three questions: standing, visibility, season."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from portal.core.actor import Actor
from portal.core.decisions import ALLOWED, Decision, deny
from portal.organisations.states import Role
from portal.problems.states import (
    ASSIGNMENT,
    OPEN,
    PROBLEM,
    AssignmentState,
    Audience,
    PhotoKind,
    ProblemState,
    Source,
)

if TYPE_CHECKING:
    from portal.problems.models import Assignment, Problem

STREET_ROLES = (Role.DISPATCHER, Role.STREET_LEADER)
DISTRICT_ROLES = (Role.DISTRICT_OFFICER,)
COMMUNITY_ROLES = (Role.COMMUNITY_WORKER, Role.GRID_WORKER)


@dataclass(frozen=True)
class Standing:
    """Who the actor is towards one problem, and what its season depends on."""

    problem: "Problem"
    is_reporter: bool = False
    is_supporter: bool = False
    was_opened_by_code: bool = False
    has_grant: bool = False
    handler_ids: frozenset[int] = field(default_factory=frozenset)
    handler_unit_ids: frozenset[int] = field(default_factory=frozenset)
    held_verbs: frozenset[str] = field(default_factory=frozenset)


def of_street(actor: Actor, problem: "Problem") -> bool:
    """Tell whether the actor dispatches or leads in the problem's street."""
    return problem.street_id is not None and actor.sits(*STREET_ROLES, street_id=problem.street_id)


def of_community(actor: Actor, problem: "Problem") -> bool:
    """Tell whether the actor works in the problem's community."""
    return problem.community_id is not None and any(
        seat.role in COMMUNITY_ROLES
        and seat.community_id is not None
        and (seat.community_id == problem.community_id or problem.community_id in actor.area_ids)
        for seat in actor.seats
    )


def of_district(actor: Actor, problem: "Problem") -> bool:
    """Tell whether the actor works on the district's platform."""
    return actor.sits(*DISTRICT_ROLES, district_id=problem.district_id)


def is_staff_for(actor: Actor, problem: "Problem") -> bool:
    """Tell whether the actor handles problems of this place, or one whose place is unknown."""
    return (
        of_street(actor, problem)
        or of_community(actor, problem)
        or of_district(actor, problem)
        or (
            problem.street_id is None and actor.sits(*STREET_ROLES, district_id=problem.district_id)
        )
    )


def _season(problem: "Problem", verb: str) -> Decision:
    return ALLOWED if PROBLEM.allows(problem.state, verb) else deny("wrong_state")


def _street_verb(actor: Actor, problem: "Problem", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if not of_street(actor, problem):
        return deny("not_your_street")
    return _season(problem, verb)


# --- seeing -------------------------------------------------------------------------------------


def can_see(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Read the problem's page: the public reads released ones, the concerned read their own."""
    problem = standing.problem
    if problem.released_at is not None and problem.audience is not Audience.STAFF:
        return ALLOWED
    if standing.is_reporter or standing.is_supporter or standing.was_opened_by_code:
        return ALLOWED
    if is_staff_for(actor, problem) or standing.has_grant or reviews(actor, problem):
        return ALLOWED
    return deny("not_released")


def reviews(actor: Actor, problem: "Problem") -> bool:
    """Tell whether the actor reviews the district's reports before release (先审后发)."""
    return problem.audience is not Audience.STAFF and actor.sits(
        Role.REVIEWER, district_id=problem.district_id
    )


def sees_inside(actor: Actor, standing: Standing) -> bool:
    """Tell whether the actor reads staff steps, unreleased photos and the reporter's name."""
    return is_staff_for(actor, standing.problem) or standing.has_grant


def can_submit(actor: Actor, thing: object, now: datetime) -> Decision:
    """Submit a problem: anyone; the phone is checked at the end."""
    return ALLOWED


def can_enter(actor: Actor, thing: object, now: datetime) -> Decision:
    """Enter a walk-in or phone report for somebody: community and street workers."""
    if actor.sits(*COMMUNITY_ROLES, *STREET_ROLES):
        return ALLOWED
    return deny("for_workers")


def can_see_mine(actor: Actor, thing: object, now: datetime) -> Decision:
    """See one's own reports."""
    return ALLOWED if actor.signed_in else deny("sign_in_first")


def can_join(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Say 我也遇到了 to an open, released problem, once."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if standing.is_reporter or standing.is_supporter:
        return deny("already_counted")
    problem = standing.problem
    if problem.released_at is None:
        return deny("not_released")
    return ALLOWED if problem.state in OPEN else deny("wrong_state")


def can_leave(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Stop supporting."""
    return ALLOWED if standing.is_supporter else deny("not_a_supporter")


def can_withdraw(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Take one's own problem back before work has begun."""
    if not standing.is_reporter:
        return deny("reporter_only")
    return _season(standing.problem, "withdraw")


def can_nudge(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Nudge once a day after the limit (the gap is a rule, checked by the service)."""
    if not standing.is_reporter:
        return deny("reporter_only")
    if standing.problem.state not in OPEN:
        return deny("wrong_state")
    return ALLOWED if now >= standing.problem.due_at else deny("not_late_yet")


def can_add_photo(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Add a photo: the reporter, and those who handle it, while it is open."""
    if standing.problem.state not in OPEN:
        return deny("wrong_state")
    if standing.is_reporter or sees_inside(actor, standing):
        return ALLOWED
    return deny("reporter_only")


# --- the street's triage ------------------------------------------------------------------------


def can_see_board(actor: Actor, street_id: int | None, now: datetime) -> Decision:
    """Work at the street's dispatch board."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if street_id is not None and actor.sits(*STREET_ROLES, street_id=street_id):
        return ALLOWED
    return deny("not_your_street")


def can_review(actor: Actor, thing: object, now: datetime) -> Decision:
    """See what waits for review before release: reviewers, and the streets' desks."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if actor.sits(Role.REVIEWER, *STREET_ROLES) else deny("for_workers")


def can_publish(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Release text and photos: a reviewer, or street staff while their office isn't the holder."""
    problem = standing.problem
    if not actor.signed_in:
        return deny("sign_in_first")
    if problem.audience is Audience.STAFF and problem.source is not Source.HOTLINE:
        return deny("staff_only_audience")
    if actor.sits(Role.REVIEWER, district_id=problem.district_id):
        return ALLOWED
    if not of_street(actor, problem):
        return deny("not_your_street")
    if standing.handler_unit_ids & actor.unit_ids:
        return deny("judged_cannot_publish")
    return ALLOWED


def unreleased_photos(actor: Actor, standing: Standing, now: datetime) -> frozenset[PhotoKind]:
    """Return which kinds of photo the actor sees before they are released.

    Handlers and reviewers see all; the reporter what was reported and the result, but not what
    was taken at work, which may show others' homes and faces.
    """
    if sees_inside(actor, standing) or can_publish(actor, standing, now):
        return frozenset(PhotoKind)
    if standing.is_reporter or standing.was_opened_by_code:
        return frozenset({PhotoKind.BEFORE, PhotoKind.AFTER})
    return frozenset()


def can_accept(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Take a submitted problem up."""
    return _street_verb(actor, problem, "accept")


def can_locate(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Set category and place where they are missing, before acceptance."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not is_staff_for(actor, problem):
        return deny("not_your_street")
    return ALLOWED if problem.state is ProblemState.SUBMITTED else deny("wrong_state")


def can_decline(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Say that it is not for the street, and where to go."""
    return _street_verb(actor, problem, "decline")


def can_merge(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Merge a duplicate into another."""
    return _street_verb(actor, problem, "merge")


def can_unmerge(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Undo a merge."""
    return _street_verb(actor, problem, "unmerge")


def can_assign(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """Give the problem to a holder."""
    return _street_verb(actor, problem, "assign")


def can_verify(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Check after done: street or community staff, never the person or unit that handled it.

    Where the street's own office handled it, another person of the street or community checks.
    A second seat counts: who also sits for the unit that handled it does not check.
    """
    problem = standing.problem
    if not actor.signed_in:
        return deny("sign_in_first")
    if not (of_street(actor, problem) or of_community(actor, problem)):
        return deny("not_your_street")
    if actor.person_id in standing.handler_ids:
        return deny("handler_cannot_check")
    desks = {
        seat.unit_id
        for seat in actor.seats
        if seat.role in STREET_ROLES and seat.street_id == problem.street_id
    }
    if standing.handler_unit_ids & (actor.unit_ids - desks):
        return deny("handler_cannot_check")
    if "close" in standing.held_verbs:
        return deny("held")
    return _season(problem, "verify")


def can_send_back(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Send work back that the check found not done; a hold never blocks this."""
    problem = standing.problem
    if not (of_street(actor, problem) or of_community(actor, problem)):
        return deny("not_your_street")
    if actor.person_id in standing.handler_ids:
        return deny("handler_cannot_check")
    return _season(problem, "send_back")


def can_see_district(actor: Actor, thing: object, now: datetime) -> Decision:
    """See what waits for the district and what is late in its streets."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if actor.sits(*DISTRICT_ROLES) else deny("for_district")


def can_order_rework(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """The district reopens what was sent to it."""
    return _district_verb(actor, problem, "order_rework")


def can_confirm_closing(actor: Actor, problem: "Problem", now: datetime) -> Decision:
    """The district ends what was sent to it, with a public reason."""
    return _district_verb(actor, problem, "confirm_closing")


def _district_verb(actor: Actor, problem: "Problem", verb: str) -> Decision:
    if not of_district(actor, problem):
        return deny("for_district")
    if problem.district_review_at is None or problem.district_decided_at is not None:
        return deny("not_with_district")
    return _season(problem, verb)


# --- the holder ---------------------------------------------------------------------------------


def can_see_assignments(actor: Actor, thing: object, now: datetime) -> Decision:
    """See the list of what one's units hold."""
    if not actor.signed_in:
        return deny("sign_in_first")
    return ALLOWED if actor.is_staff else deny("for_workers")


def _holder_verb(actor: Actor, assignment: "Assignment", verb: str) -> Decision:
    if not actor.signed_in:
        return deny("sign_in_first")
    if assignment.holder_unit_id not in actor.unit_ids:
        return deny("not_the_holder")
    return ALLOWED if ASSIGNMENT.allows(assignment.state, verb) else deny("wrong_state")


def can_acknowledge(actor: Actor, assignment: "Assignment", now: datetime) -> Decision:
    """Confirm that the unit has it (签收)."""
    return _holder_verb(actor, assignment, "acknowledge")


def can_hand_back(actor: Actor, assignment: "Assignment", now: datetime) -> Decision:
    """Say that it is another's duty (申请改派)."""
    return _holder_verb(actor, assignment, "hand_back")


def can_finish(actor: Actor, assignment: "Assignment", now: datetime) -> Decision:
    """Say that it is done (办结)."""
    return _holder_verb(actor, assignment, "finish")


def can_refuse_hand_back(actor: Actor, assignment: "Assignment", now: datetime) -> Decision:
    """The street keeps the holder in place."""
    if not of_street(actor, assignment.problem):
        return deny("not_your_street")
    if assignment.state is not AssignmentState.HANDING_BACK:
        return deny("wrong_state")
    return ALLOWED


def can_take_measure(actor: Actor, standing: Standing, now: datetime) -> Decision:
    """Record what was tried: the street, the community, the holder and supporters."""
    if not actor.signed_in:
        return deny("sign_in_first")
    if not (is_staff_for(actor, standing.problem) or standing.has_grant):
        return deny("not_the_holder")
    if standing.problem.state not in {
        ProblemState.ACCEPTED,
        ProblemState.HANDLING,
        ProblemState.REOPENED,
        ProblemState.WHISTLED,
    }:
        return deny("wrong_state")
    return ALLOWED
