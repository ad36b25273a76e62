"""派单: one holder with a clock, 签收, 申请改派, 办结; and measures, what was tried."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.core.actor import SYSTEM, Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.media.models import Media
from portal.organisations import queries as organisations
from portal.problems import events, policies, queries, rules
from portal.problems.models import (
    Assignment,
    AssignmentSupporter,
    Grant,
    Measure,
    Photo,
    Problem,
)
from portal.problems.services import outcome
from portal.problems.services.steps import advance, hang_photo, log
from portal.problems.services.triage import acting_unit
from portal.problems.states import (
    ASSIGNMENT,
    AssignmentState,
    PhotoKind,
    ProblemState,
    StepAudience,
)
from portal.rulebook import queries as rulebook


def grant(problem_id: int, unit_id: int, now: datetime) -> None:
    """Let a unit read a problem."""
    if db.session.get(Grant, (problem_id, unit_id)) is None:
        db.session.add(Grant(problem_id=problem_id, unit_id=unit_id, granted_at=now))
        db.session.flush()


def assign(
    problem: Problem,
    *,
    holder_unit_id: int,
    supporter_unit_ids: Sequence[int] = (),
    note: str = "",
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Give the problem to a holder of any unit kind; ends the assignment before."""
    require(policies.can_assign(actor, problem, now))
    before = queries.live_assignment(problem.id)
    if before is not None and before.holder_unit_id == holder_unit_id:
        raise Refused("holder_same")
    if before is not None:
        end(before, actor=actor, now=now)
    advance(problem, "assign")
    return place(
        problem,
        holder_unit_id=holder_unit_id,
        supporter_unit_ids=supporter_unit_ids,
        note=note,
        previous_unit_id=before.holder_unit_id if before else None,
        actor=actor,
        now=now,
    )


def keep_at_office(problem: Problem, *, actor: Actor, now: datetime) -> None:
    """Let the street's office hold a problem that nobody holds while departments are called."""
    if problem.street_id is None or queries.live_assignment(problem.id) is not None:
        return
    office = organisations.street_office(problem.street_id)
    if office is not None:
        place(problem, holder_unit_id=office.id, actor=actor, now=now)


def place(
    problem: Problem,
    *,
    holder_unit_id: int,
    supporter_unit_ids: Sequence[int] = (),
    note: str = "",
    previous_unit_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Assignment:
    """Write the live assignment itself; callers have moved the state."""
    limit = problem.limit_at
    if limit is None:
        raise Refused("not_accepted_yet")
    book = rulebook.book(problem.edition_id)
    problem.due_at = limit
    assignment = Assignment(
        problem_id=problem.id,
        holder_unit_id=holder_unit_id,
        state=AssignmentState.ASSIGNED,
        assigned_at=now,
        assigned_by_id=actor.person_id,
        acknowledge_due_at=rules.acknowledge_due(book, now, limit),
        due_at=limit,
    )
    db.session.add(assignment)
    db.session.flush()
    for unit_id in dict.fromkeys(supporter_unit_ids):
        if unit_id != holder_unit_id:
            db.session.add(AssignmentSupporter(assignment_id=assignment.id, unit_id=unit_id))
            grant(problem.id, unit_id, now)
    grant(problem.id, holder_unit_id, now)
    log(
        events.ProblemAssigned(
            problem_id=problem.id,
            assignment_id=assignment.id,
            holder_unit_id=holder_unit_id,
            previous_unit_id=previous_unit_id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        body=note,
    )
    return assignment


def end(assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    """Close an assignment for good."""
    assignment.state = ASSIGNMENT.next(assignment.state, "end")
    assignment.ended_at = now
    log(
        events.AssignmentEnded(
            problem_id=assignment.problem_id,
            assignment_id=assignment.id,
            at=now,
            actor_id=actor.person_id,
        ),
        audience=StepAudience.STAFF,
    )
    db.session.flush()


def acknowledge(assignment: Assignment, *, actor: Actor, now: datetime) -> None:
    """签收: the holder confirms that it has the problem."""
    require(policies.can_acknowledge(actor, assignment, now))
    assignment.state = ASSIGNMENT.next(assignment.state, "acknowledge")
    assignment.acknowledged_at = now
    log(
        events.AssignmentAcknowledged(
            problem_id=assignment.problem_id,
            assignment_id=assignment.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=assignment.holder_unit_id,
        )
    )


def hand_back(assignment: Assignment, *, reason: str, actor: Actor, now: datetime) -> None:
    """申请改派: the holder says why it is another's duty; the clock goes on."""
    require(policies.can_hand_back(actor, assignment, now))
    assignment.state = ASSIGNMENT.next(assignment.state, "hand_back")
    log(
        events.AssignmentHandBackAsked(
            problem_id=assignment.problem_id,
            assignment_id=assignment.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=assignment.holder_unit_id,
        ),
        body=reason,
    )


def refuse_hand_back(assignment: Assignment, *, reason: str, actor: Actor, now: datetime) -> None:
    """The street says why the holder keeps it."""
    require(policies.can_refuse_hand_back(actor, assignment, now))
    assignment.state = ASSIGNMENT.next(assignment.state, "refuse_hand_back")
    assignment.acknowledged_at = assignment.acknowledged_at or now
    log(
        events.AssignmentHandBackRefused(
            problem_id=assignment.problem_id,
            assignment_id=assignment.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, assignment.problem),
        ),
        body=reason,
    )


def take_measure(
    problem: Problem,
    *,
    unit_id: int,
    method: str,
    words: str,
    taken_at: datetime,
    photos: Sequence[Media] = (),
    actor: Actor,
    now: datetime,
) -> Measure:
    """Write down what was tried: person, time, method, evidence. Raises Refused `not_your_unit`."""
    require(policies.can_take_measure(actor, queries.standing(problem, actor), now))
    if unit_id not in actor.unit_ids or actor.person_id is None:
        raise Refused("not_your_unit")
    if taken_at > now:
        raise Refused("time_ahead")
    step = log(
        events.MeasureTaken(
            problem_id=problem.id,
            method=method,
            at=now,
            actor_id=actor.person_id,
            unit_id=unit_id,
        ),
        body=words,
    )
    measure = Measure(
        problem_id=problem.id,
        unit_id=unit_id,
        person_id=actor.person_id,
        taken_at=taken_at,
        method=method,
        has_evidence=bool(photos),
        step_id=step.id,
    )
    db.session.add(measure)
    db.session.flush()
    for picture in photos:
        hang_photo(problem.id, picture, PhotoKind.EVIDENCE, step.id, now)
    return measure


def finish(
    assignment: Assignment,
    *,
    result: str,
    photos: Sequence[Media],
    actor: Actor,
    now: datetime,
) -> None:
    """办结 with evidence: at least one photo of the result, or one already on file.

    While departments are called out the whistle's end decides, not the holder.
    Raises Refused `evidence_missing`, `whistle_live`.
    """
    require(policies.can_finish(actor, assignment, now))
    problem = queries.lock(assignment.problem_id)
    if problem.state is ProblemState.WHISTLED:
        raise Refused("whistle_live")
    if not photos and not _has_result_photo(problem.id):
        raise Refused("evidence_missing")
    assignment.state = ASSIGNMENT.next(assignment.state, "finish")
    assignment.finished_at, assignment.finished_by_id = now, actor.person_id
    step = log(
        events.AssignmentFinished(
            problem_id=problem.id,
            assignment_id=assignment.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=assignment.holder_unit_id,
        ),
        body=result,
    )
    for picture in photos:
        hang_photo(problem.id, picture, PhotoKind.AFTER, step.id, now)
    outcome.resolve(problem, actor=SYSTEM, now=now)


def _has_result_photo(problem_id: int) -> bool:
    return (
        db.session.scalar(
            select(Photo.id)
            .where(Photo.problem_id == problem_id, Photo.kind == PhotoKind.AFTER)
            .limit(1)
        )
        is not None
    )
