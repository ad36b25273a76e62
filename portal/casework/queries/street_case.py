"""One case whole, as the middle column of the dispatch board shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Person
from portal.core.db import db
from portal.duties.models import Category
from portal.organisations.models import Membership, Unit
from portal.organisations.states import Role
from portal.places.models import Division, GridCell
from portal.problems.models import Assignment, Hold, Measure, Problem, Step
from portal.problems.queries import Standing
from portal.problems.states import AssignmentState


@dataclass(frozen=True)
class Case:
    """One case whole, as the middle column shows it."""

    problem: Problem
    category: str | None
    category_en: str | None
    community: str | None
    grid: int | None
    polygon: str | None
    grid_worker: str | None
    reporter: str | None
    holder: str | None
    holder_id: int | None
    holder_state: AssignmentState | None
    finished_by_id: int | None
    is_held: bool

    @property
    def standing(self) -> Standing:
        """Who handled it and what is held, for the policies of checking."""
        return Standing(
            problem=self.problem,
            handler_ids=frozenset({self.finished_by_id} if self.finished_by_id else ()),
            handler_unit_ids=frozenset({self.holder_id} if self.holder_id else ()),
            held_verbs=frozenset({"close"} if self.is_held else ()),
        )


def one_case(ref: str, street_id: int, district_id: int) -> Case | None:
    """Return a case of the street, or one of the district without a place. One statement."""
    worker = aliased(Person)
    grid_worker = (
        select(worker.public_name)
        .join(Membership, Membership.person_id == worker.id)
        .where(
            Membership.role == Role.GRID_WORKER,
            Membership.grid_id == Problem.grid_id,
            Membership.ended_at.is_(None),
        )
        .limit(1)
        .scalar_subquery()
    )
    held = exists().where(
        Hold.problem_id == Problem.id, Hold.verb == "close", Hold.lifted_at.is_(None)
    )
    row = db.session.execute(
        select(
            Problem,
            Category.name,
            Category.name_en,
            Division.name,
            GridCell.number,
            GridCell.polygon,
            grid_worker,
            Person.public_name,
            Unit.short_name,
            Assignment.holder_unit_id,
            Assignment.state,
            Assignment.finished_by_id,
            held,
        )
        .outerjoin(Category, Category.id == Problem.category_id)
        .outerjoin(Division, Division.id == Problem.community_id)
        .outerjoin(GridCell, GridCell.id == Problem.grid_id)
        .outerjoin(Person, Person.id == Problem.reporter_id)
        .outerjoin(
            Assignment,
            and_(Assignment.problem_id == Problem.id, Assignment.ended_at.is_(None)),
        )
        .outerjoin(Unit, Unit.id == Assignment.holder_unit_id)
        .where(
            Problem.ref == ref,
            or_(
                Problem.street_id == street_id,
                and_(Problem.street_id.is_(None), Problem.district_id == district_id),
            ),
        )
    ).first()
    return Case(*row) if row else None


@dataclass(frozen=True)
class PastStep:
    """One line of a case's history; a measure says whether it brought evidence."""

    at: datetime
    tag: str
    slots: dict[str, Any]
    unit: str | None
    body: str | None
    method: str | None
    has_evidence: bool | None


def history(problem: Problem, since: datetime) -> tuple[Sequence[PastStep], int]:
    """Return what has happened to a case, oldest first; and how many of its kind since then.

    Counted are other problems of the same category in the same grid. One statement.
    """
    other = aliased(Problem)
    same_place = (
        select(func.count())
        .select_from(other)
        .where(
            other.street_id == problem.street_id,
            other.grid_id == problem.grid_id,
            other.category_id == problem.category_id,
            other.id != problem.id,
            other.submitted_at >= since,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(
            same_place,
            Step.at,
            Step.tag,
            Step.slots,
            Unit.short_name,
            Step.body,
            Measure.method,
            Measure.has_evidence,
        )
        .outerjoin(Unit, Unit.id == Step.unit_id)
        .outerjoin(Measure, Measure.step_id == Step.id)
        .where(Step.problem_id == problem.id)
        .order_by(Step.at, Step.id)
    ).all()
    return [PastStep(*row[1:]) for row in rows], int(rows[0][0]) if rows else 0
