"""A problem's page: header, tracker, what now, the whole timeline, and what may be done."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext as _

from portal.casework.queries import resident as queries
from portal.casework.queries.resident import Case, Shown
from portal.casework.views import bp, timeline
from portal.core import ids
from portal.core.actor import Actor
from portal.core.decisions import Decision
from portal.problems import labels, policies
from portal.problems.states import Audience, PhotoKind, ProblemState
from portal.rulebook import queries as rulebook
from portal.satisfaction import labels as rating_labels
from portal.satisfaction import queries as satisfaction
from portal.supervision import labels as visit_labels
from portal.supervision import policies as visit_policies
from portal.supervision import queries as visits
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.locale import current_ui
from portal.whistles import policies as whistle_policies
from portal.whistles import queries as whistles

# The verbs of workers, in the order of a problem's life: verb, policy, takes a standing.
STAFF_VERBS: tuple[tuple[str, Callable[[Actor, Any, datetime], Decision], bool], ...] = (
    ("publish", policies.can_publish, True),
    ("locate", policies.can_locate, False),
    ("accept", policies.can_accept, False),
    ("assign", policies.can_assign, False),
    ("take_measure", policies.can_take_measure, True),
    ("decline", policies.can_decline, False),
    ("merge", policies.can_merge, False),
    ("unmerge", policies.can_unmerge, False),
    ("verify", policies.can_verify, True),
    ("send_back", policies.can_send_back, True),
    ("order_rework", policies.can_order_rework, False),
    ("confirm_closing", policies.can_confirm_closing, False),
)


@bp.get("/p/<ref>")
@guarded_by(policies.can_see)
def problem(ref: str) -> str:
    """Show one problem to whoever may know of it."""
    actor, now = current_actor(), moment()
    case = queries.case(ref, actor)
    authorise(case.standing)
    found, inside = case.problem, policies.sees_inside(actor, case.standing)
    book = rulebook.book(found.edition_id)
    veiled = found.quiet and not (inside and whistles.knows_of_quiet(found.id, actor))
    state = timeline.shown_state(case, veiled=veiled)
    own = case.standing.is_reporter or case.standing.was_opened_by_code
    photos = queries.photos(
        found.id, unreleased=policies.unreleased_photos(actor, case.standing, now)
    )
    result = satisfaction.result_for(found, actor, now)
    return render_template(
        "casework/problem.html",
        case=case,
        problem=found,
        inside=inside,
        state=state,
        state_tag=labels.STATES[state],
        step=timeline.resident_step(state, crew_arrived=case.crew_arrived and not veiled),
        now_box=timeline.what_now(case, state, book, now),
        entries=timeline.entries(
            case,
            timeline.told(queries.lines(found.id, inside=inside), veiled=veiled),
            _whistle_entries(case, actor),
            [one for one in photos if one.step_id is not None],
            book,
        ),
        photos=timeline.grid(found.ref, [one for one in photos if one.step_id is None]),
        pair=_pair(found.ref, photos) if state is ProblemState.CLOSED else None,
        category=_category(case),
        reporter=_reporter(case, inside=inside, own=own),
        result=result,
        rating_labels=rating_labels,
        rating_words=satisfaction.words(found.id, inside=True) if inside and result else [],
        may=_may(case, actor, now),
        staff_verbs=_staff_verbs(case, actor, now) if actor.is_staff else [],
        labels=labels,
        key=ids.token(16),
    )


def _category(case: Case) -> str | None:
    return case.category_en if current_ui().lang == "en" else case.category


def _reporter(case: Case, *, inside: bool, own: bool) -> str:
    """Return who reported it as this reader may read it."""
    if inside or case.problem.audience is Audience.PUBLIC:
        return case.reporter or str(_("a resident"))
    return str(_("you")) if own else str(_("a resident"))


def _pair(ref: str, photos: Sequence[Shown]) -> dict[str, Any] | None:
    """Return the first photo of how it was and the last of how it is."""
    before = [one for one in photos if one.kind == PhotoKind.BEFORE]
    after = [one for one in photos if one.kind == PhotoKind.AFTER]
    if not before or not after:
        return None

    def large(one: Shown) -> dict[str, str]:
        src = url_for("problems.photo", ref=ref, token=one.token, size="large")
        return {"src": src, "alt": str(timeline.kind(one))}

    return {"before": large(before[0]), "after": large(after[-1])}


def _whistle_entries(case: Case, actor: Actor) -> list[dict[str, Any]]:
    if not case.was_whistled:
        return []
    return timeline.whistle_entries(whistles.timeline(case.problem.id, actor))


def _may(case: Case, actor: Actor, now: datetime) -> dict[str, Decision]:
    """Return the resident's verbs with their decisions."""
    return {
        verb: getattr(policies, f"can_{verb}")(actor, case.standing, now)
        for verb in ("add_photo", "join", "leave", "nudge", "withdraw")
    }


def _staff_verbs(case: Case, actor: Actor, now: datetime) -> list[tuple[str, str]]:
    """Return the worker's open verbs with their addresses."""
    found = case.problem
    verbs = [
        (str(labels.VERBS[verb]), url_for(f"problems.{verb}", ref=found.ref))
        for verb, policy, standing in STAFF_VERBS
        if policy(actor, case.standing if standing else found, now)
    ]
    if case.assignment is not None and case.assignment.holder_unit_id in actor.unit_ids:
        verbs.insert(0, (_("Our task"), url_for("problems.assignment", ref=found.ref)))
    if policies.of_street(actor, found):
        if whistle_policies.can_draft(actor, found, now):
            verbs.append((_("Blow a whistle"), url_for("whistles.new", problem=found.ref)))
        if visit_policies.can_invite(actor, found, now):
            words = _("Invite a resident supervisor")
            verbs.append((words, url_for("supervision.invite", ref=found.ref)))
        for visit in visits.of_problem(found.id):
            words = _("Supervision: %(state)s", state=visit_labels.STATE[visit.state][0])
            verbs.append((words, url_for("supervision.visit", ref=visit.ref)))
    return verbs
