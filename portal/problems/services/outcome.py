"""From "done" to closed: check, rating, reopening, the district, and holds that say no."""

from datetime import datetime

from sqlalchemy import select

from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.problems import events, policies, queries, rules
from portal.problems.models import Assignment, Hold, Problem
from portal.problems.services.steps import advance, log
from portal.problems.services.triage import acting_unit
from portal.problems.states import ASSIGNMENT, AssignmentState, Outcome, StepAudience
from portal.rulebook import queries as rulebook


def whistle(problem: Problem, *, quiet: bool, actor: Actor, now: datetime) -> None:
    """Mark that a live whistle calls departments; `quiet` hides that from the public.

    Called by `whistles`. A second whistle on the same problem changes nothing but `quiet`.
    """
    problem.quiet = problem.quiet or quiet
    if problem.state == "whistled":
        return
    advance(problem, "whistle")
    log(
        events.ProblemWhistled(
            problem_id=problem.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        audience=StepAudience.STAFF,
    )


def leave_whistle(problem: Problem, *, now: datetime) -> None:
    """The last live whistle ended without a result: the holder goes on."""
    advance(problem, "leave_whistle")
    log(
        events.ProblemLeftWhistle(problem_id=problem.id, at=now),
        audience=StepAudience.STAFF,
    )


def resolve(problem: Problem, *, actor: Actor, now: datetime) -> None:
    """Those who handled it say it is done: now somebody else checks."""
    advance(problem, "resolve")
    problem.resolved_at = now
    problem.due_at = rules.verify_due(rulebook.book(problem.edition_id), now)
    log(
        events.ProblemResolved(problem_id=problem.id, at=now, actor_id=actor.person_id),
        audience=StepAudience.STAFF,
    )


def verify(problem: Problem, *, finding: str, actor: Actor, now: datetime) -> None:
    """核查: someone other than the handler found it done; a `close` hold blocks (Forbidden)."""
    require(policies.can_verify(actor, queries.standing(problem, actor), now))
    advance(problem, "verify")
    problem.verified_at = now
    log(
        events.ProblemVerified(
            problem_id=problem.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        body=finding,
    )


def send_back(problem: Problem, *, finding: str, actor: Actor, now: datetime) -> None:
    """The check found it not done: the same holder goes on, the limit stays."""
    require(policies.can_send_back(actor, queries.standing(problem, actor), now))
    advance(problem, "send_back")
    problem.resolved_at = None
    problem.due_at = problem.limit_at or problem.due_at
    log(
        events.ProblemSentBack(
            problem_id=problem.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        body=finding,
    )
    redo(problem, now=now)


def redo(problem: Problem, *, now: datetime) -> None:
    """Put a finished assignment back to work."""
    assignment = queries.live_assignment(problem.id)
    if assignment is None or assignment.state is not AssignmentState.DONE:
        return
    assignment.state = ASSIGNMENT.next(assignment.state, "redo")
    assignment.finished_at = assignment.finished_by_id = None
    log(
        events.AssignmentRedone(problem_id=problem.id, assignment_id=assignment.id, at=now),
        audience=StepAudience.STAFF,
    )


def open_rating(problem: Problem, *, closes_at: datetime, now: datetime) -> None:
    """Residents are asked until `closes_at`. Called by `satisfaction`."""
    advance(problem, "open_rating")
    problem.due_at = closes_at
    log(events.RatingOpened(problem_id=problem.id, at=now))


def close(problem: Problem, *, outcome: Outcome, now: datetime) -> None:
    """Close with an outcome; a `close` hold blocks. Called by `satisfaction`. Raises Refused."""
    if "close" in queries.held_verbs(problem.id):
        raise Refused("held")
    advance(problem, "close")
    problem.closed_at, problem.outcome = now, outcome
    _end_assignment(problem, now)
    log(events.ProblemClosed(problem_id=problem.id, outcome=outcome, at=now))


def reopen(problem: Problem, *, by_reporter: bool, now: datetime) -> None:
    """Residents say it is not solved: a shorter limit starts, or the district decides.

    Called by `satisfaction` right after `close` with outcome `failed`. After as many automatic
    reopenings as the rulebook allows the problem stays closed and is sent to the district.
    """
    book = rulebook.book(problem.edition_id)
    if problem.reopenings >= book.number("problems.reopen.automatic"):
        problem.district_review_at, problem.district_decided_at = now, None
        log(events.SentToDistrict(problem_id=problem.id, at=now))
        return
    problem.reopenings += 1
    _reopen(problem, "reopen", now)
    log(
        events.ProblemReopened(
            problem_id=problem.id, by_reporter=by_reporter, times=problem.reopenings, at=now
        )
    )


def _reopen(problem: Problem, verb: str, now: datetime) -> None:
    advance(problem, verb)
    problem.closed_at = problem.outcome = None
    problem.resolved_at = problem.verified_at = None
    problem.limit_at = rules.rework_due(rulebook.book(problem.edition_id), now)
    problem.due_at = problem.limit_at


def order_rework(problem: Problem, *, reason: str, actor: Actor, now: datetime) -> None:
    """The district orders it to be done again."""
    require(policies.can_order_rework(actor, problem, now))
    problem.district_decided_at = now
    _reopen(problem, "order_rework", now)
    log(
        events.ReworkOrdered(
            problem_id=problem.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        body=reason,
    )


def confirm_closing(problem: Problem, *, reason: str, actor: Actor, now: datetime) -> None:
    """The district ends it with a public reason; it is never counted satisfied."""
    require(policies.can_confirm_closing(actor, problem, now))
    advance(problem, "confirm_closing")
    problem.district_decided_at = now
    log(
        events.ClosingConfirmed(
            problem_id=problem.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        body=reason,
    )


def place_hold(problem_id: int, *, verb: str, reason: str, placed_by: str, now: datetime) -> None:
    """Block `verb` until lifted; the same placer holds a verb once."""
    if _live_hold(problem_id, verb, placed_by) is not None:
        return
    db.session.add(
        Hold(problem_id=problem_id, verb=verb, reason=reason, placed_by=placed_by, placed_at=now)
    )
    log(
        events.HoldPlaced(problem_id=problem_id, verb=verb, placed_by=placed_by, at=now),
        audience=StepAudience.STAFF,
    )


def lift_hold(problem_id: int, *, verb: str, placed_by: str, now: datetime) -> None:
    """Lift a hold, if it stands."""
    hold = _live_hold(problem_id, verb, placed_by)
    if hold is None:
        return
    hold.lifted_at = now
    log(
        events.HoldLifted(problem_id=problem_id, verb=verb, placed_by=placed_by, at=now),
        audience=StepAudience.STAFF,
    )


def _live_hold(problem_id: int, verb: str, placed_by: str) -> Hold | None:
    return db.session.scalar(
        select(Hold).where(
            Hold.problem_id == problem_id,
            Hold.verb == verb,
            Hold.placed_by == placed_by,
            Hold.lifted_at.is_(None),
        )
    )


def _end_assignment(problem: Problem, now: datetime) -> None:
    assignment: Assignment | None = queries.live_assignment(problem.id)
    if assignment is None:
        return
    assignment.state = ASSIGNMENT.next(assignment.state, "end")
    assignment.ended_at = now
    log(
        events.AssignmentEnded(problem_id=problem.id, assignment_id=assignment.id, at=now),
        audience=StepAudience.STAFF,
    )
