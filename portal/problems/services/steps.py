"""One line of the timeline and one fact, written together so that neither is forgotten."""

from datetime import datetime

from portal.core import uow
from portal.core.db import db
from portal.media import services as media
from portal.media.models import Media
from portal.problems.events import ProblemEvent
from portal.problems.models import Photo, Problem, Step
from portal.problems.states import PROBLEM, PhotoKind, StepAudience


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
        subject=event.subject,
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


def hang_photo(
    problem_id: int, picture: Media, kind: PhotoKind, step_id: int | None, now: datetime
) -> Photo:
    """Hang an uploaded picture on a problem, at a line of its timeline; unreleased until ticked."""
    media.attach(picture, now=now)
    photo = Photo(
        problem_id=problem_id, media_id=picture.id, step_id=step_id, kind=kind, added_at=now
    )
    db.session.add(photo)
    db.session.flush()
    return photo


def advance(problem: Problem, verb: str) -> None:
    """Move the problem through its machine; raises WrongState."""
    problem.state = PROBLEM.next(problem.state, verb)
