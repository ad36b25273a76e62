"""事不完、人不撤: sign-offs, holds, standing down, and what follows for whistle and problems.

A department stands down when the street has signed its result, every resident supervisor whose
slot is open has signed, and nothing holds. When the last line ends the whistle is completed and
each of its problems, unless another whistle still lives on it, is reported as resolved.
"""

from datetime import datetime

from portal.core import work
from portal.core.actor import SYSTEM, Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.problems.states import ProblemState, StepAudience
from portal.rulebook import queries as rulebook
from portal.whistles import events, policies, queries
from portal.whistles.models import Callout, SignOff, Whistle, WhistleHold
from portal.whistles.services import clockwork
from portal.whistles.services.preparing import let_problems_go, release_if_open
from portal.whistles.services.steps import advance, log, move, of_callout, of_whistle
from portal.whistles.states import (
    WHISTLE,
    CalloutState,
    Clock,
    Slot,
    WhistleState,
    whistle_verb,
)

STAND_DOWN = "stand_down"
ARCHIVE = "whistles:archive"


def ask_stand_down(callout: Callout, *, actor: Actor, now: datetime) -> None:
    """申请销号: the street is asked to sign; only possible with a result on record."""
    require(policies.can_ask_stand_down(actor, callout, now))
    move(callout, "ask_stand_down", now)
    callout.done_at, callout.recess_asked_at = now, None
    clockwork.stop(callout, Clock.RESOLVE, now=now)
    db.session.add(
        SignOff(
            whistle_id=callout.whistle_id,
            callout_id=callout.id,
            slot=Slot.STREET,
            placed_by="",
            opened_at=now,
        )
    )
    log(events.StandDownAsked(**of_callout(callout, actor, now)))


def sign_off(callout: Callout, *, actor: Actor, now: datetime) -> None:
    """The street confirms the result; the department stands down once nobody else is awaited."""
    require(policies.can_sign_off(actor, callout, now))
    slot = queries.street_slot(callout.id)
    if slot is None or slot.signed_at is not None:
        raise Refused("signed_already")
    slot.signed_at, slot.signed_by_id = now, actor.person_id
    move(callout, "sign_off", now)
    log(events.SignedOff(**of_callout(callout, actor, now)))
    stand_down(callout, actor=actor, now=now)


def refuse_sign_off(callout: Callout, *, reason: str, actor: Actor, now: datetime) -> None:
    """Not done, and why: the department goes on, its result has to be recorded anew."""
    require(policies.can_refuse_sign_off(actor, callout, now))
    _back_to_work(callout, now)
    log(
        events.SignOffRefused(slot=Slot.STREET, **of_callout(callout, actor, now)),
        body=reason,
    )


def _back_to_work(callout: Callout, now: datetime) -> None:
    slot = queries.street_slot(callout.id)
    if slot is not None:
        slot.closed_at = now
        if slot.signed_at is None:
            slot.refused_at = now
    move(callout, "refuse_sign_off", now)
    callout.result_at = callout.outcome = callout.done_at = None
    callout.refusals += 1
    clockwork.restart_resolve(callout, rulebook.book(callout.whistle.edition_id), now)
    db.session.flush()


def stand_down(callout: Callout, *, actor: Actor, now: datetime) -> None:
    """销号, once every sign-off is given and nothing holds; else nothing happens."""
    if callout.state is not CalloutState.DONE or queries.unsigned(callout):
        return
    if queries.is_held(callout.whistle_id, STAND_DOWN):
        return
    move(callout, "stand_down", now)
    leave_site(callout, now)
    log(events.CalloutStoodDown(**of_callout(callout, SYSTEM, now)))
    settle(callout.whistle, actor=actor, now=now)


def leave_site(callout: Callout, now: datetime) -> None:
    """End the stay on site, if there is one."""
    episode = queries.open_episode(callout.id)
    if episode is not None:
        episode.left_at = now


# --- the resident supervisor, called by the floor above -----------------------------------------


def open_supervisor_slot(whistle_id: int, *, placed_by: str, now: datetime) -> None:
    """Wait for a resident supervisor's sign-off from now on; the same placer waits once.

    `placed_by` is opaque text (`visit:7`). A whistle that is over waits for nobody.
    """
    whistle = queries.lock(whistle_id)
    if whistle.completed_at is not None or whistle.cancelled_at is not None:
        return
    if queries.supervisor_slot(whistle_id, placed_by) is not None:
        return
    db.session.add(
        SignOff(
            whistle_id=whistle_id,
            slot=Slot.SUPERVISOR,
            placed_by=placed_by,
            opened_at=now,
        )
    )
    log(
        events.SupervisorSlotOpened(placed_by=placed_by, **of_whistle(whistle, SYSTEM, now)),
        audience=StepAudience.STAFF,
    )


def sign_as_supervisor(whistle_id: int, *, placed_by: str, person_id: int, now: datetime) -> None:
    """The supervisor, or who stands in after the time-out, confirms what was done on site."""
    slot = queries.supervisor_slot(whistle_id, placed_by)
    if slot is None or slot.signed_at is not None:
        return
    whistle = queries.lock(whistle_id)
    slot.signed_at, slot.signed_by_id = now, person_id
    log(
        events.SignedAsSupervisor(
            placed_by=placed_by, whistle_id=whistle.id, at=now, actor_id=person_id
        )
    )
    _release_departments(whistle, now)


def refuse_as_supervisor(whistle_id: int, *, placed_by: str, reason: str, now: datetime) -> None:
    """The supervisor objects: departments that asked to stand down go on. The slot stays open."""
    slot = queries.supervisor_slot(whistle_id, placed_by)
    if slot is None:
        return
    queries.lock(whistle_id)
    slot.signed_at = slot.signed_by_id = None
    for callout in queries.live_callouts(whistle_id):
        if callout.state is CalloutState.DONE:
            _back_to_work(callout, now)
            log(
                events.SignOffRefused(slot=Slot.SUPERVISOR, **of_callout(callout, SYSTEM, now)),
                body=reason,
            )


def close_supervisor_slot(whistle_id: int, *, placed_by: str, now: datetime) -> None:
    """Nobody waits for that supervisor any more (declined, or could not come)."""
    slot = queries.supervisor_slot(whistle_id, placed_by)
    if slot is None:
        return
    whistle = queries.lock(whistle_id)
    slot.closed_at = now
    log(
        events.SupervisorSlotClosed(placed_by=placed_by, **of_whistle(whistle, SYSTEM, now)),
        audience=StepAudience.STAFF,
    )
    _release_departments(whistle, now)


def place_hold(whistle_id: int, *, reason: str, placed_by: str, now: datetime) -> None:
    """Block standing down until lifted; `reason` is a code. The same placer holds once."""
    whistle = queries.lock(whistle_id)
    if queries.live_hold(whistle_id, STAND_DOWN, placed_by) is not None:
        return
    db.session.add(
        WhistleHold(
            whistle_id=whistle_id,
            verb=STAND_DOWN,
            reason=reason,
            placed_by=placed_by,
            placed_at=now,
        )
    )
    log(
        events.WhistleHoldPlaced(placed_by=placed_by, **of_whistle(whistle, SYSTEM, now)),
        audience=StepAudience.STAFF,
    )


def lift_hold(whistle_id: int, *, placed_by: str, now: datetime) -> None:
    """Lift a hold, if it stands; departments that waited for it stand down."""
    whistle = queries.lock(whistle_id)
    hold = queries.live_hold(whistle_id, STAND_DOWN, placed_by)
    if hold is None:
        return
    hold.lifted_at = now
    log(
        events.WhistleHoldLifted(placed_by=placed_by, **of_whistle(whistle, SYSTEM, now)),
        audience=StepAudience.STAFF,
    )
    _release_departments(whistle, now)


def _release_departments(whistle: Whistle, now: datetime) -> None:
    db.session.flush()
    for callout in queries.live_callouts(whistle.id):
        stand_down(callout, actor=SYSTEM, now=now)


# --- what follows -------------------------------------------------------------------------------


def settle(whistle: Whistle, *, actor: Actor, now: datetime) -> None:
    """Move the whistle where its departments' lines have brought it."""
    db.session.flush()
    verb = whistle_verb(queries.callout_states(whistle.id))
    if verb in {"assemble", "begin"} and whistle.state is WhistleState.BLOWN:
        assemble(whistle, now=now)
    if verb == "begin" and whistle.state is WhistleState.ASSEMBLED:
        begin(whistle, now=now)
    elif verb == "complete":
        complete(whistle, actor=actor, now=now)
    elif verb == "come_to_nothing":
        come_to_nothing(whistle, now=now)


def assemble(whistle: Whistle, *, now: datetime) -> None:
    """Every department called is on site."""
    advance(whistle, "assemble")
    log(events.WhistleAssembled(**of_whistle(whistle, SYSTEM, now)))


def begin(whistle: Whistle, *, now: datetime) -> None:
    """They act together."""
    advance(whistle, "begin")
    log(events.WhistleBegun(**of_whistle(whistle, SYSTEM, now)))


def complete(whistle: Whistle, *, actor: Actor, now: datetime) -> None:
    """Every department stood down: its problems are reported as resolved and will be checked."""
    advance(whistle, "complete")
    whistle.completed_at = now
    log(events.WhistleCompleted(**of_whistle(whistle, SYSTEM, now)))
    for problem_id in queries.problem_ids(whistle.id):
        problem = problem_queries.lock(problem_id)
        if problem.state is ProblemState.WHISTLED and not queries.has_live_whistle(problem_id):
            problems.resolve(problem, actor=actor, now=now)


def come_to_nothing(whistle: Whistle, *, now: datetime) -> None:
    """Every line ended and none with a result: the holders go on."""
    advance(whistle, "come_to_nothing")
    whistle.cancelled_at = now
    log(events.WhistleCameToNothing(**of_whistle(whistle, SYSTEM, now)))
    let_problems_go(whistle, now=now)


def release(whistle: Whistle, *, words: str, actor: Actor, now: datetime) -> None:
    """Release a quiet whistle's outcome to the public, in the street's words."""
    require(policies.can_release(actor, whistle, now))
    whistle.released_at = now
    log(events.WhistleReleased(**of_whistle(whistle, actor, now)), body=words)
    for problem_id in queries.problem_ids(whistle.id):
        problem_queries.lock(problem_id).quiet = queries.has_quiet_whistle(problem_id)


def release_with_problem(problem_id: int, *, now: datetime) -> None:
    """Show whistles that only waited for the problem to become public."""
    for whistle in queries.of_problem_in(problem_id, WHISTLE_BLOWN):
        if not whistle.quiet:
            release_if_open(whistle, queries.problems(whistle.id), now)


WHISTLE_BLOWN = frozenset(WhistleState) - {
    WhistleState.DRAFTED,
    WhistleState.SCREENING,
    WhistleState.RETURNED,
    WhistleState.APPROVED,
    WhistleState.CANCELLED,
}


def rate(problem_id: int, *, now: datetime) -> None:
    """Residents have rated the problem: whistles whose problems are all closed move on."""
    for whistle in queries.of_problem_in(problem_id, frozenset({WhistleState.COMPLETED})):
        if all(problem.state is ProblemState.CLOSED for problem in queries.problems(whistle.id)):
            advance(whistle, "rate")
            log(
                events.WhistleRated(**of_whistle(whistle, SYSTEM, now)),
                audience=StepAudience.STAFF,
            )
            due = rulebook.book(whistle.edition_id).due("whistles.archive.after", now)
            work.schedule(ARCHIVE, str(whistle.id), due, whistle_id=whistle.id)


def archive(whistle: Whistle, *, now: datetime) -> None:
    """File a rated whistle. Called by the worker."""
    if not WHISTLE.allows(whistle.state, "archive"):
        return
    advance(whistle, "archive")
    log(
        events.WhistleArchived(**of_whistle(whistle, SYSTEM, now)),
        audience=StepAudience.STAFF,
    )


# --- the late review of an emergency ------------------------------------------------------------


def review(whistle: Whistle, *, misblown: bool, reason: str, actor: Actor, now: datetime) -> None:
    """The district says whether it was an emergency."""
    require(policies.can_review(actor, whistle, now))
    whistle.late_reviewed_at, whistle.misblown = now, misblown
    log(
        events.WhistleReviewed(misblown=misblown, **of_whistle(whistle, actor, now)),
        body=reason,
        audience=StepAudience.STAFF,
    )


def mark_misblown(whistle: Whistle, *, now: datetime) -> None:
    """Nobody reviewed it in time: it counts as misblown. The district may still review it."""
    if whistle.late_reviewed_at is not None or whistle.misblown is not None:
        return
    whistle.misblown = True
    log(
        events.WhistleMisblown(**of_whistle(whistle, SYSTEM, now)),
        audience=StepAudience.STAFF,
    )
