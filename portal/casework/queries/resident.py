"""What the resident's home and a problem's page ask: few statements, whatever hangs on a case."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, bindparam, exists, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.ballots.models import Ballot, Elector, Turnout
from portal.core import ids
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.duties.models import Category
from portal.media.models import Media
from portal.organisations.models import Unit
from portal.places.models import Division
from portal.problems import queries as problems
from portal.problems.models import Assignment, Grant, Hold, Photo, Problem, Step, Supporter
from portal.problems.queries import Standing
from portal.problems.states import Audience, PhotoKind, ProblemState, StepAudience
from portal.satisfaction.models import RatingRound
from portal.whistles.models import Callout, Whistle, WhistleProblem

NEWS = 3


@dataclass(frozen=True)
class Case:
    """A problem with the names that its page shows."""

    problem: Problem
    standing: Standing
    category: str | None
    category_en: str | None
    community: str | None
    community_phone: str | None
    street: str | None
    reporter: str | None
    merged_ref: str | None
    assignment: Assignment | None
    holder: Unit | None
    was_whistled: bool
    crew_arrived: bool


@cache
def _case() -> Select[*tuple[Any, ...]]:
    """Return the question about one problem; building it takes longer than asking, so once."""
    street, community, target = aliased(Division), aliased(Division), aliased(Problem)
    return (
        select(
            Problem,
            Category.name,
            Category.name_en,
            community.name,
            community.phone,
            street.name,
            Person.public_name,
            target.ref,
            Assignment,
            Unit,
            exists().where(WhistleProblem.problem_id == Problem.id),
            _arrived(),
            _supports(bindparam("person_id")),
            exists().where(
                Grant.problem_id == Problem.id,
                Grant.unit_id.in_(bindparam("unit_ids", expanding=True)),
            ),
            exists().where(
                Hold.problem_id == Problem.id, Hold.verb == "close", Hold.lifted_at.is_(None)
            ),
        )
        .outerjoin(Category, Category.id == Problem.category_id)
        .outerjoin(community, community.id == Problem.community_id)
        .outerjoin(street, street.id == Problem.street_id)
        .outerjoin(Person, Person.id == Problem.reporter_id)
        .outerjoin(target, target.id == Problem.merged_into_id)
        .outerjoin(
            Assignment,
            (Assignment.problem_id == Problem.id) & Assignment.ended_at.is_(None),
        )
        .outerjoin(Unit, Unit.id == Assignment.holder_unit_id)
        .where(Problem.ref == bindparam("ref"))
    )


def case(ref: str, actor: Actor) -> Case:
    """Return everything about one problem that stands beside its timeline. One statement.

    Raises NotFound when the actor may not know of it.
    """
    if not ids.is_ref(ref):
        raise NotFound
    row = db.session.execute(
        _case().where(problems.visible_to(actor)),
        {"ref": ref, "person_id": actor.person_id, "unit_ids": sorted(actor.unit_ids)},
    ).first()
    if row is None:
        raise NotFound
    problem, assignment, holder = row[0], row[8], row[9]
    whistled, arrived, supports, granted, held = row[10:]
    finished_by = assignment.finished_by_id if assignment is not None else None
    standing = Standing(
        problem=problem,
        is_reporter=actor.person_id is not None and problem.reporter_id == actor.person_id,
        is_supporter=supports,
        was_opened_by_code=problem.ref in actor.opened_refs,
        has_grant=granted,
        handler_ids=frozenset({finished_by} if finished_by is not None else ()),
        handler_unit_ids=frozenset({assignment.holder_unit_id} if assignment else ()),
        held_verbs=frozenset({"close"} if held else ()),
    )
    return Case(
        problem=problem,
        standing=standing,
        category=row[1],
        category_en=row[2],
        community=row[3],
        community_phone=row[4],
        street=row[5],
        reporter=row[6],
        merged_ref=row[7],
        assignment=assignment,
        holder=holder,
        was_whistled=whistled,
        crew_arrived=arrived,
    )


def _supports(person_id: BindParameter[Any]) -> ColumnElement[bool]:
    return exists().where(
        Supporter.problem_id == Problem.id,
        Supporter.person_id == person_id,
        Supporter.left_at.is_(None),
    )


def _arrived() -> ColumnElement[bool]:
    """Tell whether a department of a released whistle stands on site."""
    return exists().where(
        WhistleProblem.problem_id == Problem.id,
        Whistle.id == WhistleProblem.whistle_id,
        Whistle.released_at.is_not(None),
        Whistle.audience != Audience.STAFF,
        Callout.whistle_id == Whistle.id,
        Callout.reported_in_at.is_not(None),
        Callout.ended_at.is_(None),
    )


@dataclass(frozen=True)
class Line:
    """One step of the timeline with the units it names."""

    step: Step
    unit: str | None
    to_unit: str | None


@cache
def _lines(*, inside: bool) -> Select[*tuple[Any, ...]]:
    acting, receiving = aliased(Unit), aliased(Unit)
    query: Select[*tuple[Any, ...]] = (
        select(Step, acting.short_name, receiving.short_name)
        .outerjoin(acting, acting.id == Step.unit_id)
        .outerjoin(receiving, receiving.id == Step.slots["holder_unit_id"].as_integer())
        .where(Step.problem_id == bindparam("problem_id"))
        .order_by(Step.at.desc(), Step.id.desc())
    )
    return query if inside else query.where(Step.audience == StepAudience.PUBLIC)


def lines(problem_id: int, *, inside: bool) -> Sequence[Line]:
    """Return the problem's steps, newest first, with who did it and who got it. One statement."""
    rows = db.session.execute(_lines(inside=inside), {"problem_id": problem_id})
    return [Line(*row) for row in rows]


@dataclass(frozen=True)
class Shown:
    """A photo of the page."""

    token: str
    step_id: int | None
    kind: str
    released_at: datetime | None


def photos(problem_id: int, *, unreleased: Collection[PhotoKind]) -> Sequence[Shown]:
    """Return the photos, oldest first: released ones, and these kinds before they are."""
    return [
        Shown(*row)
        for row in db.session.execute(
            select(Media.token, Photo.step_id, Photo.kind, Photo.released_at)
            .join(Media, Media.id == Photo.media_id)
            .where(
                Photo.problem_id == problem_id,
                Media.erased_at.is_(None),
                problems.shown_photos(unreleased),
            )
            .order_by(Photo.id)
        )
    ]


# --- home ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Latest:
    """One of the resident's reports on the home page, with its newest public line."""

    problem: Problem
    crew_arrived: bool
    tag: str | None
    slots: dict[str, Any] | None
    body: str | None
    at: datetime | None
    unit: str | None


def latest(person_id: int) -> Sequence[Latest]:
    """Return the person's newest reports, open ones first, with their news. One statement."""
    newest = (
        select(Step.id)
        .where(Step.problem_id == Problem.id, Step.audience == StepAudience.PUBLIC)
        .order_by(Step.id.desc())
        .limit(1)
        .correlate(Problem)
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Problem, _arrived(), Step.tag, Step.slots, Step.body, Step.at, Unit.short_name)
        .outerjoin(Step, Step.id == newest)
        .outerjoin(Unit, Unit.id == Step.unit_id)
        .where(Problem.reporter_id == person_id)
        .order_by(Problem.closed_at.is_not(None), Problem.submitted_at.desc(), Problem.id.desc())
        .limit(NEWS)
    )
    return [Latest(*row) for row in rows]


@dataclass(frozen=True)
class Asked:
    """An open rating that waits for this person."""

    ref: str
    title: str
    closes_at: datetime


def asked(person_id: int, now: datetime) -> Sequence[Asked]:
    """Return the ratings that wait for the person's answer, the soonest first. One statement."""
    rows = db.session.execute(
        select(Problem.ref, Problem.title, Ballot.closes_at)
        .join(RatingRound, RatingRound.problem_id == Problem.id)
        .join(Ballot, Ballot.id == RatingRound.ballot_id)
        .join(Elector, Elector.ballot_id == Ballot.id)
        .where(
            Elector.person_id == person_id,
            Problem.state == ProblemState.RATING,
            RatingRound.outcome.is_(None),
            Ballot.closes_at > now,
            ~exists().where(Turnout.elector_id == Elector.id),
        )
        .order_by(Ballot.closes_at)
        .limit(NEWS)
    )
    return [Asked(*row) for row in rows]
