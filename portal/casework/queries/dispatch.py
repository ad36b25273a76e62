"""The dispatch board's questions: a queue by time left, and what is counted beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from portal.core import paging
from portal.core.db import db
from portal.core.paging import Page
from portal.duties.models import Category
from portal.places.models import Division, GridCell
from portal.problems.models import Assignment, Problem
from portal.problems.states import AssignmentState, ProblemState, Source

QUEUE_SIZE = 30
COUNT_CAP = 100

TRIAGE = (ProblemState.SUBMITTED, ProblemState.REOPENED, ProblemState.RESOLVED)


@dataclass(frozen=True)
class QueueRow:
    """One card of the queue, with only what the card shows."""

    id: int
    ref: str
    title: str
    state: ProblemState
    source: Source
    due_at: datetime
    submitted_at: datetime
    reopenings: int
    supporters: int
    category: str | None
    community: str | None
    grid: int | None
    handing_back: bool


def _handing_back() -> ColumnElement[bool]:
    return exists().where(
        Assignment.problem_id == Problem.id,
        Assignment.ended_at.is_(None),
        Assignment.state == AssignmentState.HANDING_BACK,
    )


def _waits_for_street(street_id: int) -> ColumnElement[bool]:
    """Return what the street must decide: new, reopened, to be checked, asked to reassign."""
    return and_(
        Problem.street_id == street_id,
        or_(
            Problem.state.in_(TRIAGE),
            and_(Problem.state == ProblemState.HANDLING, _handing_back()),
        ),
    )


def _scope(
    street_id: int, district_id: int, source: Source | None, *, unplaced: bool
) -> ColumnElement[bool]:
    if unplaced:
        return and_(
            Problem.district_id == district_id,
            Problem.street_id.is_(None),
            Problem.state == ProblemState.SUBMITTED,
        )
    scope = _waits_for_street(street_id)
    return and_(scope, Problem.source == source) if source else scope


def queue(
    street_id: int,
    district_id: int,
    *,
    source: Source | None = None,
    unplaced: bool = False,
    cursor: str | None = None,
) -> Page[QueueRow]:
    """Return one page of the street's queue, late ones first. One statement."""
    query = (
        select(
            Problem.id,
            Problem.ref,
            Problem.title,
            Problem.state,
            Problem.source,
            Problem.due_at,
            Problem.submitted_at,
            Problem.reopenings,
            Problem.supporters,
            Category.name,
            Division.name,
            GridCell.number,
            _handing_back(),
        )
        .outerjoin(Category, Category.id == Problem.category_id)
        .outerjoin(Division, Division.id == Problem.community_id)
        .outerjoin(GridCell, GridCell.id == Problem.grid_id)
        .where(_scope(street_id, district_id, source, unplaced=unplaced))
        .order_by(Problem.due_at, Problem.id)
        .limit(QUEUE_SIZE + 1)
    )
    after = paging.decode(cursor, datetime, int)
    if after:
        due = paging.as_time(after[0])
        query = query.where(
            or_(Problem.due_at > due, and_(Problem.due_at == due, Problem.id > after[1]))
        )
    rows = [QueueRow(*row) for row in db.session.execute(query)]
    return paging.cut(rows, QUEUE_SIZE, lambda row: (row.due_at.isoformat(), row.id))


def counts(street_id: int, district_id: int) -> dict[str, int]:
    """Return how many wait, by source and without a place, each capped. One statement."""
    waiting = (
        select(Problem.source.label("what"), Problem.id)
        .where(_waits_for_street(street_id))
        .limit(COUNT_CAP * len(Source))
        .subquery()
    )
    unplaced = (
        select(Problem.id)
        .where(_scope(street_id, district_id, None, unplaced=True))
        .limit(COUNT_CAP)
        .subquery()
    )
    placeless = select(func.count()).select_from(unplaced).scalar_subquery()
    found = {"unplaced": 0}
    for source, number, lost in db.session.execute(
        select(waiting.c.what, func.count(), placeless).group_by(waiting.c.what)
    ):
        found[str(source)], found["unplaced"] = number, lost
    found["all"] = sum(number for what, number in found.items() if what != "unplaced")
    return found


def same_place(problem: Problem, since: datetime) -> Sequence[tuple[str, str, datetime]]:
    """Return earlier problems of the same category in the same grid: ref, title, when."""
    if problem.grid_id is None or problem.category_id is None:
        return ()
    return [
        (ref, title, at)
        for ref, title, at in db.session.execute(
            select(Problem.ref, Problem.title, Problem.submitted_at)
            .where(
                Problem.street_id == problem.street_id,
                Problem.grid_id == problem.grid_id,
                Problem.category_id == problem.category_id,
                Problem.id != problem.id,
                Problem.submitted_at >= since,
            )
            .order_by(Problem.submitted_at.desc())
            .limit(10)
        )
    ]
