"""Lists of whistles and calls: the board, the street, a department, the district."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from portal.core import paging
from portal.core.db import db
from portal.core.paging import Page
from portal.whistles.models import (
    Callout,
    Whistle,
)
from portal.whistles.states import CALLOUT_LIVE, ENDED, LIVE, OVER, CalloutState, WhistleState

PAGE = 30
CARDS = 40


@dataclass
class Card:
    """One live whistle of the board's right column, with only what the card shows."""

    ref: str
    kind: str
    title: str
    state: WhistleState
    blown_at: datetime
    called: int = 0
    acknowledged: int = 0
    arrived: int = 0
    late: int = 0
    waits: bool = False
    arrive_due_at: datetime | None = None
    resolve_due_at: datetime | None = None


def live_for_street(street_id: int, now: datetime) -> Sequence[Card]:
    """Return the street's live whistles, the most urgent first. One statement."""
    rows = db.session.execute(
        select(
            Whistle.id,
            Whistle.ref,
            Whistle.kind,
            Whistle.title,
            Whistle.state,
            Whistle.blown_at,
            Callout.state,
            Callout.acknowledged_at,
            Callout.reported_in_at,
            Callout.arrive_due_at,
            Callout.resolve_due_at,
            Callout.recess_asked_at,
        )
        .join(Callout, Callout.whistle_id == Whistle.id)
        .where(
            Whistle.street_id == street_id,
            Whistle.state.in_(LIVE),
            Callout.state.not_in(ENDED - {CalloutState.STOOD_DOWN}),
        )
        .order_by(Whistle.id.desc(), Callout.id)
        .limit(CARDS * 12)
    )
    cards: dict[int, Card] = {}
    for whistle_id, ref, kind, title, state, blown, line, seen, here, arrive, done, recess in rows:
        card = cards.setdefault(whistle_id, Card(ref, kind, title, state, blown or now))
        card.called += 1
        card.acknowledged += seen is not None
        card.arrived += here is not None
        if here is None:
            card.late += arrive <= now
            card.arrive_due_at = min(arrive, card.arrive_due_at or arrive)
        card.resolve_due_at = min(done, card.resolve_due_at or done)
        card.waits |= recess is not None or line in {CalloutState.DONE, CalloutState.HANDED_BACK}
    return sorted(
        cards.values(), key=lambda card: card.arrive_due_at or card.resolve_due_at or card.blown_at
    )[:CARDS]


def of_street(street_ids: Sequence[int], cursor: str | None, *, over: bool) -> Page[Whistle]:
    """Return one page of a street's whistles, newest first; open ones, or those that are over."""
    ended = OVER | {WhistleState.CANCELLED}
    query = (
        select(Whistle)
        .where(
            Whistle.street_id.in_(street_ids),
            Whistle.state.in_(ended) if over else Whistle.state.not_in(ended),
        )
        .order_by(Whistle.id.desc())
        .limit(PAGE + 1)
    )
    before = paging.decode(cursor, int)
    if before:
        query = query.where(Whistle.id < before[0])
    return paging.cut(db.session.scalars(query).all(), PAGE, lambda whistle: (whistle.id,))


def roll_call(whistle_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return how many departments are called and how many came, by whistle."""
    rows = db.session.execute(
        select(Callout.whistle_id, func.count(), func.count(Callout.reported_in_at))
        .where(
            Callout.whistle_id.in_(whistle_ids),
            Callout.state.not_in(ENDED - {CalloutState.STOOD_DOWN}),
        )
        .group_by(Callout.whistle_id)
    )
    return {whistle_id: (called, arrived) for whistle_id, called, arrived in rows}


def for_units(unit_ids: frozenset[int], cursor: str | None) -> Page[Callout]:
    """Return one page of the calls to these units that are live, the most urgent first."""
    query = (
        select(Callout)
        .join(Callout.whistle)
        .where(Callout.unit_id.in_(unit_ids), Callout.state.in_(CALLOUT_LIVE))
        .options(contains_eager(Callout.whistle), joinedload(Callout.unit))
        .order_by(Callout.arrive_due_at, Callout.id)
        .limit(PAGE + 1)
    )
    after = paging.decode(cursor, datetime, int)
    if after:
        due = paging.as_time(after[0])
        query = query.where(
            or_(
                Callout.arrive_due_at > due,
                and_(Callout.arrive_due_at == due, Callout.id > after[1]),
            )
        )
    return paging.cut(
        db.session.scalars(query).all(),
        PAGE,
        lambda callout: (callout.arrive_due_at.isoformat(), callout.id),
    )


def lately_ended(unit_ids: frozenset[int]) -> Sequence[Callout]:
    """Return the last few calls to these units that are over."""
    return db.session.scalars(
        select(Callout)
        .join(Callout.whistle)
        .where(Callout.unit_id.in_(unit_ids), Callout.ended_at.is_not(None))
        .options(contains_eager(Callout.whistle), joinedload(Callout.unit))
        .order_by(Callout.ended_at.desc())
        .limit(5)
    ).all()


def to_review(district_ids: Sequence[int]) -> Sequence[Whistle]:
    """Return the emergencies that the district has still to review, the oldest first."""
    return db.session.scalars(
        select(Whistle)
        .where(
            Whistle.district_id.in_(district_ids),
            Whistle.late_review_due_at.is_not(None),
            Whistle.late_reviewed_at.is_(None),
        )
        .options(joinedload(Whistle.author_unit))
        .order_by(Whistle.late_review_due_at)
        .limit(PAGE)
    ).all()


def to_rule(district_ids: Sequence[int]) -> Sequence[Callout]:
    """Return the hand-backs that wait for a ruling, the oldest first."""
    return db.session.scalars(
        select(Callout)
        .join(Callout.whistle)
        .where(Whistle.district_id.in_(district_ids), Callout.state == CalloutState.HANDED_BACK)
        .options(
            contains_eager(Callout.whistle).joinedload(Whistle.author_unit),
            joinedload(Callout.unit),
        )
        .order_by(Callout.ruling_due_at)
        .limit(PAGE)
    ).all()
