"""Plans what is to be noticed when a limit passes, and takes it back when it was kept.

That something is late is derived; these items only let the fact be recorded once. `jobs` looks at
the state again, so an item that was left behind does no harm.
"""

from datetime import datetime

from portal.core import work
from portal.core.bus import Bus
from portal.core.db import db
from portal.problems import events, rules
from portal.problems.models import Assignment, Problem

OVERDUE = "problems:overdue"


def subscribe(bus: Bus) -> None:
    """Let the clocks hear what starts and stops them."""
    bus.subscribe(events.ProblemSubmitted, start_triage)
    bus.subscribe(events.ProblemUnmerged, start_triage_again)
    bus.subscribe(events.ProblemAccepted, stop_triage)
    bus.subscribe(events.ProblemDeclined, stop_triage)
    bus.subscribe(events.ProblemMerged, stop_triage)
    bus.subscribe(events.ProblemWithdrawn, stop_triage)
    bus.subscribe(events.ProblemAccepted, start_limit)
    bus.subscribe(events.ProblemReopened, start_limit)
    bus.subscribe(events.ReworkOrdered, start_limit)
    bus.subscribe(events.ProblemSentBack, resume_limit)
    bus.subscribe(events.ProblemClosed, stop_limit)
    bus.subscribe(events.ProblemResolved, start_check)
    bus.subscribe(events.ProblemVerified, stop_check)
    bus.subscribe(events.ProblemAssigned, start_acknowledge)
    bus.subscribe(events.AssignmentAcknowledged, stop_acknowledge)
    bus.subscribe(events.AssignmentEnded, stop_acknowledge)


def start_triage(event: events.ProblemEvent) -> None:
    """A new problem waits to be looked at."""
    problem = _problem(event)
    _plan(f"problem:{problem.id}:triage", problem.due_at, problem, "triage")


def start_triage_again(event: events.ProblemUnmerged) -> None:
    """After an undone merge it waits once more, under a limit of its own."""
    problem = _problem(event)
    key = f"problem:{problem.id}:triage:{_stamp(problem.due_at)}"
    _plan(key, problem.due_at, problem, "triage")


def stop_triage(event: events.ProblemEvent) -> None:
    """It was looked at."""
    work.cancel(OVERDUE, f"problem:{event.problem_id}:triage", event.at)


def start_limit(event: events.ProblemEvent) -> None:
    """The limit of the whole matter runs; a reopening brings a new one."""
    problem = _problem(event)
    if problem.limit_at is not None:
        _plan(_limit_key(problem), problem.limit_at, problem, "limit")


def resume_limit(event: events.ProblemSentBack) -> None:
    """A limit that passed while it waited for the check was not noticed then: it is now."""
    problem = _problem(event)
    if problem.limit_at is not None and problem.limit_at <= event.at:
        key = f"{_limit_key(problem)}:back:{_stamp(event.at)}"
        _plan(key, problem.limit_at, problem, "limit")


def stop_limit(event: events.ProblemClosed) -> None:
    """It is closed."""
    problem = _problem(event)
    if problem.limit_at is not None:
        work.cancel(OVERDUE, _limit_key(problem), event.at)


def start_check(event: events.ProblemResolved) -> None:
    """Somebody is to check within its limit."""
    problem = _problem(event)
    _plan(_check_key(problem), problem.due_at, problem, "check")


def stop_check(event: events.ProblemVerified) -> None:
    """It was checked."""
    work.cancel(OVERDUE, _check_key(_problem(event)), event.at)


def start_acknowledge(event: events.ProblemAssigned) -> None:
    """The holder is to acknowledge within its limit."""
    assignment = db.session.get_one(Assignment, event.assignment_id)
    work.schedule(
        OVERDUE,
        f"assignment:{assignment.id}",
        assignment.acknowledge_due_at,
        assignment_id=assignment.id,
    )


def stop_acknowledge(event: events.AssignmentAcknowledged | events.AssignmentEnded) -> None:
    """It was acknowledged, or it ended before."""
    work.cancel(OVERDUE, f"assignment:{event.assignment_id}", event.at)


def _problem(event: events.ProblemEvent) -> Problem:
    return db.session.get_one(Problem, event.problem_id)


def _limit_key(problem: Problem) -> str:
    return rules.limit_key(problem.id, problem.limit_at)


def _check_key(problem: Problem) -> str:
    return f"problem:{problem.id}:check:{_stamp(problem.resolved_at)}"


def _stamp(at: datetime | None) -> int:
    return int(at.timestamp()) if at else 0


def _plan(key: str, due_at: datetime, problem: Problem, stage: str) -> None:
    work.schedule(OVERDUE, key, due_at, problem_id=problem.id, stage=stage)
