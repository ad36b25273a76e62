"""One whistle and its lines: who may know of it, and what acts need."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal.core import ids
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.organisations.models import Unit
from portal.organisations.states import Role
from portal.problems.models import Problem
from portal.problems.policies import STREET_ROLES
from portal.problems.states import Audience
from portal.whistles.models import (
    Callout,
    Escalation,
    SiteEpisode,
    Whistle,
    WhistleProblem,
)
from portal.whistles.policies import Standing
from portal.whistles.states import LIVE, CalloutState, WhistleState

# --- seeing -------------------------------------------------------------------------------------


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return the SQL twin of `policies.can_see`."""
    released = and_(Whistle.released_at.is_not(None), Whistle.audience != Audience.STAFF)
    return or_(released, inside(actor))


def inside(actor: Actor) -> ColumnElement[bool]:
    """Tell in SQL whether a whistle that isn't released is the actor's business.

    It is its street's, and, once it was blown, the district's and the called departments'.
    """
    ways: list[ColumnElement[bool]] = [false()]
    for seat in actor.seats:
        if seat.role in STREET_ROLES and seat.street_id is not None:
            ways.append(Whistle.street_id == seat.street_id)
        elif seat.role == Role.DISTRICT_OFFICER:
            ways.append(
                and_(Whistle.district_id == seat.district_id, Whistle.blown_at.is_not(None))
            )
    if actor.is_staff:
        line = aliased(Callout)  # so that it also stands inside a question about callouts
        called = exists().where(line.whistle_id == Whistle.id, line.unit_id.in_(actor.unit_ids))
        ways.append(and_(Whistle.blown_at.is_not(None), called))
    return or_(*ways)


def knows_of_quiet(problem_id: int, actor: Actor) -> bool:
    """Tell whether the actor is inside a quiet whistle on the problem."""
    asked = exists().where(
        WhistleProblem.problem_id == problem_id,
        Whistle.id == WhistleProblem.whistle_id,
        Whistle.quiet.is_(True),
        inside(actor),
    )
    return bool(db.session.scalar(select(asked)))


def get_visible(ref: str, actor: Actor) -> Whistle:
    """Return the whistle with this reference if the actor may know of it; raises NotFound."""
    if not ids.is_ref(ref):
        raise NotFound
    whistle = db.session.scalar(
        select(Whistle)
        .where(Whistle.ref == ref, visible_to(actor))
        .options(
            joinedload(Whistle.author_unit),
            joinedload(Whistle.author),
            joinedload(Whistle.duty_item),
        )
    )
    if whistle is None:
        raise NotFound
    return whistle


def standing(whistle: Whistle, actor: Actor) -> Standing:
    """Gather who the actor is towards this whistle."""
    if not actor.unit_ids:
        return Standing(whistle)
    called = db.session.scalars(
        select(Callout.unit_id).where(
            Callout.whistle_id == whistle.id, Callout.unit_id.in_(actor.unit_ids)
        )
    )
    return Standing(whistle, frozenset(called))


def get_callout(ref: str, unit: str, actor: Actor) -> Callout:
    """Return a visible whistle's newest line to the unit with this code; raises NotFound."""
    if not ids.is_ref(ref):
        raise NotFound
    callout = db.session.scalar(
        select(Callout)
        .join(Callout.whistle)
        .join(Callout.unit)
        .where(Whistle.ref == ref, Unit.code == unit, visible_to(actor))
        .order_by(Callout.id.desc())
        .limit(1)
        .options(contains_eager(Callout.whistle), contains_eager(Callout.unit))
    )
    if callout is None:
        raise NotFound
    return callout


def own_callout(ref: str, actor: Actor) -> Callout:
    """Return the newest line of this whistle to one of the actor's units; raises NotFound."""
    if not ids.is_ref(ref) or not actor.unit_ids:
        raise NotFound
    callout = db.session.scalar(
        select(Callout)
        .join(Callout.whistle)
        .where(Whistle.ref == ref, Callout.unit_id.in_(actor.unit_ids))
        .order_by(Callout.id.desc())
        .limit(1)
        .options(contains_eager(Callout.whistle), joinedload(Callout.unit))
    )
    if callout is None:
        raise NotFound
    return callout


# --- for acts -----------------------------------------------------------------------------------


def lock(whistle_id: int) -> Whistle:
    """Return the whistle, the root of its callouts, locked for the act under way."""
    return db.session.get_one(Whistle, whistle_id, with_for_update=True, populate_existing=True)


def lock_callout(callout_id: int) -> Callout:
    """Return a line with its whistle locked; raises NotFound."""
    whistle_id = db.session.scalar(select(Callout.whistle_id).where(Callout.id == callout_id))
    if whistle_id is None:
        raise NotFound
    lock(whistle_id)
    return fresh(callout_id)


def fresh(callout_id: int) -> Callout:
    """Return a line with whistle and unit as they stand now, also after a refused act."""
    return db.session.scalars(
        select(Callout)
        .where(Callout.id == callout_id)
        .options(joinedload(Callout.whistle), joinedload(Callout.unit))
        .execution_options(populate_existing=True)
    ).one()


def live_callouts(whistle_id: int) -> Sequence[Callout]:
    """Return the lines that still answer for the matter, with their whistle."""
    return db.session.scalars(
        select(Callout)
        .where(Callout.whistle_id == whistle_id, Callout.ended_at.is_(None))
        .options(joinedload(Callout.whistle))
        .order_by(Callout.id)
    ).all()


def callout_states(whistle_id: int) -> Sequence[CalloutState]:
    """Return the states of all lines of a whistle."""
    return db.session.scalars(select(Callout.state).where(Callout.whistle_id == whistle_id)).all()


def open_episode(callout_id: int) -> SiteEpisode | None:
    """Return the stay on site that has not ended."""
    return db.session.scalar(
        select(SiteEpisode).where(
            SiteEpisode.callout_id == callout_id, SiteEpisode.left_at.is_(None)
        )
    )


def escalated(callout_id: int, clock: str, rung: str) -> bool:
    """Tell whether this step of the ladder was taken."""
    return (
        db.session.scalar(
            select(Escalation.id).where(
                Escalation.callout_id == callout_id,
                Escalation.clock == clock,
                Escalation.rung == rung,
            )
        )
        is not None
    )


def problem_ids(whistle_id: int) -> Sequence[int]:
    """Return the ids of the problems that a whistle is about."""
    return db.session.scalars(
        select(WhistleProblem.problem_id)
        .where(WhistleProblem.whistle_id == whistle_id)
        .order_by(WhistleProblem.problem_id)
    ).all()


def problems(whistle_id: int) -> Sequence[Problem]:
    """Return the problems that a whistle is about."""
    return db.session.scalars(
        select(Problem)
        .join(WhistleProblem, WhistleProblem.problem_id == Problem.id)
        .where(WhistleProblem.whistle_id == whistle_id)
        .order_by(Problem.id)
    ).all()


def has_live_whistle(problem_id: int, *, but: int | None = None) -> bool:
    """Tell whether a live whistle, other than `but`, calls departments for a problem."""
    query = (
        select(Whistle.id)
        .join(WhistleProblem, WhistleProblem.whistle_id == Whistle.id)
        .where(WhistleProblem.problem_id == problem_id, Whistle.state.in_(LIVE))
        .limit(1)
    )
    if but is not None:
        query = query.where(Whistle.id != but)
    return db.session.scalar(query) is not None


def live_whistle_id(problem_id: int) -> int | None:
    """Return the newest live whistle on a problem (for supervision)."""
    return db.session.scalar(
        select(Whistle.id)
        .join(WhistleProblem, WhistleProblem.whistle_id == Whistle.id)
        .where(WhistleProblem.problem_id == problem_id, Whistle.state.in_(LIVE))
        .order_by(Whistle.id.desc())
        .limit(1)
    )


def has_quiet_whistle(problem_id: int) -> bool:
    """Tell whether a quiet whistle on the problem is still to be released."""
    return (
        db.session.scalar(
            select(Whistle.id)
            .join(WhistleProblem, WhistleProblem.whistle_id == Whistle.id)
            .where(
                WhistleProblem.problem_id == problem_id,
                Whistle.quiet.is_(True),
                Whistle.blown_at.is_not(None),
                Whistle.released_at.is_(None),
                Whistle.state != WhistleState.CANCELLED,
            )
            .limit(1)
        )
        is not None
    )


def of_problem_in(problem_id: int, states: frozenset[WhistleState]) -> Sequence[Whistle]:
    """Return a problem's whistles in these states, locked."""
    return db.session.scalars(
        select(Whistle)
        .join(WhistleProblem, WhistleProblem.whistle_id == Whistle.id)
        .where(WhistleProblem.problem_id == problem_id, Whistle.state.in_(states))
        .with_for_update(of=Whistle)
        .execution_options(populate_existing=True)
    ).all()
