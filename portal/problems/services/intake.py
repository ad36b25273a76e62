"""Submitting, publishing, joining: the resident's side."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update

from portal.core import ids
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.core.sealed import lookup_hash
from portal.media.models import Media
from portal.organisations.states import Role
from portal.problems import events, policies, queries, rules
from portal.problems.models import Photo, Problem, Supporter
from portal.problems.services.steps import advance, hang_photo, log
from portal.problems.states import Audience, PhotoKind, ProblemState, Source, StepAudience
from portal.rulebook import queries as rulebook


@dataclass(frozen=True)
class NewProblem:
    """What a submission brings. Place ids are None while the place is unknown."""

    title: str
    body: str
    district_id: int
    audience: Audience
    source: Source = Source.PORTAL
    street_id: int | None = None
    community_id: int | None = None
    grid_id: int | None = None
    building_id: int | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    category_id: int | None = None
    danger: bool = False
    lang: str = "zh"
    photos: Sequence[Media] = field(default_factory=tuple)


def submit(
    new: NewProblem,
    *,
    reporter_id: int | None,
    actor: Actor,
    now: datetime,
    query_code: str | None = None,
) -> Problem:
    """Store a submitted problem under the district's rules in force and start its clocks.

    `reporter_id` is the resident (None for an unnamed walk-in); when `actor` is a worker entering
    for somebody, both stand in the record. `query_code` lets the resident look it up.
    """
    book = rulebook.current(new.district_id, now.astimezone(ids.SHANGHAI).date())
    problem = Problem(
        ref=free_ref(now),
        edition_id=book.edition_id,
        district_id=new.district_id,
        street_id=new.street_id,
        community_id=new.community_id,
        grid_id=new.grid_id,
        building_id=new.building_id,
        address=new.address,
        latitude=new.latitude,
        longitude=new.longitude,
        source=new.source,
        category_id=new.category_id,
        danger=new.danger,
        title=new.title,
        body=new.body,
        lang=new.lang,
        audience=new.audience,
        state=ProblemState.SUBMITTED,
        submitted_at=now,
        due_at=rules.triage_due(book, now),
        review_due_at=rules.review_due(book, now),
        reporter_id=reporter_id,
        entered_by_id=actor.person_id if actor.person_id != reporter_id else None,
        query_code_hash=lookup_hash("query code", query_code) if query_code else None,
    )
    db.session.add(problem)
    db.session.flush()
    log(
        events.ProblemSubmitted(
            problem_id=problem.id, source=new.source, at=now, actor_id=actor.person_id
        )
    )
    for picture in new.photos:
        hang_photo(problem.id, picture, PhotoKind.BEFORE, None, now)
    return problem


def free_ref(now: datetime) -> str:
    """Return a reference that no problem has yet."""
    while True:
        ref = ids.new_ref(now)
        if db.session.scalar(select(Problem.id).where(Problem.ref == ref)) is None:
            return ref


def add_photo(
    problem: Problem,
    picture: Media,
    *,
    kind: PhotoKind,
    actor: Actor,
    now: datetime,
    step_id: int | None = None,
) -> Photo:
    """Hang one more photo on the problem; unreleased until ticked."""
    require(policies.can_add_photo(actor, queries.standing(problem, actor), now))
    return hang_photo(problem.id, picture, kind, step_id, now)


def publish(problem: Problem, *, photo_ids: Sequence[int], actor: Actor, now: datetime) -> Problem:
    """Release the text, and each ticked photo, to the public (先审后发)."""
    require(policies.can_publish(actor, queries.standing(problem, actor), now))
    if problem.audience is Audience.STAFF:
        problem.audience = Audience.PUBLIC_UNNAMED  # a hotline order: nobody chose, now one did
    if problem.released_at is None:
        problem.released_at = now
    ticked = set(photo_ids)
    shown = 0
    for photo in queries.photos(problem.id, inside=True):
        if photo.id in ticked and photo.released_at is None:
            photo.released_at = now
            shown += 1
    log(
        events.ProblemPublished(
            problem_id=problem.id,
            photos=shown,
            at=now,
            actor_id=actor.person_id,
            unit_id=actor.unit_for(*policies.STREET_ROLES, street_id=problem.street_id)
            or actor.unit_for(Role.REVIEWER, district_id=problem.district_id),
        ),
        audience=StepAudience.STAFF,
    )
    return problem


def join(problem: Problem, *, actor: Actor, now: datetime) -> None:
    """Count the actor as having met the same."""
    require(policies.can_join(actor, queries.standing(problem, actor), now))
    person_id = _person(actor)
    add_supporter(problem.id, person_id, problem.id, now)
    log(
        events.ProblemJoined(
            problem_id=problem.id, person_id=person_id, at=now, actor_id=person_id
        ),
        audience=StepAudience.STAFF,
    )


def add_supporter(problem_id: int, person_id: int, origin_id: int, now: datetime) -> bool:
    """Put a person on a problem's list, or back on it; returns whether the count rose."""
    known = db.session.scalar(
        select(Supporter).where(
            Supporter.problem_id == problem_id, Supporter.person_id == person_id
        )
    )
    if known is not None and known.left_at is None:
        return False
    if known is not None:
        known.left_at, known.origin_id = None, origin_id
    else:
        db.session.add(
            Supporter(
                problem_id=problem_id, person_id=person_id, origin_id=origin_id, joined_at=now
            )
        )
    _count(problem_id, 1)
    db.session.flush()
    return True


def _count(problem_id: int, by: int) -> None:
    problem = queries.lock(problem_id)
    problem.supporters += by


def leave(problem: Problem, *, actor: Actor, now: datetime) -> None:
    """Take the actor off the list."""
    require(policies.can_leave(actor, queries.standing(problem, actor), now))
    person_id = _person(actor)
    db.session.execute(
        update(Supporter)
        .where(Supporter.problem_id == problem.id, Supporter.person_id == person_id)
        .values(left_at=now)
    )
    _count(problem.id, -1)
    log(
        events.SupporterLeft(
            problem_id=problem.id, person_id=person_id, at=now, actor_id=person_id
        ),
        audience=StepAudience.STAFF,
    )


def withdraw(problem: Problem, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take one's own problem back; the words say why."""
    require(policies.can_withdraw(actor, queries.standing(problem, actor), now))
    advance(problem, "withdraw")
    log(
        events.ProblemWithdrawn(problem_id=problem.id, at=now, actor_id=actor.person_id),
        body=reason,
    )


def nudge(problem: Problem, *, actor: Actor, now: datetime) -> None:
    """Remind whoever holds it, after the limit and once per gap; raises Refused `nudged_today`."""
    require(policies.can_nudge(actor, queries.standing(problem, actor), now))
    gap = rulebook.book(problem.edition_id).allowance("problems.nudge.gap").span()
    if not rules.nudge_open(problem.due_at, problem.last_nudged_at, now, gap):
        raise Refused("nudged_today")
    problem.last_nudged_at = now
    log(events.ProblemNudged(problem_id=problem.id, at=now, actor_id=actor.person_id))


def _person(actor: Actor) -> int:
    if actor.person_id is None:
        raise Refused("sign_in_first")
    return actor.person_id
