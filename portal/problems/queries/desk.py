"""What the workers' desks ask: who holds what, what waits for the district, what may be merged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core import ids, paging
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.paging import Page
from portal.media.models import Media
from portal.organisations.models import Unit
from portal.places.models import Division
from portal.problems import rules
from portal.problems.models import Assignment, Photo, Problem, Step
from portal.problems.queries.problem import lock
from portal.problems.states import OPEN, AssignmentState, ProblemState
from portal.rulebook.rules import Rulebook

PAGE_SIZE = 30
CANDIDATES = 10

A = AssignmentState
# The filters of an assignment list, by the word in its address.
HELD = {
    "open": frozenset({A.ASSIGNED, A.ACKNOWLEDGED, A.HANDING_BACK}),
    "new": frozenset({A.ASSIGNED}),
    "done": frozenset({A.DONE}),
    "ended": frozenset({A.ENDED}),
}


@dataclass(frozen=True)
class Held:
    """One assignment in a list."""

    id: int
    ref: str
    title: str
    state: AssignmentState
    problem_state: ProblemState
    urgency: str | None
    assigned_at: datetime
    acknowledge_due_at: datetime
    due_at: datetime
    holder: str
    community: str | None
    address: str

    @property
    def next_at(self) -> datetime:
        """The limit that counts now: to acknowledge, then to finish."""
        return self.acknowledge_due_at if self.state is A.ASSIGNED else self.due_at


def _held() -> Any:  # a select of the columns of Held, in their order
    return (
        select(
            Assignment.id,
            Problem.ref,
            Problem.title,
            Assignment.state,
            Problem.state,
            Problem.urgency,
            Assignment.assigned_at,
            Assignment.acknowledge_due_at,
            Assignment.due_at,
            Unit.short_name,
            Division.name,
            Problem.address,
        )
        .join(Problem, Problem.id == Assignment.problem_id)
        .join(Unit, Unit.id == Assignment.holder_unit_id)
        .outerjoin(Division, Division.id == Problem.community_id)
    )


def _held_page(where: ColumnElement[bool], which: str, cursor: str | None) -> Page[Held]:
    query = _held().where(where, Assignment.state.in_(HELD[which]))
    after = paging.decode(cursor, datetime, int)
    due = paging.as_time(after[0]) if after else None
    key: int = int(after[1]) if after else 0
    if which == "ended":
        query = query.order_by(Assignment.due_at.desc(), Assignment.id.desc())
        if due is not None:
            query = query.where(
                or_(Assignment.due_at < due, and_(Assignment.due_at == due, Assignment.id < key))
            )
    else:
        query = query.order_by(Assignment.due_at, Assignment.id)
        if due is not None:
            query = query.where(
                or_(Assignment.due_at > due, and_(Assignment.due_at == due, Assignment.id > key))
            )
    rows = [Held(*row) for row in db.session.execute(query.limit(PAGE_SIZE + 1))]
    return paging.cut(rows, PAGE_SIZE, lambda row: (row.due_at.isoformat(), row.id))


def held_by(actor: Actor, which: str, cursor: str | None = None) -> Page[Held]:
    """Return what the actor's units hold, by time left. One statement."""
    return _held_page(Assignment.holder_unit_id.in_(actor.unit_ids), which, cursor)


def held_in_street(
    street_id: int, which: str, holder: str | None = None, cursor: str | None = None
) -> Page[Held]:
    """Return what is held in a street, of one holder (a unit's code) when asked."""
    where = Problem.street_id == street_id
    return _held_page(and_(where, Unit.code == holder) if holder else where, which, cursor)


def handing_back(street_id: int) -> Sequence[Held]:
    """Return the requests for another holder that wait for the street's answer, oldest first."""
    query = (
        _held()
        .where(Problem.street_id == street_id, Assignment.state == A.HANDING_BACK)
        .order_by(Assignment.due_at, Assignment.id)
        .limit(PAGE_SIZE)
    )
    return [Held(*row) for row in db.session.execute(query)]


def holders(street_id: int) -> Sequence[tuple[str, str, int]]:
    """Return the units that hold something open in a street: code, name, how many."""
    return [
        (code, name, number)
        for code, name, number in db.session.execute(
            select(Unit.code, Unit.short_name, func.count())
            .join(Assignment, Assignment.holder_unit_id == Unit.id)
            .join(Problem, Problem.id == Assignment.problem_id)
            .where(Problem.street_id == street_id, Assignment.state.in_(HELD["open"]))
            .group_by(Unit.code, Unit.short_name)
            .order_by(func.count().desc(), Unit.code)
        )
    ]


def nobody_holds(street_id: int) -> Sequence[Problem]:
    """Return accepted and reopened problems without a holder, by time left."""
    return db.session.scalars(
        select(Problem)
        .where(
            Problem.street_id == street_id,
            Problem.state.in_((ProblemState.ACCEPTED, ProblemState.REOPENED)),
        )
        .order_by(Problem.due_at, Problem.id)
        .limit(PAGE_SIZE)
    ).all()


def held_now(problem: Problem) -> Assignment:
    """Return the problem's live assignment with its holder and problem; raises NotFound."""
    found = db.session.scalar(
        select(Assignment)
        .where(Assignment.problem_id == problem.id, Assignment.ended_at.is_(None))
        .options(joinedload(Assignment.holder), joinedload(Assignment.problem))
    )
    if found is None:
        raise NotFound
    return found


def lock_held(problem_id: int) -> Assignment:
    """Return the live assignment for the act under way; the problem, its root, is locked first."""
    return held_now(lock(problem_id))


def several(refs: Sequence[str], street_id: int) -> Sequence[Problem]:
    """Return these problems of a street in the order given; raises NotFound if one is not."""
    wanted = [ref for ref in dict.fromkeys(refs) if ids.is_ref(ref)]
    found = {
        problem.ref: problem
        for problem in db.session.scalars(
            select(Problem).where(Problem.ref.in_(wanted), Problem.street_id == street_id)
        )
    }
    if len(found) != len(wanted) or len(wanted) != len(set(refs)):
        raise NotFound
    return [found[ref] for ref in wanted]


def candidates(problem: Problem, book: Rulebook, words: str = "") -> Sequence[Problem]:
    """Return open problems of the street that this one may repeat, newest first.

    Without words: the same kind in the same grid or within near.radius metres, in near.days.
    With words: a reference, or words of title and address.
    """
    query = select(Problem).where(
        Problem.street_id == problem.street_id, Problem.state.in_(OPEN), Problem.id != problem.id
    )
    ref = ids.normalise_ref(words)
    if ids.is_ref(ref):
        query = query.where(Problem.ref == ref)
    elif words.strip():
        like = f"%{escape(words.strip())}%"
        query = query.where(
            or_(Problem.title.like(like, escape="\\"), Problem.address.like(like, escape="\\"))
        )
    else:
        since = problem.submitted_at - timedelta(days=book.allowance("problems.near.days").amount)
        query = query.where(Problem.submitted_at >= since, or_(*_alike(problem, book)))
    query = query.order_by(Problem.submitted_at.desc(), Problem.id.desc())
    return db.session.scalars(query.limit(CANDIDATES)).all()


def _alike(problem: Problem, book: Rulebook) -> list[ColumnElement[bool]]:
    """Return the ways of being alike: near and of the same kind, where both are known."""
    near: list[ColumnElement[bool]] = []
    if problem.grid_id is not None:
        near.append(Problem.grid_id == problem.grid_id)
    if problem.latitude is not None and problem.longitude is not None:
        low, high, west, east = rules.box(
            problem.latitude, problem.longitude, book.number("problems.near.radius")
        )
        near.append(
            and_(Problem.latitude.between(low, high), Problem.longitude.between(west, east))
        )
    if not near:
        return [Problem.address == problem.address]
    if problem.category_id is None:
        return near
    same = or_(Problem.category_id == problem.category_id, Problem.category_id.is_(None))
    return [and_(same, or_(*near))]


def escape(words: str) -> str:
    """Return words whose wildcards mean themselves in LIKE (escape character: backslash)."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def with_district(
    district_id: int, which: str, now: datetime, cursor: str | None = None
) -> Page[Problem]:
    """Return problems for the district: `waiting` for its decision, or `late` in any street."""
    query = select(Problem).where(Problem.district_id == district_id)
    if which == "waiting":
        query = query.where(
            Problem.state == ProblemState.CLOSED,
            Problem.district_review_at.is_not(None),
            Problem.district_decided_at.is_(None),
        )
    else:
        query = query.where(Problem.state.in_(OPEN - {ProblemState.RATING}), Problem.due_at <= now)
    after = paging.decode(cursor, datetime, int)
    due = paging.as_time(after[0]) if after else None
    if after and due is not None:
        query = query.where(
            or_(Problem.due_at > due, and_(Problem.due_at == due, Problem.id > int(after[1])))
        )
    rows = db.session.scalars(query.order_by(Problem.due_at, Problem.id).limit(PAGE_SIZE + 1)).all()
    return paging.cut(rows, PAGE_SIZE, lambda row: (row.due_at.isoformat(), row.id))


def pictures(problem_id: int) -> Sequence[tuple[str, Photo]]:
    """Return a problem's photos with their tokens, oldest first: for those inside."""
    return [
        (token, photo)
        for token, photo in db.session.execute(
            select(Media.token, Photo)
            .join(Photo, Photo.media_id == Media.id)
            .where(Photo.problem_id == problem_id, Media.erased_at.is_(None))
            .order_by(Photo.id)
        )
    ]


def last_step(problem_id: int, tag: str) -> Step | None:
    """Return the last line of this kind with its unit."""
    return db.session.scalar(
        select(Step)
        .where(Step.problem_id == problem_id, Step.tag == tag)
        .options(joinedload(Step.unit))
        .order_by(Step.id.desc())
        .limit(1)
    )
