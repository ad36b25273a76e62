"""One line of the timeline and one fact, written together so that neither is forgotten."""

from portal.core import uow
from portal.core.db import db
from portal.problems.events import ProblemEvent
from portal.problems.models import Problem, Step
from portal.problems.states import PROBLEM, StepAudience


def log(
    event: ProblemEvent,
    *,
    body: str | None = None,
    audience: StepAudience = StepAudience.PUBLIC,
) -> Step:
    """Record the fact and its line; `body` holds the words, stored here only."""
    step = Step(
        problem_id=event.problem_id,
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


def advance(problem: Problem, verb: str) -> None:
    """Move the problem through its machine; raises WrongState."""
    problem.state = PROBLEM.next(problem.state, verb)
