"""The acts of a visit, one function per verb."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from portal.core import ids, work
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.media.models import Media
from portal.problems import services as problems
from portal.problems.models import Problem, Step
from portal.problems.services.triage import acting_unit
from portal.problems.states import PhotoKind, StepAudience
from portal.rulebook import queries as rulebook
from portal.supervision import events, policies, queries
from portal.supervision.events import VisitEvent
from portal.supervision.models import Visit
from portal.supervision.states import AWAITED, FINAL, VISIT, Rung, SignInMethod, VisitState
from portal.whistles import queries as whistle_queries
from portal.whistles import rules as whistle_rules
from portal.whistles import services as whistles

HOLD_VERB = "close"
HOLD_REASON = "supervision_open"
LAPSE = "supervision:lapse"
MOVE_UP = "supervision:move-up"
INTERNAL = frozenset(
    {
        events.SupervisorInvited.tag,
        events.InvitationAccepted.tag,
        events.InvitationDeclined.tag,
        events.InvitationLapsed.tag,
    }
)


@dataclass(frozen=True)
class Presence:
    """What a phone shows of where it is; None where it could not tell."""

    latitude: float | None = None
    longitude: float | None = None


def placed_by(visit: Visit) -> str:
    """Return the opaque name under which a visit places holds."""
    return f"visit:{visit.id}"


def invite(
    problem: Problem,
    *,
    supervisor_id: int,
    actor: Actor,
    now: datetime,
) -> Visit:
    """Invite a supervisor with a live mandate over the place; recuses on a declared interest.

    Raises Refused `no_mandate`, `interest_declared`, `invited_already`.
    """
    require(policies.can_invite(actor, problem, now))
    mandate = queries.live_mandate(supervisor_id, problem, now)
    if mandate is None:
        raise Refused("no_mandate")
    if supervisor_id == problem.reporter_id or (
        mandate.declared_unit_id is not None
        and mandate.declared_unit_id in queries.involved_units(problem.id)
    ):
        raise Refused("interest_declared")
    if queries.live_visit(problem.id, supervisor_id) is not None:
        raise Refused("invited_already")
    book = rulebook.book(problem.edition_id)
    visit = Visit(
        ref=ids.new_ref(now),
        edition_id=problem.edition_id,
        problem_id=problem.id,
        whistle_id=whistle_queries.live_whistle_id(problem.id),
        supervisor_id=supervisor_id,
        invited_by_id=actor.person_id,
        invited_by_unit_id=acting_unit(actor, problem),
        state=VisitState.INVITED,
        invited_at=now,
        respond_due_at=book.due("supervision.respond", now),
    )
    db.session.add(visit)
    db.session.flush()
    _log(
        events.SupervisorInvited(supervisor_id=supervisor_id, **_base(visit, actor, now)),
    )
    work.schedule(LAPSE, placed_by(visit), visit.respond_due_at, visit_id=visit.id)
    return visit


def accept(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """The supervisor comes: from now on closing waits for the sign-off."""
    require(policies.can_accept(actor, visit, now))
    _advance(visit, "accept", now)
    _ask_sign_off(visit, now)
    problems.place_hold(
        visit.problem_id,
        verb=HOLD_VERB,
        reason=HOLD_REASON,
        placed_by=placed_by(visit),
        now=now,
    )
    work.cancel(LAPSE, placed_by(visit), now)
    if visit.whistle_id is not None:
        whistles.open_supervisor_slot(visit.whistle_id, placed_by=placed_by(visit), now=now)
    _log(events.InvitationAccepted(**_base(visit, actor, now)))


def follow_whistle(visit: Visit, whistle_id: int, *, now: datetime) -> None:
    """Departments were called for the problem meanwhile: they wait for this supervisor too."""
    visit.whistle_id = whistle_id
    if visit.state in AWAITED:
        whistles.open_supervisor_slot(whistle_id, placed_by=placed_by(visit), now=now)


def decline(visit: Visit, *, reason: str, actor: Actor, now: datetime) -> None:
    """The supervisor can't come; nothing waits for them any more."""
    require(policies.can_decline(actor, visit, now))
    _advance(visit, "decline", now)
    _let_go(visit, now)
    if visit.whistle_id is not None:
        whistles.close_supervisor_slot(visit.whistle_id, placed_by=placed_by(visit), now=now)
    _log(events.InvitationDeclined(**_base(visit, actor, now)), reason)


def lapse(visit: Visit, *, now: datetime) -> None:
    """No answer in time. Called by the worker."""
    _advance(visit, "lapse", now)
    _log(events.InvitationLapsed(**_base(visit, None, now)))


def sign_in(
    visit: Visit,
    *,
    presence: Presence,
    code: str,
    secret: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Show that one is on site: near the place, or with the commander's code, else flagged.

    `secret` is the installation's key, from which the whistle's rotating code is made.
    """
    require(policies.can_sign_in(actor, visit, now))
    book = rulebook.book(visit.edition_id)
    problem = visit.problem
    distance = whistle_rules.distance_m(
        presence.latitude, presence.longitude, problem.latitude, problem.longitude
    )
    if _is_site_code(visit, code, secret, now):
        method = SignInMethod.CODE
    elif distance is not None and distance <= book.number("supervision.sign_in.radius"):
        method = SignInMethod.PLACE
    else:
        method = SignInMethod.FALLBACK
    _advance(visit, "sign_in", now)
    visit.signed_in_at, visit.sign_in_method = now, method
    visit.distance_m = distance
    visit.flagged = method is SignInMethod.FALLBACK
    _log(
        events.SupervisorSignedIn(method=method, flagged=visit.flagged, **_base(visit, actor, now))
    )


def _is_site_code(visit: Visit, code: str, secret: str, now: datetime) -> bool:
    if visit.whistle_id is None or not code:
        return False
    book = rulebook.book(visit.edition_id)
    return whistle_rules.is_site_code(
        secret,
        visit.whistle_id,
        code,
        now,
        book.number("whistles.code.seconds"),
        book.number("whistles.code.grace"),
    )


def write_finding(
    visit: Visit, *, words: str, photos: Sequence[Media], actor: Actor, now: datetime
) -> Step:
    """Write down what was seen, with photos. Written once; nobody edits it."""
    require(policies.can_write_finding(actor, visit, now))
    _advance(visit, "write_finding", now)
    _ask_sign_off(visit, now)
    step = _log(events.FindingWritten(photos=len(photos), **_base(visit, actor, now)), words)
    for picture in photos:
        problems.hang_photo(visit.problem_id, picture, PhotoKind.EVIDENCE, step.id, now)
    return step


def object(visit: Visit, *, reason: str, actor: Actor, now: datetime) -> None:  # noqa: A001 - the field's verb
    """Say that it is not done: closing stays blocked until this is answered and looked at again."""
    require(policies.can_object(actor, visit, now))
    _advance(visit, "object", now)
    visit.sign_off_due_at = None
    if visit.whistle_id is not None:
        whistles.refuse_as_supervisor(
            visit.whistle_id, placed_by=placed_by(visit), reason=reason, now=now
        )
    _log(events.ObjectionRaised(**_base(visit, actor, now)), reason)


def answer(visit: Visit, *, words: str, actor: Actor, now: datetime) -> None:
    """Answer an objection: what was done about it. The supervisor's time runs again."""
    require(policies.can_answer(actor, visit, now))
    _advance(visit, "answer", now)
    _ask_sign_off(visit, now)
    _log(
        events.ObjectionAnswered(**_base(visit, actor, now, acting_unit(actor, visit.problem))),
        words,
    )


def sign_off(visit: Visit, *, actor: Actor, now: datetime) -> None:
    """Confirm the result: nothing of this visit blocks any more."""
    require(policies.can_sign_off(actor, visit, now))
    _advance(visit, "sign_off", now)
    _let_go(visit, now)
    _sign_whistle(visit, actor, now)
    _log(events.VisitSignedOff(**_base(visit, actor, now)))


def move_up(visit: Visit, *, now: datetime) -> None:
    """The sign-off is late: the next rung may sign. Called by the worker."""
    if visit.sign_off_due_at is None or visit.sign_off_due_at > now or visit.state in FINAL:
        return
    if visit.rung is Rung.NONE:
        visit.rung = Rung.STREET_LEADER
        _watch(visit, rulebook.book(visit.edition_id).due("supervision.leader", now))
    else:
        visit.rung, visit.sign_off_due_at = Rung.DISTRICT, None
    _log(events.SignOffMovedUp(rung=visit.rung, **_base(visit, None, now)))


def sign_in_place(visit: Visit, *, reason: str, actor: Actor, now: datetime) -> None:
    """Sign for the supervisor after the time-out, with a public reason."""
    require(policies.can_sign_in_place(actor, visit, now))
    _advance(visit, "sign_in_place", now)
    _let_go(visit, now)
    _sign_whistle(visit, actor, now)
    _log(
        events.SignedInPlace(
            rung=visit.rung, **_base(visit, actor, now, acting_unit(actor, visit.problem))
        ),
        reason,
    )


def _sign_whistle(visit: Visit, actor: Actor, now: datetime) -> None:
    if visit.whistle_id is not None and actor.person_id is not None:
        whistles.sign_as_supervisor(
            visit.whistle_id,
            placed_by=placed_by(visit),
            person_id=actor.person_id,
            now=now,
        )


def _ask_sign_off(visit: Visit, now: datetime) -> None:
    visit.rung = Rung.NONE
    _watch(visit, rulebook.book(visit.edition_id).due("supervision.sign_off", now))


def _watch(visit: Visit, due: datetime) -> None:
    visit.sign_off_due_at = due
    key = f"{placed_by(visit)}:{due.isoformat(timespec='seconds')}"
    work.schedule(MOVE_UP, key, due, visit_id=visit.id)


def _let_go(visit: Visit, now: datetime) -> None:
    visit.sign_off_due_at = None
    work.cancel(LAPSE, placed_by(visit), now)
    problems.lift_hold(visit.problem_id, verb=HOLD_VERB, placed_by=placed_by(visit), now=now)


def _advance(visit: Visit, verb: str, now: datetime) -> None:
    visit.state = VISIT.next(visit.state, verb)
    if visit.state in FINAL:
        visit.ended_at = now


class _Base(TypedDict):
    visit_id: int
    problem_id: int
    at: datetime
    actor_id: int | None
    unit_id: int | None


def _base(visit: Visit, actor: Actor | None, now: datetime, unit_id: int | None = None) -> _Base:
    return {
        "visit_id": visit.id,
        "problem_id": visit.problem_id,
        "at": now,
        "actor_id": actor.person_id if actor else None,
        "unit_id": unit_id,
    }


def _log(event: VisitEvent, words: str | None = None) -> Step:
    internal = event.tag in INTERNAL
    return problems.log(
        event, body=words, audience=StepAudience.STAFF if internal else StepAudience.PUBLIC
    )
