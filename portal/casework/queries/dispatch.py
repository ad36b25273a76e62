"""The dispatch board's questions: a queue by time left, and what is counted beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    and_,
    bindparam,
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
from portal.core.db import UtcDateTime, db
from portal.core.paging import Page
from portal.duties.models import Category
from portal.organisations.models import Unit
from portal.organisations.states import UnitKind
from portal.places.models import Division, GridCell
from portal.problems.models import Assignment, Problem
from portal.problems.policies import STREET_ROLES
from portal.problems.states import AssignmentState, ProblemState, Source
from portal.whistles.models import Whistle, WhistleProblem

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


# The questions are asked on every look at the board, and building one costs more than asking it:
# each is built once a process, with these in the place of the values.
Rows = Select[*tuple[Any, ...]]
STREET = bindparam("street_id", type_=Integer)
DISTRICT = bindparam("district_id", type_=Integer)


def _handing_back() -> ColumnElement[bool]:
    return exists().where(
        Assignment.problem_id == Problem.id,
        Assignment.ended_at.is_(None),
        Assignment.state == AssignmentState.HANDING_BACK,
    )


def _waits_for_street() -> ColumnElement[bool]:
    """Return what the street must decide: new, reopened, to be checked, asked to reassign.

    The states stand alone at first, so that the index leads past a street's closed years.
    """
    return and_(
        Problem.street_id == STREET,
        Problem.state.in_((*TRIAGE, ProblemState.HANDLING)),
        or_(Problem.state != ProblemState.HANDLING, _handing_back()),
    )


def _waits_without_place() -> ColumnElement[bool]:
    return and_(
        Problem.district_id == DISTRICT,
        Problem.street_id.is_(None),
        Problem.state == ProblemState.SUBMITTED,
    )


@cache
def _queue(*, by_source: bool, unplaced: bool, goes_on: bool) -> Rows:
    query: Rows = (
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
        .where(_waits_without_place() if unplaced else _waits_for_street())
        .order_by(Problem.due_at, Problem.id)
        .limit(QUEUE_SIZE + 1)
    )
    if by_source:
        query = query.where(Problem.source == bindparam("source"))
    if goes_on:
        due, last = bindparam("due_at", type_=UtcDateTime), bindparam("last_id", type_=Integer)
        query = query.where(
            or_(Problem.due_at > due, and_(Problem.due_at == due, Problem.id > last))
        )
    return query


def queue(
    street_id: int,
    district_id: int,
    *,
    source: Source | None = None,
    unplaced: bool = False,
    cursor: str | None = None,
) -> Page[QueueRow]:
    """Return one page of the street's queue, late ones first. One statement."""
    after = paging.decode(cursor, datetime, int)
    values: dict[str, Any] = {"street_id": street_id, "district_id": district_id}
    if source and not unplaced:
        values["source"] = source
    if after:
        values |= {"due_at": paging.as_time(after[0]), "last_id": after[1]}
    query = _queue(by_source="source" in values, unplaced=unplaced, goes_on=bool(after))
    rows = [QueueRow(*tuple(row)) for row in db.session.execute(query, values)]
    return paging.cut(rows, QUEUE_SIZE, lambda row: (row.due_at.isoformat(), row.id))


@dataclass(frozen=True)
class Waiting:
    """How many wait, each number capped: by source, and without a place."""

    by_source: dict[Source, int]
    unplaced: int

    @property
    def all(self) -> int:
        """All that wait for the street's decision."""
        return sum(self.by_source.values())


def _capped(where: ColumnElement[bool]) -> ColumnElement[int]:
    rows = select(Problem.id).where(where).limit(COUNT_CAP).subquery()
    return select(func.count()).select_from(rows).scalar_subquery()


@cache
def _waiting() -> Rows:
    return select(
        _capped(_waits_without_place()),
        *(_capped(and_(_waits_for_street(), Problem.source == one)) for one in Source),
    )


def waiting(street_id: int, district_id: int) -> Waiting:
    """Return what waits for the street. One statement."""
    unplaced, *numbers = db.session.execute(
        _waiting(), {"street_id": street_id, "district_id": district_id}
    ).one()
    return Waiting(dict(zip(Source, numbers, strict=True)), unplaced)


@dataclass(frozen=True)
class Day:
    """One day's work: problems that the street gave to its own, and that it whistled for."""

    at: datetime
    own: int = 0
    whistled: int = 0


@dataclass(frozen=True)
class Board:
    """What stands beside the queue (counts are capped), and the last seven days, oldest first."""

    street: str
    in_hand: int
    done_today: int
    week: tuple[Day, ...]


def _line(kind: str, index: Any, number: Any, name: Any = "") -> Select[Any]:
    """Return a line of the one statement: what is counted, which of several, the number, a name."""
    return select(literal(kind), index, number, literal(name) if isinstance(name, str) else name)


@cache
def _board() -> CompoundSelect[Any]:
    mine = Problem.street_id == STREET
    return union_all(
        _line("street", literal(0), literal(0), Division.name).where(Division.id == STREET),
        _line("in_hand", literal(0), _capped(and_(mine, Problem.state.in_(IN_WORK)))),
        _line(
            "done_today",
            literal(0),
            _capped(and_(mine, Problem.resolved_at >= bindparam(f"day{DAYS - 1}"))),
        ),
        _own(),
        _whistled(),
    )


def board(street_id: int, now: datetime) -> Board:
    """Return the board's figures. One statement: named lines of numbers, put together here."""
    midnight = _midnight(now)
    days = [midnight - timedelta(days=back) for back in reversed(range(DAYS))]
    values = {"street_id": street_id} | {f"day{index}": day for index, day in enumerate(days)}
    found: dict[tuple[str, int], int] = {}
    street = ""
    for kind, index, number, name in db.session.execute(_board(), values):
        found[kind, index] = number
        street = name or street
    return Board(
        street=street,
        in_hand=found["in_hand", 0],
        done_today=found["done_today", 0],
        week=tuple(
            Day(day, found.get(("own", index), 0), found.get(("whistled", index), 0))
            for index, day in enumerate(days)
        ),
    )


def _own() -> Select[Any]:
    day = _day_of(Assignment.assigned_at)
    return (
        _line("own", day, func.count(Assignment.problem_id.distinct()))
        .join(Unit, Unit.id == Assignment.holder_unit_id)
        .where(
            Unit.street_id == STREET,
            Unit.kind.in_(OWN_KINDS),
            Assignment.assigned_at >= bindparam("day0"),
        )
        .group_by(day)
    )


def _whistled() -> Select[Any]:
    day = _day_of(Whistle.blown_at)
    return (
        _line("whistled", day, func.count(WhistleProblem.problem_id.distinct()))
        .join(Whistle, Whistle.id == WhistleProblem.whistle_id)
        .where(Whistle.street_id == STREET, Whistle.blown_at >= bindparam("day0"))
        .group_by(day)
    )


def _day_of(column: Any) -> ColumnElement[int]:
    """Return the index of the day; literals, so that SELECT and GROUP BY are one expression."""
    marks: list[Any] = [
        (column < bindparam(f"day{index + 1}"), literal_column(str(index)))
        for index in range(DAYS - 1)
    ]
    return case(*marks, else_=literal_column(str(DAYS - 1)))


def _midnight(now: datetime) -> datetime:
    local = now.astimezone(ids.SHANGHAI)
    return local.replace(hour=0, minute=0, second=0, microsecond=0)


@cache
def _badges() -> Select[Any]:
    new = (
        select(Assignment.id)
        .where(
            Assignment.holder_unit_id.in_(bindparam("unit_ids", expanding=True)),
            Assignment.state == AssignmentState.ASSIGNED,
        )
        .limit(COUNT_CAP)
        .subquery()
    )
    return select(
        _capped(_waits_for_street()), select(func.count()).select_from(new).scalar_subquery()
    )


def badges(actor: Actor) -> dict[str, int]:
    """Return the numbers in a worker's navigation, each capped. One statement.

    `dispatch`: what waits for the street; `tasks`: what the units have to acknowledge.
    """
    seat = actor.seat(*STREET_ROLES)
    waits, tasks = db.session.execute(
        _badges(),
        {"street_id": seat.street_id if seat else None, "unit_ids": sorted(actor.unit_ids)},
    ).one()
    return {"dispatch": waits, "tasks": tasks}
