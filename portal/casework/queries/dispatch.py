"""The dispatch board's questions: a queue by time left, and what is counted beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)

from portal.core import ids, paging
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.paging import Page
from portal.duties.models import Category
from portal.organisations.models import Unit
from portal.organisations.states import UnitKind
from portal.places.models import Division, GridCell
from portal.problems.events import ProblemWhistled
from portal.problems.models import Assignment, Problem, Step
from portal.problems.policies import STREET_ROLES
from portal.problems.states import AssignmentState, ProblemState, Source

QUEUE_SIZE = 30
COUNT_CAP = 100
DAYS = 7

IN_WORK = (ProblemState.ACCEPTED, ProblemState.HANDLING, ProblemState.WHISTLED)
# Who handles for the street itself, as the chart counts it.
OWN_KINDS = (UnitKind.STREET_OFFICE, UnitKind.STREET_TEAM, UnitKind.COMMUNITY_COMMITTEE)
TRIAGE = (ProblemState.SUBMITTED, ProblemState.REOPENED, ProblemState.RESOLVED)


@dataclass(frozen=True)
class QueueRow:
    """One card of the queue, with only what the card shows."""

    id: int
    edition_id: int
    ref: str
    title: str
    state: ProblemState
    source: Source
    due_at: datetime
    submitted_at: datetime
    resolved_at: datetime | None
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
            Problem.edition_id,
            Problem.ref,
            Problem.title,
            Problem.state,
            Problem.source,
            Problem.due_at,
            Problem.submitted_at,
            Problem.resolved_at,
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
    rows = [QueueRow(*tuple(row)) for row in db.session.execute(query)]
    return paging.cut(rows, QUEUE_SIZE, lambda row: (row.due_at.isoformat(), row.id))


@dataclass(frozen=True)
class Day:
    """One day's work: problems that the street gave to its own, and that it whistled for."""

    at: datetime
    own: int = 0
    whistled: int = 0


@dataclass(frozen=True)
class Board:
    """What is counted beside the queue (each capped), and the last seven days, oldest first."""

    street: str
    by_source: dict[Source, int]
    unplaced: int
    in_hand: int
    done_today: int
    week: tuple[Day, ...]

    @property
    def waiting(self) -> int:
        """All that wait for the street's decision."""
        return sum(self.by_source.values())


# A line of the one statement: what is counted, which of several, the number, a name.
Line = Any


def _capped(where: ColumnElement[bool]) -> ColumnElement[int]:
    rows = select(Problem.id).where(where).limit(COUNT_CAP).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


def _line(kind: str, index: int, number: ColumnElement[int]) -> Line:
    return select(literal(kind), literal(index), number, literal(""))


def board(street_id: int, district_id: int, now: datetime) -> Board:
    """Return the board's figures. One statement: named lines of numbers, put together here."""
    mine = Problem.street_id == street_id
    midnight = _midnight(now)
    days = [midnight - timedelta(days=back) for back in reversed(range(DAYS))]
    lines: list[Line] = [
        _line("source", index, _capped(_scope(street_id, district_id, one, unplaced=False)))
        for index, one in enumerate(Source)
    ]
    lines += [
        select(literal("street"), literal(0), literal(0), Division.name).where(
            Division.id == street_id
        ),
        _line("unplaced", 0, _capped(_scope(street_id, district_id, None, unplaced=True))),
        _line("in_hand", 0, _capped(and_(mine, Problem.state.in_(IN_WORK)))),
        _line("done_today", 0, _capped(and_(mine, Problem.resolved_at >= midnight))),
        _own(street_id, days),
        _whistled(street_id, days),
    ]
    found: dict[tuple[str, int], int] = {}
    street = ""
    for kind, index, number, name in db.session.execute(union_all(*lines)):
        found[kind, index] = number
        street = name or street
    return Board(
        street=street,
        by_source={one: found["source", index] for index, one in enumerate(Source)},
        unplaced=found["unplaced", 0],
        in_hand=found["in_hand", 0],
        done_today=found["done_today", 0],
        week=tuple(
            Day(day, found.get(("own", index), 0), found.get(("whistled", index), 0))
            for index, day in enumerate(days)
        ),
    )


def _own(street_id: int, days: Sequence[datetime]) -> Line:
    day = _day_of(Assignment.assigned_at, days)
    return (
        select(literal("own"), day, func.count(Assignment.problem_id.distinct()), literal(""))
        .join(Problem, Problem.id == Assignment.problem_id)
        .join(Unit, Unit.id == Assignment.holder_unit_id)
        .where(
            Problem.street_id == street_id,
            Unit.kind.in_(OWN_KINDS),
            Assignment.assigned_at >= days[0],
        )
        .group_by(day)
    )


def _whistled(street_id: int, days: Sequence[datetime]) -> Line:
    day = _day_of(Step.at, days)
    return (
        select(literal("whistled"), day, func.count(Step.problem_id.distinct()), literal(""))
        .join(Problem, Problem.id == Step.problem_id)
        .where(
            Problem.street_id == street_id,
            Step.tag == ProblemWhistled.tag,
            Step.at >= days[0],
        )
        .group_by(day)
    )


def _day_of(column: Any, days: Sequence[datetime]) -> ColumnElement[int]:
    """Return the index of the day; literals, so that SELECT and GROUP BY are one expression."""
    marks: list[Any] = [
        (column < day, literal_column(str(index))) for index, day in enumerate(days[1:])
    ]
    return case(*marks, else_=literal_column(str(len(days) - 1)))


def _midnight(now: datetime) -> datetime:
    local = now.astimezone(ids.SHANGHAI)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


def badges(actor: Actor) -> dict[str, int]:
    """Return the numbers in a worker's navigation, each capped. One statement.

    `dispatch`: what waits for the street; `tasks`: what the units have to acknowledge.
    """
    seat = actor.seat(*STREET_ROLES)
    street = seat.street_id if seat else None
    new = (
        select(Assignment.id)
        .where(
            Assignment.holder_unit_id.in_(actor.unit_ids),
            Assignment.state == AssignmentState.ASSIGNED,
        )
        .limit(COUNT_CAP)
        .subquery()
    )
    tasks = select(func.count()).select_from(new).scalar_subquery()
    waits = _capped(_waits_for_street(street)) if street is not None else literal(0)
    row = db.session.execute(select(waits, tasks)).one()
    return {"dispatch": int(row[0]), "tasks": int(row[1])}
