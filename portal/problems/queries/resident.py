"""The resident's questions: what is near, what is public, what is mine, what waits for review."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
)

from portal.accounts.models import Residence
from portal.core import ids, paging
from portal.core.actor import Actor
from portal.core.db import UtcDateTime, db
from portal.core.errors import NotFound
from portal.core.paging import Page
from portal.core.sealed import lookup_hash
from portal.media.models import Media
from portal.organisations.states import Role
from portal.places.models import Building, Compound, Division
from portal.places.queries import Spot
from portal.problems import policies, rules
from portal.problems.models import Photo, Problem, Step, Supporter
from portal.problems.states import FINAL, OPEN, Audience, PhotoKind, ProblemState
from portal.rulebook import queries as rulebook
from portal.rulebook.models import Edition
from portal.rulebook.rules import Rulebook

NEAR_SHOWN = 3
NEAR_READ = 40
PAGE = 20
MINE = "mine"


def house_rules(now: datetime) -> Rulebook:
    """Return the rules for what has no place yet: an upload, a draft."""
    return rulebook.installation(now.astimezone(ids.SHANGHAI).date())


def served_districts(on: date) -> Sequence[Division]:
    """Return the districts that have rules in force, those set up first first."""
    return db.session.scalars(
        select(Division)
        .join(Edition, Edition.district_id == Division.id)
        .where(Edition.valid_from <= on)
        .group_by(Division.id)
        .order_by(func.min(Edition.id))
    ).all()


def home_of(person_id: int) -> tuple[int, int | None] | None:
    """Return community and building where a person lives now."""
    row = db.session.execute(
        select(Residence.community_id, Residence.building_id)
        .where(Residence.person_id == person_id, Residence.valid_to.is_(None))
        .order_by(Residence.id.desc())
        .limit(1)
    ).first()
    return (row.community_id, row.building_id) if row else None


def buildings_by_compound(community_id: int) -> list[tuple[str, int, str]]:
    """Return compound, id and name of a community's buildings, in the order of their entry."""
    rows = db.session.execute(
        select(Compound.name, Building.id, Building.name)
        .join(Compound, Compound.id == Building.compound_id)
        .where(Building.community_id == community_id)
        .order_by(Compound.id, Building.id)
    )
    return [(compound, number, name) for compound, number, name in rows]


def released() -> ColumnElement[bool]:
    """Return what anybody may read."""
    return and_(Problem.released_at.is_not(None), Problem.audience != Audience.STAFF)


def near(spot: Spot, category_id: int | None, now: datetime) -> list[Problem]:
    """Return open public problems that may be the same matter, the nearest first.

    Within the rulebook's radius and days; with a category, of that category only. Where a place
    has no point, the same building (or community, without one) counts as near.
    """
    book = rulebook.current(spot.district_id, now.astimezone(ids.SHANGHAI).date())
    query = select(Problem).where(
        released(),
        Problem.state.in_(OPEN),
        Problem.street_id == spot.street_id,
        Problem.submitted_at >= now - book.allowance("problems.near.days").span(),
    )
    if category_id is not None:
        query = query.where(or_(Problem.category_id == category_id, Problem.category_id.is_(None)))
    radius = book.number("problems.near.radius")
    if spot.latitude is None or spot.longitude is None:
        here = (
            Problem.building_id == spot.building_id
            if spot.building_id is not None
            else Problem.community_id == spot.community_id
        )
        return list(
            db.session.scalars(
                query.where(here).order_by(Problem.submitted_at.desc()).limit(NEAR_SHOWN)
            )
        )
    south, north, west, east = rules.box(spot.latitude, spot.longitude, radius)
    found = db.session.scalars(
        query.where(Problem.latitude.between(south, north), Problem.longitude.between(west, east))
        .order_by(Problem.submitted_at.desc())
        .limit(NEAR_READ)
    )
    by_distance = []
    for problem in found:
        away = rules.metres(
            spot.latitude, spot.longitude, problem.latitude or 0.0, problem.longitude or 0.0
        )
        if away <= radius:
            by_distance.append((away, problem.id, problem))
    return [problem for _away, _id, problem in sorted(by_distance)[:NEAR_SHOWN]]


def by_query(ref: str, code: str) -> Problem | None:
    """Return the problem that reference and query code of a slip open together."""
    if not ids.is_ref(ref):
        return None
    return db.session.scalar(
        select(Problem).where(
            Problem.ref == ref,
            Problem.query_code_hash == lookup_hash("query code", code),
        )
    )


def shown_photos(unreleased: Collection[PhotoKind]) -> ColumnElement[bool]:
    """Return which photos are shown: released ones, and these kinds before they are."""
    return or_(Photo.released_at.is_not(None), Photo.kind.in_(unreleased))


def picture(problem_id: int, token: str, *, unreleased: Collection[PhotoKind]) -> Media:
    """Return a picture that hangs on the problem and is shown; raises NotFound."""
    media = db.session.scalar(
        select(Media)
        .join(Photo, Photo.media_id == Media.id)
        .where(
            Photo.problem_id == problem_id,
            Media.token == token,
            Media.erased_at.is_(None),
            shown_photos(unreleased),
        )
    )
    if media is None:
        raise NotFound
    return media


@dataclass(frozen=True)
class ReviewPhoto:
    """A photo as the reviewer ticks it."""

    id: int
    token: str
    released_at: datetime | None


def photos_for_review(problem_id: int) -> list[ReviewPhoto]:
    """Return all photos of a problem, oldest first."""
    rows = db.session.execute(
        select(Photo.id, Media.token, Photo.released_at)
        .join(Media, Media.id == Photo.media_id)
        .where(Photo.problem_id == problem_id, Media.erased_at.is_(None))
        .order_by(Photo.id)
    )
    return [ReviewPhoto(*row) for row in rows]


def review_scope(actor: Actor) -> ColumnElement[bool]:
    """Return what the actor reviews: a reviewer the district's, the street's desk its own."""
    ways: list[ColumnElement[bool]] = [false()]
    for seat in actor.seats:
        if seat.role == Role.REVIEWER:
            ways.append(Problem.district_id == seat.district_id)
        elif seat.role in policies.STREET_ROLES and seat.street_id is not None:
            ways.append(Problem.street_id == seat.street_id)
    return or_(*ways)


def to_review(actor: Actor, cursor: str | None) -> Page[Problem]:
    """Return what waits for review by its own clock: text not released, or photos added since.

    A photo that was left unticked does not come back; one added after the last review does.
    """
    reviewed_at = (
        select(func.max(Step.at))
        .where(Step.problem_id == Problem.id, Step.tag == "problems:problem:publish")
        .scalar_subquery()
    )
    new_photos = exists().where(
        Photo.problem_id == Problem.id,
        Photo.released_at.is_(None),
        or_(reviewed_at.is_(None), Photo.added_at > reviewed_at),
    )
    query = (
        select(Problem)
        .where(
            review_scope(actor),
            Problem.audience != Audience.STAFF,
            Problem.state.not_in(FINAL),
            or_(Problem.released_at.is_(None), new_photos),
        )
        .order_by(Problem.review_due_at, Problem.id)
        .limit(PAGE + 1)
    )
    after = paging.decode(cursor, datetime, int)
    if after:
        due = paging.as_time(after[0])
        query = query.where(
            or_(
                Problem.review_due_at > due,
                and_(Problem.review_due_at == due, Problem.id > after[1]),
            )
        )
    rows = db.session.scalars(query).all()
    return paging.cut(rows, PAGE, lambda row: (row.review_due_at.isoformat(), row.id))


@dataclass(frozen=True)
class Row:
    """One problem in a resident's list."""

    ref: str
    title: str
    address: str
    state: ProblemState
    quiet: bool
    submitted_at: datetime
    supporters: int
    community_id: int | None
    community: str | None


Question = Select[*tuple[Any, ...]]
_ROW = (
    Problem.ref,
    Problem.title,
    Problem.address,
    Problem.state,
    Problem.quiet,
    Problem.submitted_at,
    Problem.supporters,
    Problem.community_id,
    Division.name,
)


# Building these questions takes longer than asking them: each form of one is built once.
@cache
def _mine(*, followed: bool, goes_on: bool) -> Question:
    query = select(Problem.id, *_ROW).outerjoin(Division, Division.id == Problem.community_id)
    person = bindparam("person_id", type_=Integer)
    if followed:
        query = query.join(Supporter, Supporter.problem_id == Problem.id).where(
            Supporter.person_id == person, Supporter.left_at.is_(None)
        )
    else:
        query = query.where(Problem.reporter_id == person)
    return _newest(query, Problem.submitted_at, goes_on=goes_on)


def mine(person_id: int, *, followed: bool, cursor: str | None) -> Page[Row]:
    """Return what a person reported, or follows, newest first. One statement."""
    after = _after(cursor)
    return _page(_mine(followed=followed, goes_on=bool(after)), after | {"person_id": person_id})


# The filters of the public list, by the word in its address.
PUBLIC_STATES = {
    "open": tuple(sorted(OPEN - {ProblemState.RATING})),
    "rating": (ProblemState.RATING,),
    "closed": (ProblemState.CLOSED,),
}


@cache
def _public(*, home: bool, community: bool, states: str | None, goes_on: bool) -> Question:
    district = (
        select(Edition.district_id).order_by(Edition.id).limit(1).correlate(None).scalar_subquery()
    )
    query = (
        select(Problem.id, *_ROW)
        .outerjoin(Division, Division.id == Problem.community_id)
        .where(released(), Problem.district_id == district)
    )
    if home:
        own = (
            select(Residence.community_id)
            .where(Residence.person_id == bindparam("person_id"), Residence.valid_to.is_(None))
            .order_by(Residence.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = query.where(Problem.community_id == own)
    elif community:
        query = query.where(Problem.community_id == bindparam("community_id"))
    if states is not None:
        query = query.where(Problem.state.in_(PUBLIC_STATES[states]))
    return _newest(query, Problem.released_at, goes_on=goes_on)


def public_list(
    *, community: int | str | None, person_id: int | None, states: str | None, cursor: str | None
) -> Page[Row]:
    """Return what everybody may read in the installation's district, newest released first.

    `community` is an id, or "mine" for where the person lives. One statement.
    """
    after, home = _after(cursor), community == MINE
    query = _public(
        home=home,
        community=community is not None and not home,
        states=states if states in PUBLIC_STATES else None,
        goes_on=bool(after),
    )
    values: dict[str, Any] = {"person_id": person_id} if home else {"community_id": community}
    return _page(query, after | values)


def _newest(query: Question, column: Any, *, goes_on: bool) -> Question:
    query = query.add_columns(column).order_by(column.desc(), Problem.id.desc()).limit(PAGE + 1)
    if goes_on:
        at, last = bindparam("at", type_=UtcDateTime), bindparam("last_id", type_=Integer)
        query = query.where(or_(column < at, and_(column == at, Problem.id < last)))
    return query


def _after(cursor: str | None) -> dict[str, Any]:
    """Return the values of the last row that was shown; nothing for the first page."""
    after = paging.decode(cursor, datetime, int)
    return {"at": paging.as_time(after[0]), "last_id": after[1]} if after else {}


def _page(query: Question, values: dict[str, Any]) -> Page[Row]:
    rows = db.session.execute(query, values).all()
    page = paging.cut(rows, PAGE, lambda row: (row[-1].isoformat(), row[0]))
    return Page([Row(*row[1:-1]) for row in page.items], page.next_cursor)
