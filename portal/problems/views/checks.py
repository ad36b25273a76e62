"""After "done": 核查 by somebody else, and what the district decides."""

from collections.abc import Callable

from flask import render_template, request
from flask_babel import gettext

from portal.core.ids import SHANGHAI
from portal.problems import labels, policies, queries, services
from portal.problems.events import AssignmentFinished
from portal.problems.forms.street import WordsForm
from portal.problems.models import Problem
from portal.problems.states import PhotoKind
from portal.problems.views import bp
from portal.problems.views.acts import Answer, draw, pictures, press
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment


@bp.route("/p/<ref>/verify", methods=["GET", "POST"])
@guarded_by(policies.can_verify)
def verify(ref: str) -> Answer:
    """核查: it is done, and how one saw it."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    return _words(
        problem,
        lambda locked, words: services.verify(
            locked, finding=words, actor=current_actor(), now=moment()
        ),
        "problems/street/verify.html",
        gettext("Checked. Residents are asked next."),
    )


@bp.route("/p/<ref>/send-back", methods=["GET", "POST"])
@guarded_by(policies.can_send_back)
def send_back(ref: str) -> Answer:
    """The check found it not done; the same holder goes on."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    return _words(
        problem,
        lambda locked, words: services.send_back(
            locked, finding=words, actor=current_actor(), now=moment()
        ),
        "problems/street/send_back.html",
        gettext("Sent back. The same unit goes on; the limit stays."),
    )


@bp.get("/district")
@guarded_by(policies.can_see_district)
def district() -> Answer:
    """List what waits for the district's decision, and what is late in its streets."""
    authorise(None)
    seat = current_actor().seat(*policies.DISTRICT_ROLES)
    which = "late" if request.args.get("show") == "late" else "waiting"
    page = queries.with_district(
        seat.district_id if seat else 0, which, moment(), request.args.get("after")
    )
    left = None
    if seat is not None:
        today = moment().astimezone(SHANGHAI).date()
        left = rulebook.calendar_warning(seat.district_id, today)
    return render_template(
        "problems/street/district.html", page=page, which=which, labels=labels, calendar_left=left
    )


@bp.route("/p/<ref>/order-rework", methods=["GET", "POST"])
@guarded_by(policies.can_order_rework)
def order_rework(ref: str) -> Answer:
    """The district has it done again."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    return _words(
        problem,
        lambda locked, words: services.order_rework(
            locked, reason=words, actor=current_actor(), now=moment()
        ),
        "problems/street/order_rework.html",
        gettext("Ordered. A new, shorter limit runs."),
    )


@bp.route("/p/<ref>/confirm-closing", methods=["GET", "POST"])
@guarded_by(policies.can_confirm_closing)
def confirm_closing(ref: str) -> Answer:
    """The district ends it, with a reason that everybody reads."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    return _words(
        problem,
        lambda locked, words: services.confirm_closing(
            locked, reason=words, actor=current_actor(), now=moment()
        ),
        "problems/street/confirm_closing.html",
        gettext("Ended. Your reason is public."),
    )


def _words(
    problem: Problem, change: Callable[[Problem, str], None], template: str, thanks: str
) -> Answer:
    """Ask for words, then act with them."""
    form = WordsForm(version=problem.version)
    if form.validate_on_submit():

        def act(locked: Problem) -> None:
            change(locked, form.words.data or "")

        done = press(form, problem, act, thanks)
        if done is not None:
            return done
    return draw(
        template,
        problem,
        form,
        before=pictures(problem, PhotoKind.BEFORE, PhotoKind.EVIDENCE),
        after=pictures(problem, PhotoKind.AFTER),
        said=queries.last_step(problem.id, AssignmentFinished.tag),
    )
