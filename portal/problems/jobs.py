"""Due work of problems: a limit that passed is noticed once, so that people are told once."""

from datetime import datetime

from sqlalchemy import select

from portal.core.db import db
from portal.core.work import Registry, WorkItem
from portal.problems import events
from portal.problems.models import Assignment, Problem, Step
from portal.problems.services import log
from portal.problems.states import AssignmentState, ProblemState, StepAudience

OVERDUE = "problems:overdue"

# In which states a limit still counts when its time has come.
LATE_IN = {
    "triage": frozenset({ProblemState.SUBMITTED}),
    "limit": frozenset(
        {
            ProblemState.ACCEPTED,
            ProblemState.HANDLING,
            ProblemState.WHISTLED,
            ProblemState.REOPENED,
        }
    ),
    "check": frozenset({ProblemState.RESOLVED}),
}


def register(registry: Registry) -> None:
    """Say who notices what has fallen due."""
    registry.register(OVERDUE, fall_due)


def fall_due(item: WorkItem, now: datetime) -> None:
    """Record the fact if the limit was not kept; whoever kept it meanwhile hears nothing."""
    if "assignment_id" in item.payload:
        _assignment(item.payload["assignment_id"], now)
    else:
        _problem(item.payload["problem_id"], item.payload["stage"], now)


def _assignment(assignment_id: int, now: datetime) -> None:
    assignment = db.session.get_one(Assignment, assignment_id)
    if assignment.state is not AssignmentState.ASSIGNED:
        return
    log(
        events.AssignmentOverdue(
            problem_id=assignment.problem_id,
            assignment_id=assignment.id,
            holder_unit_id=assignment.holder_unit_id,
            at=now,
        ),
        audience=StepAudience.STAFF,
    )


def _problem(problem_id: int, stage: str, now: datetime) -> None:
    problem = db.session.get_one(Problem, problem_id)
    if problem.state not in LATE_IN[stage] or now < problem.due_at or _is_told(problem, stage):
        return
    log(
        events.ProblemOverdue(problem_id=problem.id, stage=stage, at=now),
        audience=StepAudience.STAFF,
    )


def _is_told(problem: Problem, stage: str) -> bool:
    """Tell whether this limit's passing stands in the timeline: another's item may come later."""
    told = db.session.scalar(
        select(Step.id)
        .where(
            Step.problem_id == problem.id,
            Step.tag == events.ProblemOverdue.tag,
            Step.slots["stage"].as_string() == stage,
            Step.at >= problem.due_at,
        )
        .limit(1)
    )
    return told is not None
