"""What the gate asks, and what standing down waits for."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import joinedload

from portal.core.db import db
from portal.duties.models import DutyItem
from portal.problems import rules as geo
from portal.problems.models import Measure, Problem
from portal.whistles import rules
from portal.whistles.models import (
    Callout,
    GateAnswer,
    PlannedCall,
    SignOff,
    Whistle,
    WhistleHold,
    WhistleProblem,
)
from portal.whistles.states import LIVE, Slot

# --- the gate -----------------------------------------------------------------------------------


def duty_item(item_id: int) -> DutyItem | None:
    """Return one item of the duty list."""
    return db.session.get(DutyItem, item_id)


def measures_with_evidence(problem_ids: Sequence[int]) -> int:
    """Return how many own measures with evidence stand on file."""
    return (
        db.session.scalar(
            select(func.count())
            .select_from(Measure)
            .where(Measure.problem_id.in_(problem_ids), Measure.has_evidence.is_(True))
        )
        or 0
    )


def duplicate_ref(whistle_id: int, problems_: Sequence[Problem], radius_m: int) -> str:
    """Return another open whistle on these problems, or on one like them nearby; else "".

    Like means the same category within the radius in metres.
    """
    open_ones = (
        select(Whistle.ref, Problem.id, Problem.latitude, Problem.longitude)
        .join(WhistleProblem, WhistleProblem.whistle_id == Whistle.id)
        .join(Problem, Problem.id == WhistleProblem.problem_id)
        .where(Whistle.id != whistle_id, Whistle.state.in_(LIVE))
    )
    for problem in problems_:
        alike = [Problem.id == problem.id]
        if problem.latitude is not None and problem.longitude is not None:
            south, north, west, east = geo.box(problem.latitude, problem.longitude, radius_m)
            alike.append(
                and_(
                    Problem.category_id == problem.category_id,
                    Problem.latitude.between(south, north),
                    Problem.longitude.between(west, east),
                )
            )
        for ref, other_id, lat, lng in db.session.execute(open_ones.where(or_(*alike))):
            distance = rules.distance_m(lat, lng, problem.latitude, problem.longitude)
            if other_id == problem.id or (distance is not None and distance <= radius_m):
                return str(ref)
    return ""


def gate_answers(whistle_id: int) -> Sequence[GateAnswer]:
    """Return the six answers."""
    return db.session.scalars(select(GateAnswer).where(GateAnswer.whistle_id == whistle_id)).all()


def failed_answers(whistle_id: int) -> int:
    """Return how many of the six questions said no."""
    return sum(not answer.passed for answer in gate_answers(whistle_id))


def planned(whistle_id: int) -> Sequence[PlannedCall]:
    """Return the departments that a draft means to call, the lead first."""
    return db.session.scalars(
        select(PlannedCall)
        .where(PlannedCall.whistle_id == whistle_id)
        .options(joinedload(PlannedCall.unit))
        .order_by(PlannedCall.is_lead.desc(), PlannedCall.unit_id)
    ).all()


# --- standing down ------------------------------------------------------------------------------


def is_held(whistle_id: int, verb: str) -> bool:
    """Tell whether a hold blocks `verb`."""
    return (
        db.session.scalar(
            select(WhistleHold.id)
            .where(
                WhistleHold.whistle_id == whistle_id,
                WhistleHold.verb == verb,
                WhistleHold.lifted_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )


def live_hold(whistle_id: int, verb: str, placed_by: str) -> WhistleHold | None:
    """Return a placer's hold on `verb`."""
    return db.session.scalar(
        select(WhistleHold).where(
            WhistleHold.whistle_id == whistle_id,
            WhistleHold.verb == verb,
            WhistleHold.placed_by == placed_by,
            WhistleHold.lifted_at.is_(None),
        )
    )


def street_slot(callout_id: int) -> SignOff | None:
    """Return the open or signed sign-off of the street for a line."""
    return db.session.scalar(
        select(SignOff).where(SignOff.callout_id == callout_id, SignOff.closed_at.is_(None))
    )


def signed_by_street(whistle_id: int) -> frozenset[int]:
    """Return the lines that the street has signed off."""
    return frozenset(
        one
        for one in db.session.scalars(
            select(SignOff.callout_id).where(
                SignOff.whistle_id == whistle_id,
                SignOff.signed_at.is_not(None),
                SignOff.closed_at.is_(None),
            )
        )
        if one is not None
    )


def supervisor_slot(whistle_id: int, placed_by: str) -> SignOff | None:
    """Return the open or signed slot of one resident supervisor."""
    return db.session.scalar(
        select(SignOff).where(
            SignOff.whistle_id == whistle_id,
            SignOff.placed_by == placed_by,
            SignOff.closed_at.is_(None),
        )
    )


def unsigned(callout: Callout) -> bool:
    """Tell whether a sign-off that this line waits for is missing."""
    street = street_slot(callout.id)
    if street is None or street.signed_at is None:
        return True
    return (
        db.session.scalar(
            select(SignOff.id)
            .where(
                SignOff.whistle_id == callout.whistle_id,
                SignOff.slot == Slot.SUPERVISOR,
                SignOff.closed_at.is_(None),
                SignOff.signed_at.is_(None),
            )
            .limit(1)
        )
        is not None
    )
