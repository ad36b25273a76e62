"""The composer: write a whistle down, have it approved, blow it, take it back."""

from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from portal.core.ids import SHANGHAI
from portal.duties import queries as duties
from portal.duties.models import DutyItem
from portal.duties.queries import Suggestion
from portal.organisations.models import Unit
from portal.problems import queries as problem_queries
from portal.problems.models import Problem
from portal.problems.states import Urgency
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.desk import perform
from portal.web.transaction import Act
from portal.whistles import labels, policies, queries, services
from portal.whistles.forms import TASK, ApproveForm, PlanForm, point
from portal.whistles.models import Whistle
from portal.whistles.services import Plan, PlannedUnit
from portal.whistles.states import Kind
from portal.whistles.views import bp
from portal.whistles.views.acts import (
    Answer,
    ask,
    callable_units,
    in_words,
    item_choices,
    list_items,
    load,
    page_of,
    press,
    press_button,
    unit_choices,
)


@bp.route("/whistles/new", methods=["GET", "POST"])
@guarded_by(policies.can_draft)
def new() -> Answer:
    """Write a whistle about a problem: kind, grounds, departments, place, time."""
    problem = problem_queries.get_visible(request.args.get("problem", ""), current_actor())
    authorise(problem)
    found = _suggestion(problem)
    form = PlanForm(data=_first_words(problem, found))
    units, items = _offer(form, problem.edition_id, problem.district_id)
    if form.validate_on_submit():
        plan = _plan(form, units, items)

        def act(unit: Act) -> None:
            whistle = services.draft(
                [problem_queries.lock(problem.id)], plan, actor=current_actor(), now=moment()
            )
            unit.answer(page_of(whistle.ref))

        done = perform(form, act, gettext("Written down. Check it and blow."))
        if done is not None:
            return done
    return _draw(form, problem, units, found)


@bp.route("/whistles/<ref>/revise", methods=["GET", "POST"])
@guarded_by(policies.can_revise)
def revise(ref: str) -> Answer:
    """Change a draft."""
    whistle = load(ref)
    form = PlanForm(data=_written(whistle))
    units, items = _offer(form, whistle.edition_id, whistle.district_id)
    if form.validate_on_submit():
        plan = _plan(form, units, items)
        done = press(
            form,
            whistle,
            lambda one: services.revise(one, plan, actor=current_actor(), now=moment()),
            gettext("Changed. Check it and blow."),
        )
        if done is not None:
            return done
    if form.version.data is None:
        form.version.data = whistle.version
    return _draw(form, queries.problems(whistle.id)[0], units, None)


def _suggestion(problem: Problem) -> Suggestion | None:
    place = duties.Place(problem.district_id, problem.street_id, problem.community_id)
    chosen = request.args.get("item", "")
    if chosen.isdecimal():
        for item in list_items(problem.district_id):
            if item.number == int(chosen):
                return duties.suggestion_of(item.id, place)
    return duties.suggest(
        place,
        on=moment().astimezone(SHANGHAI).date(),
        category_id=problem.category_id,
        text=f"{problem.title} {problem.body}",
    )


def _first_words(problem: Problem, found: Suggestion | None) -> dict[str, Any]:
    """Return what the composer starts from: the problem's words and the duty list's units."""
    is_urgent = problem.urgency in {Urgency.L1, Urgency.L2}
    called = found.departments if found else ()
    return {
        "kind": Kind.EMERGENCY if is_urgent else Kind.KEY_WORK,
        "title": problem.title,
        "matter": problem.body,
        "meeting_point": problem.address,
        "lat": problem.latitude,
        "lon": problem.longitude,
        "duty_item": str(found.number) if found else "",
        "units": [unit.code for unit in called],
        "lead": called[0].code if called else "",
    }


def _written(whistle: Whistle) -> dict[str, Any]:
    planned = queries.planned(whistle.id)
    item = queries.duty_item(whistle.duty_item_id) if whistle.duty_item_id else None
    return {
        "kind": whistle.kind,
        "title": whistle.title,
        "matter": whistle.matter,
        "grounds": whistle.grounds,
        "meeting_point": whistle.meeting_point,
        "lat": whistle.latitude,
        "lon": whistle.longitude,
        "appointed_at": whistle.appointed_at.astimezone(SHANGHAI).replace(tzinfo=None)
        if whistle.appointed_at
        else None,
        "duty_item": str(item.number) if item else "",
        "units": [one.unit.code for one in planned],
        "lead": next((one.unit.code for one in planned if one.is_lead), ""),
        "tasks": {one.unit.code: one.task for one in planned},
    }


def _offer(
    form: PlanForm, edition_id: int, district_id: int
) -> tuple[Sequence[Unit], Sequence[DutyItem]]:
    units, items = callable_units(edition_id, district_id), list_items(district_id)
    known = {unit.code for unit in units}
    form.units.choices = unit_choices(units)
    form.units.data = [code for code in form.units.data or [] if code in known]
    form.lead.choices = [("", gettext("Choose")), *((unit.code, unit.name) for unit in units)]
    form.duty_item.choices = [("", gettext("None fits")), *item_choices(items)]
    return units, items


def _plan(form: PlanForm, units: Sequence[Unit], items: Sequence[DutyItem]) -> Plan:
    by_code = {unit.code: unit.id for unit in units}
    chosen = list(form.units.data or [])
    lead = chosen[0] if len(chosen) == 1 else form.lead.data
    latitude, longitude = point(form.lat.data, form.lon.data)
    return Plan(
        kind=Kind(form.kind.data),
        title=form.title.data or "",
        matter=form.matter.data or "",
        grounds=form.grounds.data or "",
        meeting_point=form.meeting_point.data or "",
        units=tuple(
            PlannedUnit(
                by_code[code],
                is_lead=code == lead,
                task=request.form.get(f"task-{code}", "").strip()[:TASK],
            )
            for code in chosen
        ),
        duty_item_id=next(
            (item.id for item in items if str(item.number) == form.duty_item.data), None
        ),
        latitude=latitude,
        longitude=longitude,
        appointed_at=form.appointment,
    )


def _draw(
    form: PlanForm, problem: Problem, units: Sequence[Unit], found: Suggestion | None
) -> Answer:
    tasks = {unit.code: request.form.get(f"task-{unit.code}", "") for unit in units}
    page = render_template(
        "whistles/compose.html",
        form=form,
        problem=problem,
        units=units,
        found=found,
        tasks=tasks,
        labels=labels,
    )
    return page, 422 if form.errors else 200


@bp.post("/whistles/<ref>/request-approval")
@guarded_by(policies.can_request_approval)
def request_approval(ref: str) -> Answer:
    """Ask a leader."""
    return press_button(
        load(ref),
        lambda one: services.request_approval(one, actor=current_actor(), now=moment()),
        gettext("The leader is asked. You are told the answer."),
    )


@bp.route("/whistles/<ref>/approve", methods=["GET", "POST"])
@guarded_by(policies.can_approve)
def approve(ref: str) -> Answer:
    """The leader reads the whistle, the gate's answers, and says yes."""
    whistle = load(ref)
    form = ApproveForm(version=whistle.version)
    if form.validate_on_submit():

        def act(one: Whistle) -> None:
            actor, now = current_actor(), moment()
            if form.words.data and queries.failed_answers(one.id):
                services.override_gate(one, reason=form.words.data or "", actor=actor, now=now)
            services.approve(one, actor=actor, now=now)

        done = press(form, whistle, act, gettext("Approved. The street can blow now."))
        if done is not None:
            return done
    return ask(
        "whistles/approve.html",
        form,
        whistle,
        title=gettext("Approve this whistle?"),
        send=gettext("Approve"),
        planned=queries.planned(whistle.id),
        answers=queries.gate_answers(whistle.id),
        item=queries.duty_item(whistle.duty_item_id) if whistle.duty_item_id else None,
    )


@bp.route("/whistles/<ref>/return", methods=["GET", "POST"])
@guarded_by(policies.can_return_to_author)
def return_to_author(ref: str) -> Answer:
    """Send it back, saying what is to be changed."""
    return in_words(
        ref,
        lambda one, words: services.return_to_author(
            one, reason=words, actor=current_actor(), now=moment()
        ),
        gettext("Sent back. The author is told."),
        title=gettext("What is to be changed?"),
        send=gettext("Send back"),
    )


@bp.route("/whistles/<ref>/override", methods=["GET", "POST"])
@guarded_by(policies.can_override_gate)
def override_gate(ref: str) -> Answer:
    """Override the gate in writing, by name."""
    return in_words(
        ref,
        lambda one, words: services.override_gate(
            one, reason=words, actor=current_actor(), now=moment()
        ),
        gettext("Overridden under your name."),
        title=gettext("Why is it blown all the same?"),
        send=gettext("Override under my name"),
        hint=gettext("Your name and your words stand on file."),
    )


@bp.post("/whistles/<ref>/blow")
@guarded_by(policies.can_blow)
def blow(ref: str) -> Answer:
    """吹哨."""
    return press_button(
        load(ref),
        lambda one: services.blow(one, actor=current_actor(), now=moment()),
        gettext("Blown. The departments are being told."),
    )


@bp.route("/whistles/<ref>/cancel", methods=["GET", "POST"])
@guarded_by(policies.can_cancel)
def cancel(ref: str) -> Answer:
    """Take it back, saying why."""
    return in_words(
        ref,
        lambda one, words: services.cancel(one, reason=words, actor=current_actor(), now=moment()),
        gettext("Taken back."),
        title=gettext("Why is it taken back?"),
        send=gettext("Take the whistle back"),
    )
