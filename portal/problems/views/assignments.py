"""派单 at the desks: give and take back, and on the phone 签收, 申请改派, 办结."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from portal.core import ids
from portal.core.actor import Actor
from portal.core.errors import Forbidden, NotFound, Refused
from portal.media import uploads
from portal.media.uploads import Incoming
from portal.organisations.models import Unit
from portal.problems import labels, policies, queries, rules, services
from portal.problems.events import AssignmentHandBackAsked
from portal.problems.forms.street import AssignForm, FinishForm, MeasureForm, WordsForm, offer
from portal.problems.models import Assignment, Problem, Step
from portal.problems.services.triage import acting_unit
from portal.problems.states import PhotoKind, StepAudience
from portal.problems.views import bp
from portal.problems.views.acts import (
    Answer,
    code_of,
    draw,
    grouped,
    pictures,
    press,
    unit_of,
    units_for,
)
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.desk import perform
from portal.web.errors import explain
from portal.web.fields import ActForm
from portal.web.filters import datetime_local
from portal.web.filters import ref as written_ref
from portal.web.security import safe_next
from portal.web.transaction import Act, check_version

LAST_STEPS = 8
Change = Callable[[Assignment], None]


@bp.get("/assignments")
@guarded_by(policies.can_see_assignments)
def assignments() -> Answer:
    """List what my units hold, by time left."""
    authorise(None)
    which = request.args.get("show", "open")
    which = which if which in queries.HELD else "open"
    page = queries.held_by(current_actor(), which, request.args.get("after"))
    return render_template("problems/assignments/mine.html", page=page, which=which, labels=labels)


@bp.get("/assignments/<ref>")
@guarded_by(policies.can_see_assignments)
def assignment(ref: str) -> Answer:
    """Show one matter with the one thing to do next."""
    problem, held = _held(ref)
    authorise(held)
    return _page(problem, held, ActForm(version=held.version))


def _held(ref: str) -> tuple[Problem, Assignment]:
    """Return a visible problem and who holds it; one that I may see from outside is not found."""
    problem = queries.get_visible(ref, current_actor())
    if not policies.sees_inside(current_actor(), queries.standing(problem, current_actor())):
        raise NotFound
    return problem, queries.held_now(problem)


def _page(problem: Problem, held: Assignment, form: ActForm) -> tuple[str, int]:
    actor, now = current_actor(), moment()
    may = {
        verb: bool(getattr(policies, f"can_{verb}")(actor, held, now))
        for verb in ("acknowledge", "hand_back", "finish", "refuse_hand_back")
    }
    may["take_measure"] = bool(
        policies.can_take_measure(actor, queries.standing(problem, actor), now)
    )
    page = render_template(
        "problems/assignments/item.html",
        problem=problem,
        held=held,
        form=form,
        may=may,
        photos=pictures(problem, *PhotoKind),
        entries=_entries(problem),
        labels=labels,
    )
    return page, 422 if form.errors else 200


def _entries(problem: Problem) -> list[dict[str, Any]]:
    """Return the last lines as the timeline draws them."""
    return [
        {
            "at": step.at,
            "when": datetime_local(step.at),
            "unit": step.unit.short_name if step.unit else "",
            "text": _line(step),
            "staff": step.audience is StepAudience.STAFF,
            "tone": labels.STEP_TONES.get(step.tag, ""),
        }
        for step in queries.steps(problem.id, inside=True)[:LAST_STEPS]
    ]


def _line(step: Step) -> str:
    slots = {
        "urgency": step.slots.get("urgency", ""),
        "elsewhere": labels.ELSEWHERE.get(str(step.slots.get("elsewhere")), ""),
        "outcome": step.slots.get("outcome", ""),
    }
    words = str(labels.STEPS.get(step.tag, step.tag)) % slots
    return gettext("%(what)s: %(words)s", what=words, words=step.body) if step.body else words


# --- the holder ---------------------------------------------------------------------------------


@bp.post("/assignments/<ref>/acknowledge")
@guarded_by(policies.can_acknowledge)
def acknowledge(ref: str) -> Answer:
    """签收: we have it."""
    problem, held = _held(ref)
    authorise(held)
    form = ActForm()
    if form.validate_on_submit():

        def act(now_held: Assignment) -> None:
            services.acknowledge(now_held, actor=current_actor(), now=moment())

        done = _press(form, problem, act, gettext("Acknowledged. The clock to finish runs."))
        if done is not None:
            return done
    return _page(problem, held, form)


@bp.route("/assignments/<ref>/hand-back", methods=["GET", "POST"])
@guarded_by(policies.can_hand_back)
def hand_back(ref: str) -> Answer:
    """申请改派: another's duty, and why; the clock goes on."""
    return _words(
        ref,
        lambda held, words: services.hand_back(
            held, reason=words, actor=current_actor(), now=moment()
        ),
        "problems/assignments/hand_back.html",
        gettext("The street reads it now. The clock goes on meanwhile."),
    )


@bp.route("/assignments/<ref>/refuse-hand-back", methods=["GET", "POST"])
@guarded_by(policies.can_refuse_hand_back)
def refuse_hand_back(ref: str) -> Answer:
    """The street says why the holder keeps it."""
    return _words(
        ref,
        lambda held, words: services.refuse_hand_back(
            held, reason=words, actor=current_actor(), now=moment()
        ),
        "problems/assignments/refuse_hand_back.html",
        gettext("The holder reads your reason and goes on."),
    )


@bp.route("/assignments/<ref>/finish", methods=["GET", "POST"])
@guarded_by(policies.can_finish)
def finish(ref: str) -> Answer:
    """办结: what was done, with photos of the result."""
    problem, held = _held(ref)
    authorise(held)
    form = FinishForm(version=held.version)
    if form.validate_on_submit():
        incoming = _photos(form, problem)
        if incoming is not None:

            def act(now_held: Assignment) -> None:
                services.finish(
                    now_held,
                    result=form.words.data or "",
                    photos=incoming.keep(person_id=current_actor().person_id, now=moment()),
                    actor=current_actor(),
                    now=moment(),
                )

            done = _press(form, problem, act, gettext("Done. Somebody else checks it next."))
            if done is not None:
                return done
    return draw(
        "problems/assignments/finish.html", problem, form, held=held, **_picture_rules(problem)
    )


@bp.route("/p/<ref>/take-measure", methods=["GET", "POST"])
@guarded_by(policies.can_take_measure)
def take_measure(ref: str) -> Answer:
    """Write down what was tried: who, when, how, with evidence."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    local = moment().astimezone(ids.SHANGHAI).replace(tzinfo=None, second=0, microsecond=0)
    form = MeasureForm(version=problem.version, taken_at=local)
    if form.validate_on_submit():
        incoming = _photos(form, problem)
        if incoming is not None:

            def act(locked: Problem) -> None:
                services.take_measure(
                    locked,
                    unit_id=_unit_of(current_actor(), locked),
                    method=form.method.data,
                    words=form.words.data or "",
                    taken_at=form.at,
                    photos=incoming.keep(person_id=current_actor().person_id, now=moment()),
                    actor=current_actor(),
                    now=moment(),
                )

            done = press(form, problem, act, gettext("Written down."))
            if done is not None:
                return done
    return draw("problems/street/take_measure.html", problem, form, **_picture_rules(problem))


def _unit_of(actor: Actor, problem: Problem) -> int:
    """Return for whom the actor acts: the holder where they sit there, else their own desk."""
    held = queries.live_assignment(problem.id)
    if held is not None and held.holder_unit_id in actor.unit_ids:
        return held.holder_unit_id
    unit_id = acting_unit(actor, problem)
    if unit_id is None:
        raise Refused("not_your_unit")
    return unit_id


def _photos(form: FinishForm | MeasureForm, problem: Problem) -> Incoming | None:
    """Clean the form's photos; a refused one becomes the field's error."""
    book = rulebook.book(problem.edition_id)
    try:
        return uploads.receive(rules.picture_limits(book), book.number("problems.photos.most"))
    except Refused as error:
        form.photos.errors = [explain(current_app, error.code, error.slots)]
        return None


def _picture_rules(problem: Problem) -> dict[str, int]:
    book = rulebook.book(problem.edition_id)
    return {
        "most": book.number("problems.photos.most"),
        "long_side": book.number("media.photo.long_side"),
    }


def _words(
    ref: str, change: Callable[[Assignment, str], None], template: str, thanks: str
) -> Answer:
    problem, held = _held(ref)
    authorise(held)
    form = WordsForm(version=held.version)
    if form.validate_on_submit():

        def act(now_held: Assignment) -> None:
            change(now_held, form.words.data or "")

        done = _press(form, problem, act, thanks)
        if done is not None:
            return done
    asked = queries.last_step(problem.id, AssignmentHandBackAsked.tag)
    return draw(template, problem, form, held=held, asked=asked)


def _press(form: ActForm, problem: Problem, change: Change, thanks: str) -> Response | None:
    """Run a change of the live assignment, locked and unchanged since the form was drawn."""

    def act(unit: Act) -> None:
        held = queries.lock_held(problem.id)
        check_version(held, form.version.data)
        change(held)
        unit.answer(
            safe_next(request.args.get("next"), url_for("problems.assignment", ref=problem.ref))
        )

    return perform(form, act, thanks)


# --- the street ---------------------------------------------------------------------------------


@bp.route("/p/<ref>/assign", methods=["GET", "POST"])
@guarded_by(policies.can_assign)
def assign(ref: str) -> Answer:
    """派单: one holder, supporters, a word along."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    units = units_for(problem)
    form = AssignForm(
        version=problem.version,
        holder=code_of(request.args.get("then", ""), units, problem.community_id),
    )
    offer(form.holder, grouped(units), gettext("Choose"))
    offer(form.supporters, grouped(units))
    if form.validate_on_submit():

        def act(locked: Problem) -> None:
            services.assign(
                locked,
                holder_unit_id=unit_of(units, form.holder.data),
                supporter_unit_ids=[unit_of(units, code) for code in form.supporters.data or ()],
                note=form.note.data or "",
                actor=current_actor(),
                now=moment(),
            )

        done = press(form, problem, act, gettext("Assigned. The unit is told at once."))
        if done is not None:
            return done
    held = queries.live_assignment(problem.id)
    return draw("problems/street/assign.html", problem, form, held=held, groups=grouped(units))


@bp.route("/assign", methods=["GET", "POST"])
@guarded_by(policies.can_see_board)
def assign_many() -> Answer:
    """Give several problems to one holder in one act: all of them, or none."""
    seat = current_actor().seat(*policies.STREET_ROLES)
    street_id = seat.street_id if seat else None
    authorise(street_id)
    # A list sends `ref`; the form sends `item`, the reference with the version that was read.
    items = [item.partition(":") for item in request.form.getlist("item")]
    seen = {ref: version for ref, _, version in items}
    problems = queries.several([*seen] or request.values.getlist("ref"), street_id or 0)
    if not problems:
        raise NotFound
    batch = [(one.id, one.ref, seen.get(one.ref, "")) for one in problems]
    form = AssignForm()
    units = units_for(problems[0])
    offer(form.holder, grouped(units), gettext("Choose"))
    offer(form.supporters, grouped(units))
    most = rulebook.book(problems[0].edition_id).number("problems.batch.most")
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            if len(batch) > most:
                raise Refused("too_many", most=most)
            for one in sorted(batch):  # by id: two batches never wait for each other in a ring
                _assign_one(one, form, units)
            unit.answer(url_for("casework.assignments"))

        done = perform(form, act, ngettext("%(num)d assigned.", "%(num)d assigned.", len(batch)))
        if done is not None:
            return done
    page = render_template(
        "problems/street/assign_many.html",
        problems=problems,
        versions={one.ref: seen.get(one.ref) or one.version for one in problems},
        form=form,
        groups=grouped(units),
        labels=labels,
    )
    return page, 422 if form.errors else 200


def _assign_one(batched: tuple[int, str, str], form: AssignForm, units: Sequence[Unit]) -> None:
    """Assign one of a batch; its refusal names it, and undoes the others with it."""
    problem_id, ref, version = batched
    try:
        locked = queries.lock(problem_id)
        check_version(locked, int(version) if version.isdecimal() else None)
        services.assign(
            locked,
            holder_unit_id=unit_of(units, form.holder.data),
            supporter_unit_ids=[unit_of(units, code) for code in form.supporters.data or ()],
            note=form.note.data or "",
            actor=current_actor(),
            now=moment(),
        )
    except Refused as error:
        raise _batch_refused(ref, error.code) from error
    except Forbidden as error:
        raise _batch_refused(ref, error.decision.reason) from error


def _batch_refused(ref: str, code: str) -> Refused:
    return Refused("batch_refused", ref=written_ref(ref), why=explain(current_app, code))
