"""Questions about problems. What is not visible is not found."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import joinedload

from portal.core import ids
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.organisations.states import Role
from portal.problems import policies
from portal.problems.models import (
    Assignment,
    Grant,
    Hold,
    Measure,
    Photo,
    Problem,
    Step,
    Supporter,
)
from portal.problems.policies import Standing
from portal.problems.states import Audience


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL twin of `policies.can_see`."""
    released = and_(Problem.released_at.is_not(None), Problem.audience != Audience.STAFF)
    ways: list[ColumnElement[bool]] = [released]
    if actor.person_id is not None:
        ways.append(Problem.reporter_id == actor.person_id)
        ways.append(
            exists().where(
                Supporter.problem_id == Problem.id,
                Supporter.person_id == actor.person_id,
                Supporter.left_at.is_(None),
            )
        )
    if actor.opened_refs:
        ways.append(Problem.ref.in_(actor.opened_refs))
    if actor.is_staff:
        ways += [staff_scope(actor), _review_scope(actor)]
        ways.append(
            exists().where(Grant.problem_id == Problem.id, Grant.unit_id.in_(actor.unit_ids))
        )
    return or_(*ways)


def _review_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL twin of `policies.reviews`."""
    districts = [seat.district_id for seat in actor.seats if seat.role == Role.REVIEWER]
    return and_(Problem.audience != Audience.STAFF, Problem.district_id.in_(districts))


def staff_scope(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL twin of `policies.is_staff_for`."""
    ways: list[ColumnElement[bool]] = [false()]
    for seat in actor.seats:
        if seat.role in policies.STREET_ROLES:
            if seat.street_id is not None:
                ways.append(Problem.street_id == seat.street_id)
            ways.append(and_(Problem.street_id.is_(None), Problem.district_id == seat.district_id))
        elif seat.role in policies.COMMUNITY_ROLES and seat.community_id is not None:
            ways.append(Problem.community_id.in_({seat.community_id} | actor.area_ids))
        elif seat.role in policies.DISTRICT_ROLES:
            ways.append(Problem.district_id == seat.district_id)
    return or_(*ways)


def get_visible(ref: str, actor: Actor) -> Problem:
    """Return the problem with this reference if the actor may know of it; raises NotFound."""
    if not ids.is_ref(ref):
        raise NotFound
    problem = db.session.scalar(select(Problem).where(Problem.ref == ref, visible_to(actor)))
    if problem is None:
        raise NotFound
    return problem


def lock(problem_id: int) -> Problem:
    """Return the problem locked for the act under way."""
    return db.session.get_one(Problem, problem_id, with_for_update=True, populate_existing=True)


def standing(problem: Problem, actor: Actor) -> Standing:
    """Gather who the actor is towards this problem."""
    supporter = (
        actor.person_id is not None
        and db.session.scalar(
            select(Supporter.id).where(
                Supporter.problem_id == problem.id,
                Supporter.person_id == actor.person_id,
                Supporter.left_at.is_(None),
            )
        )
        is not None
    )
    granted = (
        bool(actor.unit_ids)
        and db.session.scalar(
            select(Grant.unit_id).where(
                Grant.problem_id == problem.id, Grant.unit_id.in_(actor.unit_ids)
            )
        )
        is not None
    )
    assignment = live_assignment(problem.id) if actor.is_staff else None
    return Standing(
        problem=problem,
        is_reporter=actor.person_id is not None and problem.reporter_id == actor.person_id,
        is_supporter=supporter,
        was_opened_by_code=problem.ref in actor.opened_refs,
        has_grant=granted,
        handler_ids=frozenset(
            {assignment.finished_by_id}
            if assignment and assignment.finished_by_id is not None
            else ()
        ),
        handler_unit_ids=frozenset({assignment.holder_unit_id} if assignment else ()),
        held_verbs=held_verbs(problem.id) if actor.is_staff else frozenset(),
    )


def live_assignment(problem_id: int) -> Assignment | None:
    """Return who holds the problem now."""
    return db.session.scalar(
        select(Assignment)
        .where(Assignment.problem_id == problem_id, Assignment.ended_at.is_(None))
        .options(joinedload(Assignment.holder))
    )


def held_verbs(problem_id: int) -> frozenset[str]:
    """Return the verbs that live holds block."""
    return frozenset(
        db.session.scalars(
            select(Hold.verb).where(Hold.problem_id == problem_id, Hold.lifted_at.is_(None))
        )
    )


def measures(problem_id: int) -> Sequence[Measure]:
    """Return what was tried, oldest first."""
    return db.session.scalars(
        select(Measure).where(Measure.problem_id == problem_id).order_by(Measure.taken_at)
    ).all()


def steps(problem_id: int, *, inside: bool) -> Sequence[Step]:
    """Return the timeline, newest first; staff steps only for those inside."""
    query = (
        select(Step)
        .where(Step.problem_id == problem_id)
        .options(joinedload(Step.unit))
        .order_by(Step.at.desc(), Step.id.desc())
    )
    if not inside:
        query = query.where(Step.audience == "public")
    return db.session.scalars(query).all()


def photos(problem_id: int, *, inside: bool) -> Sequence[Photo]:
    """Return the photos, oldest first; unreleased ones only for those inside."""
    query = select(Photo).where(Photo.problem_id == problem_id).order_by(Photo.id)
    if not inside:
        query = query.where(Photo.released_at.is_not(None))
    return db.session.scalars(query).all()
