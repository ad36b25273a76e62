"""Questions about visits, mandates and findings."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core import ids, paging
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.core.paging import Page
from portal.media.models import Media
from portal.organisations.models import Mandate, Unit
from portal.organisations.states import MandateKind
from portal.problems.models import Grant, Photo, Problem, Step
from portal.supervision import policies
from portal.supervision.models import Visit
from portal.whistles import queries as whistles

PAGE = 20
HOME_MOST = 3


def get_visible(ref: str, actor: Actor, now: datetime) -> Visit:
    """Return the visit with this reference if the actor may know of it; raises NotFound."""
    if not ids.is_ref(ref):
        raise NotFound
    visit = db.session.scalar(
        select(Visit)
        .where(Visit.ref == ref)
        .options(joinedload(Visit.problem), joinedload(Visit.supervisor))
    )
    if visit is None or not policies.can_see(actor, visit, now):
        raise NotFound
    return visit


def lock(visit_id: int) -> Visit:
    """Return the visit with its problem, both locked for the act under way.

    A whistle is locked before its problem everywhere, so that no two acts wait for each other.
    """
    whistle_id = db.session.scalar(select(Visit.whistle_id).where(Visit.id == visit_id))
    if whistle_id is not None:
        whistles.lock(whistle_id)
    return db.session.scalars(
        select(Visit)
        .where(Visit.id == visit_id)
        .options(joinedload(Visit.problem, innerjoin=True))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def live_mandate(person_id: int, problem: Problem, now: datetime) -> Mandate | None:
    """Return a supervisor's mandate over the problem's community, street or district."""
    return db.session.scalar(
        select(Mandate)
        .where(
            Mandate.person_id == person_id,
            Mandate.kind == MandateKind.SUPERVISOR,
            Mandate.area_id.in_(_areas(problem)),
            Mandate.started_at <= now,
            Mandate.ended_at.is_(None),
        )
        .limit(1)
    )


def candidates(problem: Problem, now: datetime) -> Sequence[tuple[Person, Mandate]]:
    """Return who could be invited: mandates over the place, without a declared interest."""
    involved = involved_units(problem.id)
    rows = db.session.execute(
        select(Person, Mandate)
        .join(Mandate, Mandate.person_id == Person.id)
        .where(
            Mandate.kind == MandateKind.SUPERVISOR,
            Mandate.area_id.in_(_areas(problem)),
            Mandate.started_at <= now,
            Mandate.ended_at.is_(None),
        )
        .order_by(Person.id)
        .limit(50)
    ).all()
    return [
        (person, mandate)
        for person, mandate in rows
        if person.id != problem.reporter_id and mandate.declared_unit_id not in involved
    ]


def _areas(problem: Problem) -> list[int]:
    scope = (problem.community_id, problem.street_id, problem.district_id)
    return [area for area in scope if area is not None]


def involved_units(problem_id: int) -> frozenset[int]:
    """Return the units that hold, support or were called for the problem."""
    return frozenset(
        db.session.scalars(select(Grant.unit_id).where(Grant.problem_id == problem_id))
    )


def live_visit(problem_id: int, supervisor_id: int) -> Visit | None:
    """Return the person's visit to the problem that has not ended."""
    return db.session.scalar(
        select(Visit).where(
            Visit.problem_id == problem_id,
            Visit.supervisor_id == supervisor_id,
            Visit.ended_at.is_(None),
        )
    )


def of_supervisor(person_id: int, cursor: str | None) -> Page[Visit]:
    """Return one page of a person's visits, newest first."""
    query = (
        select(Visit)
        .where(Visit.supervisor_id == person_id)
        .options(joinedload(Visit.problem))
        .order_by(Visit.id.desc())
        .limit(PAGE + 1)
    )
    before = paging.decode(cursor, int)
    if before:
        query = query.where(Visit.id < before[0])
    return paging.cut(db.session.scalars(query).all(), PAGE, lambda visit: (visit.id,))


def waiting_for(person_id: int) -> Sequence[Visit]:
    """Return a supervisor's running visits for the home page, the newest first."""
    return db.session.scalars(
        select(Visit)
        .where(Visit.supervisor_id == person_id, Visit.ended_at.is_(None))
        .options(joinedload(Visit.problem))
        .order_by(Visit.id.desc())
        .limit(HOME_MOST)
    ).all()


def of_problem(problem_id: int, *, whistle_id: int | None = None) -> Sequence[Visit]:
    """Return the visits to a problem, or to a whistle, oldest first."""
    scope = Visit.problem_id == problem_id
    if whistle_id is not None:
        scope = or_(scope, Visit.whistle_id == whistle_id)
    return db.session.scalars(
        select(Visit)
        .where(scope)
        .options(joinedload(Visit.supervisor), joinedload(Visit.problem))
        .order_by(Visit.id)
    ).all()


def steps(visit: Visit) -> Sequence[tuple[Step, Unit | None]]:
    """Return the lines of a visit, newest first, with the unit that spoke."""
    return [
        (step, unit)
        for step, unit in db.session.execute(
            select(Step, Unit)
            .outerjoin(Unit, Unit.id == Step.unit_id)
            .where(_lines_of(visit))
            .order_by(Step.at.desc(), Step.id.desc())
        )
    ]


def _lines_of(visit: Visit) -> ColumnElement[bool]:
    return and_(Step.problem_id == visit.problem_id, Step.subject == f"visit:{visit.id}")


def photos(visit: Visit) -> dict[int, list[str]]:
    """Return the media tokens of a visit's photos, by line."""
    found: dict[int, list[str]] = {}
    for step_id, token in db.session.execute(
        select(Step.id, Media.token)
        .join(Photo, Photo.step_id == Step.id)
        .join(Media, Media.id == Photo.media_id)
        .where(_lines_of(visit), Media.erased_at.is_(None))
        .order_by(Photo.id)
    ):
        found.setdefault(step_id, []).append(token)
    return found


def photo(visit: Visit, token: str) -> Media:
    """Return a photo of this visit; raises NotFound."""
    media = db.session.scalar(
        select(Media)
        .join(Photo, Photo.media_id == Media.id)
        .join(Step, Step.id == Photo.step_id)
        .where(_lines_of(visit), Media.token == token, Media.erased_at.is_(None))
    )
    if media is None:
        raise NotFound
    return media
