"""From the draft to the blast: write down, answer the gate, approve, blow, take back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from portal.core import ids, work
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.organisations import queries as organisations
from portal.organisations.models import Unit
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.problems.models import Problem
from portal.problems.policies import STREET_ROLES
from portal.problems.states import Audience, ProblemState, StepAudience
from portal.rulebook import queries as rulebook
from portal.rulebook.rules import Rulebook
from portal.whistles import events, policies, queries, rules
from portal.whistles.models import Callout, GateAnswer, PlannedCall, Whistle, WhistleProblem
from portal.whistles.services import clockwork
from portal.whistles.services.steps import advance, log, move, of_callout, of_whistle
from portal.whistles.states import CalloutState, Clock, Kind, Question, WhistleState

MISBLOWN = "whistles:mark-misblown"


@dataclass(frozen=True)
class PlannedUnit:
    """One department that is to be called, with its task."""

    unit_id: int
    is_lead: bool = False
    task: str = ""


@dataclass(frozen=True)
class Plan:
    """What the street writes down before it blows. `appointed_at` is needed for enforcement."""

    kind: Kind
    title: str
    matter: str
    grounds: str
    meeting_point: str
    units: tuple[PlannedUnit, ...]
    duty_item_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    appointed_at: datetime | None = None


def draft(matters: Sequence[Problem], plan: Plan, *, actor: Actor, now: datetime) -> Whistle:
    """Write a whistle down about one or more problems of one street.

    Raises Refused `appointment_missing`, `appointment_past`, `one_lead`, and for a unit that can't
    be called `own_team_assigned`, `not_a_department`, `not_commanded`.
    """
    for problem in matters:
        require(policies.can_draft(actor, problem, now))
    first = matters[0]
    street_id = first.street_id
    unit_id = actor.unit_for(*STREET_ROLES, street_id=street_id)
    if street_id is None or unit_id is None or actor.person_id is None:
        raise Refused("not_your_street")
    _check(plan, rulebook.book(first.edition_id), now)
    is_staff_only = any(problem.audience is Audience.STAFF for problem in matters)
    whistle = Whistle(
        ref=ids.new_ref(now),
        edition_id=first.edition_id,
        district_id=first.district_id,
        street_id=street_id,
        community_id=first.community_id,
        grid_id=first.grid_id,
        state=WhistleState.DRAFTED,
        author_id=actor.person_id,
        author_unit_id=unit_id,
        drafted_at=now,
        audience=Audience.STAFF if is_staff_only else Audience.PUBLIC,
    )
    _write(whistle, plan)
    db.session.add(whistle)
    db.session.flush()
    for problem in matters:
        db.session.add(WhistleProblem(whistle_id=whistle.id, problem_id=problem.id))
    _plan_units(whistle, plan.units)
    screen(whistle, now=now)
    log(
        events.WhistleDrafted(kind=whistle.kind, **of_whistle(whistle, actor, now)),
        audience=StepAudience.STAFF,
    )
    return whistle


def revise(whistle: Whistle, plan: Plan, *, actor: Actor, now: datetime) -> None:
    """Change a draft; an override of the gate has to be written anew."""
    require(policies.can_revise(actor, whistle, now))
    _check(plan, rulebook.book(whistle.edition_id), now)
    advance(whistle, "revise")
    _write(whistle, plan)
    whistle.override_by_id = whistle.override_at = whistle.override_reason = None
    _plan_units(whistle, plan.units)
    screen(whistle, now=now)
    log(
        events.WhistleRevised(**of_whistle(whistle, actor, now)),
        audience=StepAudience.STAFF,
    )


def _check(plan: Plan, book: Rulebook, now: datetime) -> None:
    if plan.kind is Kind.ENFORCEMENT:
        if plan.appointed_at is None:
            raise Refused("appointment_missing")
        if plan.appointed_at <= now:
            raise Refused("appointment_past")
    if plan.units and sum(unit.is_lead for unit in plan.units) != 1:
        raise Refused("one_lead")
    for planned in plan.units:
        check_unit(organisations.unit(planned.unit_id), book)


def check_unit(unit: Unit, book: Rulebook) -> None:
    """Refuse a unit that is never called out, with the reason."""
    code = rules.refuse_unit(book, unit.kind, unit.affiliation)
    if code:
        raise Refused(code, unit=unit.short_name)


def _write(whistle: Whistle, plan: Plan) -> None:
    whistle.kind, whistle.title, whistle.matter = plan.kind, plan.title, plan.matter
    whistle.grounds, whistle.meeting_point = plan.grounds, plan.meeting_point
    whistle.latitude, whistle.longitude = plan.latitude, plan.longitude
    whistle.appointed_at, whistle.duty_item_id = plan.appointed_at, plan.duty_item_id


def _plan_units(whistle: Whistle, units: Sequence[PlannedUnit]) -> None:
    db.session.execute(delete(PlannedCall).where(PlannedCall.whistle_id == whistle.id))
    for unit in units:
        db.session.add(
            PlannedCall(
                whistle_id=whistle.id, unit_id=unit.unit_id, is_lead=unit.is_lead, task=unit.task
            )
        )
    db.session.flush()


# --- the gate -----------------------------------------------------------------------------------


def screen(whistle: Whistle, *, now: datetime) -> int:
    """Answer the six questions anew and store the answers; returns how many said no."""
    book = rulebook.book(whistle.edition_id)
    matters = queries.problems(whistle.id)
    item = queries.duty_item(whistle.duty_item_id) if whistle.duty_item_id else None
    planned = queries.planned(whistle.id)
    answers = rules.gate(
        rules.GateFacts(
            kind=whistle.kind,
            in_street=all(problem.street_id == whistle.street_id for problem in matters),
            list_kind=item.list_kind if item else None,
            power_holder=item.power_holder if item else None,
            measures_with_evidence=queries.measures_with_evidence([one.id for one in matters]),
            duplicate_ref=queries.duplicate_ref(
                whistle.id, matters, book.number("whistles.gate.duplicate.radius")
            ),
            urgencies=tuple(str(problem.urgency) for problem in matters),
            emergency_urgencies=book.items("whistles.gate.emergency.urgencies"),
            departments=len(planned),
            refused_units=tuple(
                one.unit.code
                for one in planned
                if rules.refuse_unit(book, one.unit.kind, one.unit.affiliation)
            ),
        )
    )
    db.session.execute(delete(GateAnswer).where(GateAnswer.whistle_id == whistle.id))
    for answer in answers:
        db.session.add(
            GateAnswer(
                whistle_id=whistle.id,
                question=Question(answer.question),
                passed=answer.passed,
                note=answer.note,
                answered_at=now,
            )
        )
    db.session.flush()
    return sum(not answer.passed for answer in answers)


def override_gate(whistle: Whistle, *, reason: str, actor: Actor, now: datetime) -> None:
    """Override what the gate refused, in writing and by name.

    Raises Refused `gate_passed` when there is nothing to override.
    """
    require(policies.can_override_gate(actor, whistle, now))
    failed = queries.failed_answers(whistle.id)
    if not failed:
        raise Refused("gate_passed")
    whistle.override_by_id, whistle.override_at = actor.person_id, now
    whistle.override_reason = reason
    log(
        events.GateOverridden(failed=failed, **of_whistle(whistle, actor, now)),
        audience=StepAudience.STAFF,
    )


def _pass_gate(whistle: Whistle, now: datetime) -> None:
    if screen(whistle, now=now) and whistle.override_by_id is None:
        raise Refused("gate_failed")


def request_approval(whistle: Whistle, *, actor: Actor, now: datetime) -> None:
    """Ask a leader; the answers of the gate go along, also those that said no."""
    require(policies.can_request_approval(actor, whistle, now))
    failed = screen(whistle, now=now)
    advance(whistle, "request_approval")
    log(
        events.ApprovalRequested(failed=failed, **of_whistle(whistle, actor, now)),
        audience=StepAudience.STAFF,
    )


def approve(whistle: Whistle, *, actor: Actor, now: datetime) -> None:
    """Approve somebody else's whistle. Raises Refused `gate_failed` unless overridden."""
    require(policies.can_approve(actor, whistle, now))
    _pass_gate(whistle, now)
    advance(whistle, "approve")
    whistle.approver_id, whistle.approved_at = actor.person_id, now
    log(
        events.WhistleApproved(**of_whistle(whistle, actor, now)),
        audience=StepAudience.STAFF,
    )


def return_to_author(whistle: Whistle, *, reason: str, actor: Actor, now: datetime) -> None:
    """Send it back, saying what is to be changed."""
    require(policies.can_return_to_author(actor, whistle, now))
    advance(whistle, "return_to_author")
    log(
        events.WhistleReturned(**of_whistle(whistle, actor, now)),
        body=reason,
        audience=StepAudience.STAFF,
    )


# --- blowing ------------------------------------------------------------------------------------


def blow(whistle: Whistle, *, actor: Actor, now: datetime) -> None:
    """吹哨: call every planned department.

    An enforcement is quiet. An emergency gets its late review by the district. Raises Refused
    `gate_failed`, `nobody_to_call`, `appointment_past`.
    """
    require(policies.can_blow(actor, whistle, now))
    planned = queries.planned(whistle.id)
    if not planned:
        raise Refused("nobody_to_call")
    if whistle.appointed_at is not None and whistle.appointed_at <= now:
        raise Refused("appointment_past")
    _pass_gate(whistle, now)
    book = rulebook.book(whistle.edition_id)
    advance(whistle, "blow")
    whistle.blown_at, whistle.blown_by_id = now, actor.person_id
    whistle.quiet = whistle.kind is Kind.ENFORCEMENT
    if whistle.kind is Kind.EMERGENCY:
        whistle.late_review_due_at = book.due("whistles.review.limit", now)
        work.schedule(MISBLOWN, str(whistle.id), whistle.late_review_due_at, whistle_id=whistle.id)
    matters = [problem_queries.lock(one) for one in queries.problem_ids(whistle.id)]
    for problem in matters:
        problems.keep_at_office(problem, actor=actor, now=now)
        problems.whistle(problem, quiet=whistle.quiet, actor=actor, now=now)
    if not whistle.quiet:
        release_if_open(whistle, matters, now)
    log(
        events.WhistleBlown(
            kind=whistle.kind,
            quiet=whistle.quiet,
            called=len(planned),
            **of_whistle(whistle, actor, now),
        ),
        body=whistle.matter,
    )
    for one in planned:
        call_out(
            whistle,
            one.unit,
            is_lead=one.is_lead,
            task=one.task,
            actor=actor,
            now=now,
        )


def release_if_open(whistle: Whistle, matters: Sequence[Problem], now: datetime) -> None:
    """Show a whistle to the public when its problems are public."""
    if whistle.audience is Audience.STAFF or whistle.released_at is not None:
        return
    if all(problem.released_at is not None for problem in matters):
        whistle.released_at = now


def call_out(
    whistle: Whistle,
    unit: Unit,
    *,
    is_lead: bool = False,
    task: str = "",
    actor: Actor,
    now: datetime,
) -> Callout:
    """Open a department's line and start its clocks. Raises Refused (see `check_unit`)."""
    book = rulebook.book(whistle.edition_id)
    check_unit(unit, book)
    due = rules.clocks(book, whistle.kind, now, whistle.appointed_at)
    callout = Callout(
        whistle_id=whistle.id,
        whistle=whistle,
        unit_id=unit.id,
        unit=unit,
        is_lead=is_lead,
        task=task,
        state=CalloutState.CALLED,
        called_at=now,
        acknowledge_due_at=due.acknowledge,
        contact_due_at=due.contact,
        arrive_due_at=due.arrive,
        resolve_due_at=due.resolve,
        nudges=0,
        refusals=0,
    )
    db.session.add(callout)
    db.session.flush()
    for problem_id in queries.problem_ids(whistle.id):
        problems.grant(problem_id, unit.id, now)
    clockwork.start_all(callout, book)
    log(events.CalloutCalled(is_lead=is_lead, **of_callout(callout, actor, now)), body=task)
    return callout


def call_more(whistle: Whistle, *, unit_id: int, task: str, actor: Actor, now: datetime) -> Callout:
    """追加部门. Raises Refused `called_already` or as `call_out`."""
    require(policies.can_call_more(actor, whistle, now))
    if any(one.unit_id == unit_id for one in queries.live_callouts(whistle.id)):
        raise Refused("called_already")
    return call_out(whistle, organisations.unit(unit_id), task=task, actor=actor, now=now)


def cancel(whistle: Whistle, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take the whistle back: every line ends, and the holder goes on with the problem."""
    require(policies.can_cancel(actor, whistle, now))
    was_blown = whistle.blown_at is not None
    for callout in queries.live_callouts(whistle.id):
        move(callout, "cancel", now)
        clockwork.stop(callout, *Clock, now=now)
        log(events.CalloutCancelled(**of_callout(callout, actor, now)))
    advance(whistle, "cancel")
    whistle.cancelled_at = now
    db.session.flush()
    log(
        events.WhistleCancelled(was_blown=was_blown, **of_whistle(whistle, actor, now)),
        body=reason,
        audience=StepAudience.PUBLIC if was_blown else StepAudience.STAFF,
    )
    if was_blown:
        let_problems_go(whistle, now=now)


def let_problems_go(whistle: Whistle, *, now: datetime) -> None:
    """Give problems back to their holder when their last live whistle ended without a result."""
    for problem_id in queries.problem_ids(whistle.id):
        problem = problem_queries.lock(problem_id)
        problem.quiet = queries.has_quiet_whistle(problem_id)
        if problem.state is ProblemState.WHISTLED and not queries.has_live_whistle(problem_id):
            problems.leave_whistle(problem, now=now)
