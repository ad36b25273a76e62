"""What the whistle page, the field screen and the timeline show."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import NotFound
from portal.media.models import Media
from portal.organisations.models import Unit
from portal.problems.states import Audience, StepAudience
from portal.whistles.models import (
    Callout,
    CalloutPhoto,
    Whistle,
    WhistleProblem,
    WhistleStep,
)
from portal.whistles.queries import case

FEED = 40


def callouts(whistle_id: int) -> Sequence[Callout]:
    """Return every line with its unit: the lead first, ended ones last."""
    return db.session.scalars(
        select(Callout)
        .where(Callout.whistle_id == whistle_id)
        .options(joinedload(Callout.unit), joinedload(Callout.whistle))
        .order_by(Callout.ended_at.is_not(None), Callout.is_lead.desc(), Callout.id)
    ).all()


def steps(
    whistle_id: int, *, inside: bool, limit: int = FEED
) -> Sequence[tuple[WhistleStep, str | None, str | None]]:
    """Return the live feed, newest first: line, acting unit's and called unit's short names."""
    acting, called = _named_units()
    query = (
        select(WhistleStep, acting.short_name, called.short_name)
        .outerjoin(acting, acting.id == WhistleStep.unit_id)
        .outerjoin(Callout, Callout.id == WhistleStep.callout_id)
        .outerjoin(called, called.id == Callout.unit_id)
        .where(WhistleStep.whistle_id == whistle_id)
        .order_by(WhistleStep.at.desc(), WhistleStep.id.desc())
        .limit(limit)
    )
    if not inside:
        query = query.where(WhistleStep.audience == StepAudience.PUBLIC)
    return [(step, by, of) for step, by, of in db.session.execute(query)]


def timeline(
    problem_id: int, actor: Actor
) -> Sequence[tuple[WhistleStep, str, str | None, str | None]]:
    """Return the whistles' lines of a problem's timeline, newest first. One statement.

    Each is (line, whistle's ref, acting unit, called unit). Whoever is not inside a whistle, be it
    one who handles the problem, reads the public lines of released ones only.
    """
    acting, called = _named_units()
    query = (
        select(WhistleStep, Whistle.ref, acting.short_name, called.short_name)
        .join(Whistle, Whistle.id == WhistleStep.whistle_id)
        .join(WhistleProblem, WhistleProblem.whistle_id == Whistle.id)
        .outerjoin(acting, acting.id == WhistleStep.unit_id)
        .outerjoin(Callout, Callout.id == WhistleStep.callout_id)
        .outerjoin(called, called.id == Callout.unit_id)
        .where(
            WhistleProblem.problem_id == problem_id,
            or_(
                case.inside(actor),
                and_(
                    WhistleStep.audience == StepAudience.PUBLIC,
                    Whistle.released_at.is_not(None),
                    Whistle.audience != Audience.STAFF,
                ),
            ),
        )
        .order_by(WhistleStep.at.desc(), WhistleStep.id.desc())
    )
    return [(step, ref, by, of) for step, ref, by, of in db.session.execute(query)]


def _named_units() -> tuple[type[Unit], type[Unit]]:
    return aliased(Unit), aliased(Unit)


def photos(whistle_id: int, *, inside: bool) -> Sequence[tuple[CalloutPhoto, str, str]]:
    """Return the departments' photos, oldest first: row, media token, unit's short name."""
    query = (
        select(CalloutPhoto, Media.token, Unit.short_name)
        .join(Callout, Callout.id == CalloutPhoto.callout_id)
        .join(Unit, Unit.id == Callout.unit_id)
        .join(Media, Media.id == CalloutPhoto.media_id)
        .where(Callout.whistle_id == whistle_id, Media.erased_at.is_(None))
        .order_by(CalloutPhoto.id)
    )
    if not inside:
        query = query.where(CalloutPhoto.released_at.is_not(None))
    return [(photo, token, unit) for photo, token, unit in db.session.execute(query)]


def media_of(whistle: Whistle, token: str, *, inside: bool) -> Media:
    """Return one of the whistle's pictures; raises NotFound."""
    query = (
        select(Media)
        .join(CalloutPhoto, CalloutPhoto.media_id == Media.id)
        .join(Callout, Callout.id == CalloutPhoto.callout_id)
        .where(Callout.whistle_id == whistle.id, Media.token == token, Media.erased_at.is_(None))
    )
    if not inside:
        query = query.where(CalloutPhoto.released_at.is_not(None))
    media = db.session.scalar(query)
    if media is None:
        raise NotFound
    return media


def has_photo(callout_id: int) -> bool:
    """Tell whether any photo of this line is on file."""
    return (
        db.session.scalar(
            select(CalloutPhoto.id).where(CalloutPhoto.callout_id == callout_id).limit(1)
        )
        is not None
    )


def photo(callout_id: int, token: str) -> CalloutPhoto:
    """Return one photo of a line by its media token; raises NotFound."""
    found = db.session.scalar(
        select(CalloutPhoto)
        .join(Media, Media.id == CalloutPhoto.media_id)
        .where(
            Media.token == token, CalloutPhoto.callout_id == callout_id, Media.erased_at.is_(None)
        )
    )
    if found is None:
        raise NotFound
    return found


def last_words(callout_ids: Sequence[int]) -> dict[int, str]:
    """Return the newest words on each line."""
    newest = (
        select(func.max(WhistleStep.id))
        .where(WhistleStep.callout_id.in_(callout_ids), WhistleStep.body.is_not(None))
        .group_by(WhistleStep.callout_id)
    )
    rows = db.session.execute(
        select(WhistleStep.callout_id, WhistleStep.body).where(WhistleStep.id.in_(newest))
    )
    return {callout_id: body or "" for callout_id, body in rows if callout_id is not None}


def author_unit(unit_id: int) -> Unit:
    """Return the street's unit that blew (for its phone)."""
    return db.session.get_one(Unit, unit_id)
