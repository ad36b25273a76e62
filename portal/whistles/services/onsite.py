"""What a department does: acknowledge, set out, report in, record its result, recess, resume."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.core.ids import SHANGHAI
from portal.media import services as media
from portal.media.models import Media
from portal.problems.rules import is_late
from portal.problems.states import StepAudience
from portal.rulebook import queries as rulebook
from portal.whistles import events, policies, queries, rules
from portal.whistles.models import Callout, CalloutPhoto, SiteEpisode
from portal.whistles.services import clockwork
from portal.whistles.services.ending import leave_site, settle
from portal.whistles.services.steps import log, move, of_callout
from portal.whistles.states import Arrival, Clock, Outcome, Proof


@dataclass(frozen=True)
class Presence:
    """What a phone shows of where it is; None where it could not tell."""

    latitude: float | None = None
    longitude: float | None = None


def acknowledge(callout: Callout, *, actor: Actor, now: datetime) -> None:
    """签收: by the department itself, or written down by the street after a call (代录)."""
    require(policies.can_acknowledge(actor, callout, now))
    own = policies.answers_for(actor, callout)
    move(callout, "acknowledge", now)
    _acknowledged(callout, Proof.SELF if own else Proof.RECORDED, actor, now)


def _acknowledged(callout: Callout, proof: Proof, actor: Actor, now: datetime) -> None:
    callout.acknowledged_at, callout.proof = now, proof
    clockwork.stop(callout, Clock.ACKNOWLEDGE, now=now)
    log(
        events.CalloutAcknowledged(
            proof=proof,
            late=is_late(callout.acknowledge_due_at, now),
            **of_callout(callout, actor, now),
        )
    )


def contact(callout: Callout, *, words: str, actor: Actor, now: datetime) -> None:
    """Note the first contact of key work: what was agreed."""
    require(policies.can_contact(actor, callout, now))
    move(callout, "contact", now)
    callout.contacted_at = now
    clockwork.stop(callout, Clock.CONTACT, now=now)
    log(
        events.CalloutContacted(**of_callout(callout, actor, now)),
        body=words,
        audience=StepAudience.STAFF,
    )


def set_out(callout: Callout, *, eta_at: datetime | None, actor: Actor, now: datetime) -> None:
    """Say that one is on the way, and when one will be there. Raises Refused `eta_past`."""
    require(policies.can_set_out(actor, callout, now))
    if eta_at is not None and eta_at < now:
        raise Refused("eta_past")
    move(callout, "set_out", now)
    callout.set_out_at, callout.eta_at = now, eta_at
    log(events.CalloutSetOut(**of_callout(callout, actor, now)))


def report_in(
    callout: Callout,
    *,
    presence: Presence,
    code_is_right: bool = False,
    people: int | None = None,
    photos: Sequence[Media] = (),
    actor: Actor,
    now: datetime,
) -> None:
    """报到: near the meeting point, with the commander's code, or with a photo that is flagged.

    Whoever arrives without having acknowledged does both. Raises Refused `position_not_proved`.
    """
    require(policies.can_report_in(actor, callout, now))
    episode = _arrive(
        callout, presence, has_code=code_is_right, photos=photos, actor=actor, now=now
    )
    if callout.acknowledged_at is None:
        _acknowledged(callout, Proof.SELF, actor, now)
    callout.reported_in_at, callout.people = now, people
    move(callout, "report_in", now)
    clockwork.stop(callout, Clock.CONTACT, Clock.ARRIVE, now=now)
    step = log(
        events.CalloutReportedIn(
            method=episode.method,
            flagged=episode.flagged,
            late=is_late(callout.arrive_due_at, now),
            **of_callout(callout, actor, now),
        )
    )
    _attach(callout, photos, step.id, now=now)
    settle(callout.whistle, actor=actor, now=now)


def resume(
    callout: Callout,
    *,
    presence: Presence,
    code_is_right: bool = False,
    photos: Sequence[Media] = (),
    actor: Actor,
    now: datetime,
) -> None:
    """Come back on site after a recess; proved like an arrival."""
    require(policies.can_resume(actor, callout, now))
    episode = _arrive(
        callout, presence, has_code=code_is_right, photos=photos, actor=actor, now=now
    )
    move(callout, "resume", now)
    callout.recessed_at = callout.recess_next_on = callout.recess_person = None
    step = log(
        events.CalloutResumed(
            method=episode.method, flagged=episode.flagged, **of_callout(callout, actor, now)
        )
    )
    _attach(callout, photos, step.id, now=now)


def _arrive(
    callout: Callout,
    presence: Presence,
    has_code: bool,  # noqa: FBT001 - private, called in two places
    photos: Sequence[Media],
    actor: Actor,
    now: datetime,
) -> SiteEpisode:
    whistle = callout.whistle
    distance = rules.distance_m(
        presence.latitude, presence.longitude, whistle.latitude, whistle.longitude
    )
    radius = rulebook.book(whistle.edition_id).number("whistles.presence.radius")
    if has_code:
        method = Arrival.CODE
    elif distance is not None and distance <= radius:
        method = Arrival.PLACE
    elif photos:
        method = Arrival.FALLBACK
    else:
        raise Refused("position_not_proved")
    episode = SiteEpisode(
        callout_id=callout.id,
        person_id=actor.person_id,
        arrived_at=now,
        method=method,
        latitude=presence.latitude,
        longitude=presence.longitude,
        distance_m=distance,
        flagged=method is Arrival.FALLBACK,
    )
    db.session.add(episode)
    return episode


def record_result(
    callout: Callout,
    *,
    outcome: Outcome,
    words: str,
    photos: Sequence[Media] = (),
    actor: Actor,
    now: datetime,
) -> None:
    """登记处置: what was done, with a photo on file. Raises Refused `evidence_missing`."""
    require(policies.can_record_result(actor, callout, now))
    if not photos and not queries.has_photo(callout.id):
        raise Refused("evidence_missing")
    move(callout, "record_result", now)
    callout.outcome, callout.result_at = outcome, now
    step = log(
        events.ResultRecorded(
            outcome=outcome, photos=len(photos), **of_callout(callout, actor, now)
        ),
        body=words,
    )
    _attach(callout, photos, step.id, now=now, is_result=True)
    settle(callout.whistle, actor=actor, now=now)


def _attach(
    callout: Callout,
    photos: Sequence[Media],
    step_id: int,
    *,
    now: datetime,
    is_result: bool = False,
) -> None:
    for picture in photos:
        media.attach(picture, now=now)
        db.session.add(
            CalloutPhoto(
                callout_id=callout.id,
                step_id=step_id,
                media_id=picture.id,
                is_result=is_result,
                added_at=now,
            )
        )
    db.session.flush()


def release_photo(callout: Callout, photo: CalloutPhoto, *, actor: Actor, now: datetime) -> None:
    """Tick a photo for the public."""
    require(policies.can_release_photo(actor, callout, now))
    if photo.released_at is None:
        photo.released_at = now
        log(
            events.PhotoReleased(photo_id=photo.id, **of_callout(callout, actor, now)),
            audience=StepAudience.STAFF,
        )


# --- recess: 现场撤离、责任不撤 ------------------------------------------------------------------


def ask_recess(
    callout: Callout,
    *,
    next_on: date,
    person: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Ask to leave the site: why, when one is back, and who answers meanwhile.

    Raises Refused `recess_date` when the day is past or further away than the rulebook allows.
    """
    require(policies.can_ask_recess(actor, callout, now))
    book = rulebook.book(callout.whistle.edition_id)
    today = now.astimezone(SHANGHAI).date()
    last = book.due("whistles.recess.longest", now).astimezone(SHANGHAI).date()
    if not today <= next_on <= last:
        raise Refused("recess_date", last=last.isoformat())
    move(callout, "ask_recess", now)
    callout.recess_asked_at, callout.recess_next_on = now, next_on
    callout.recess_person = person
    log(
        events.RecessAsked(**of_callout(callout, actor, now)),
        body=reason,
        audience=StepAudience.STAFF,
    )
    settle(callout.whistle, actor=actor, now=now)


def grant_recess(callout: Callout, *, actor: Actor, now: datetime) -> None:
    """Consent: the site is left, the resolve clock runs on."""
    require(policies.can_grant_recess(actor, callout, now))
    move(callout, "grant_recess", now)
    callout.recess_asked_at, callout.recessed_at = None, now
    leave_site(callout, now)
    log(
        events.RecessGranted(
            next_visit_at=datetime.combine(callout.recess_next_on or now, time(), SHANGHAI),
            **of_callout(callout, actor, now),
        )
    )


def refuse_recess(callout: Callout, *, reason: str, actor: Actor, now: datetime) -> None:
    """Have the department stay, saying why."""
    require(policies.can_refuse_recess(actor, callout, now))
    move(callout, "refuse_recess", now)
    callout.recess_asked_at = callout.recess_next_on = callout.recess_person = None
    log(
        events.RecessRefused(**of_callout(callout, actor, now)),
        body=reason,
        audience=StepAudience.STAFF,
    )
