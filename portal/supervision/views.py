"""The supervisor's desk on the phone, and the street's side of a visit."""

from collections.abc import Callable

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

from portal.core.errors import Refused
from portal.media import uploads
from portal.problems import queries as problem_queries
from portal.problems import rules as problem_rules
from portal.rulebook import queries as rulebook
from portal.supervision import labels, policies, queries, services
from portal.supervision.forms import FindingForm, InviteForm, SignInForm, WordsForm
from portal.supervision.models import Visit
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.desk import perform
from portal.web.errors import explain
from portal.web.fields import ActForm
from portal.web.transaction import Act, check_version

bp = Blueprint("supervision", __name__)

Answer = Response | str | tuple[str, int]


@bp.get("/watch")
@guarded_by(policies.can_see_visits)
def mine() -> Answer:
    """List the supervisor's own visits."""
    authorise(None)
    person_id = current_actor().person_id
    page = queries.of_supervisor(person_id or 0, request.args.get("after"))
    return render_template("supervision/mine.html", page=page, labels=labels)


@bp.get("/watch/<ref>")
@guarded_by(policies.can_see)
def visit(ref: str) -> Answer:
    """Show one visit with the one thing to do next."""
    found = _load(ref)
    authorise(found)
    return _page(found)


def _page(found: Visit) -> str:
    actor, now = current_actor(), moment()
    return render_template(
        "supervision/visit.html",
        visit=found,
        problem=found.problem,
        steps=queries.steps(found),
        photos=queries.photos(found),
        labels=labels,
        may={
            verb: bool(getattr(policies, f"can_{verb}")(actor, found, now))
            for verb in (
                "accept",
                "decline",
                "sign_in",
                "write_finding",
                "object",
                "sign_off",
                "answer",
                "sign_in_place",
            )
        },
        form=ActForm(version=found.version),
        sign_in_form=SignInForm(version=found.version),
    )


@bp.route("/p/<ref>/invite", methods=["GET", "POST"])
@guarded_by(policies.can_invite)
def invite(ref: str) -> Answer:
    """Invite a supervisor to a problem, or to the whistle on it."""
    problem = problem_queries.get_visible(ref, current_actor())
    authorise(problem)
    form = InviteForm()
    people = queries.candidates(problem, moment())
    form.supervisor.choices = [(str(person.id), person.public_name) for person, _ in people]
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            locked = problem_queries.lock(problem.id)
            check_version(locked, form.version.data)
            services.invite(
                locked,
                supervisor_id=int(form.supervisor.data),
                actor=current_actor(),
                now=moment(),
            )
            unit.answer(url_for("casework.problem", ref=ref))

        done = perform(form, act, gettext("Invited. You see the answer on this page."))
        if done is not None:
            return done
    form.version.data = problem.version
    status = 422 if form.errors else 200
    return (
        render_template(
            "supervision/invite.html", problem=problem, form=form, people=people, ref=ref
        ),
        status,
    )


@bp.post("/watch/<ref>/accept")
@guarded_by(policies.can_accept)
def accept(ref: str) -> Answer:
    """Say that one comes."""
    return _press(ref, services.accept, gettext("Thank you. See you on site."))


@bp.route("/watch/<ref>/decline", methods=["GET", "POST"])
@guarded_by(policies.can_decline)
def decline(ref: str) -> Answer:
    """Say that one can't come, and why."""
    return _ask(ref, gettext("I can't come"), services.decline, "reason")


@bp.post("/watch/<ref>/sign-in")
@guarded_by(policies.can_sign_in)
def sign_in(ref: str) -> Answer:
    """Show that one is on site."""
    found = _load(ref)
    authorise(found)
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(found), 422

    def act(unit: Act) -> None:
        locked = queries.lock(found.id)
        check_version(locked, form.version.data)
        services.sign_in(
            locked,
            presence=form.presence(),
            code=form.code.data or "",
            secret=current_app.config["SECRET_KEY"],
            actor=current_actor(),
            now=moment(),
        )
        unit.answer(url_for("supervision.visit", ref=ref))

    done = perform(form, act, gettext("You are signed in on site."))
    return done if done is not None else (_page(found), 422)


@bp.route("/watch/<ref>/finding", methods=["GET", "POST"])
@guarded_by(policies.can_write_finding)
def write_finding(ref: str) -> Answer:
    """Write what one sees, with photos."""
    found = _load(ref)
    authorise(found)
    form = FindingForm()
    book = rulebook.book(found.edition_id)
    most = book.number("problems.photos.most")
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            locked = queries.lock(found.id)
            check_version(locked, form.version.data)
            services.write_finding(
                locked,
                words=form.words.data or "",
                photos=incoming.keep(person_id=current_actor().person_id, now=moment()),
                actor=current_actor(),
                now=moment(),
            )
            unit.answer(url_for("supervision.visit", ref=ref))

        try:
            incoming = uploads.receive(problem_rules.picture_limits(book), most)
        except Refused as error:
            form.photos.errors = [explain(current_app, error.code)]
        else:
            done = perform(form, act, gettext("Written down. Nobody can change it."))
            if done is not None:
                return done
    form.version.data = found.version
    return (
        render_template(
            "supervision/finding.html",
            visit=found,
            problem=found.problem,
            form=form,
            most=most,
            long_side=book.number("media.photo.long_side"),
        ),
        422 if form.errors else 200,
    )


@bp.route("/watch/<ref>/object", methods=["GET", "POST"])
@guarded_by(policies.can_object)
def object(ref: str) -> Answer:  # noqa: A001 - the field's verb
    """Say that it is not done."""
    return _ask(ref, gettext("It isn't done yet"), services.object, "reason")


@bp.route("/watch/<ref>/answer", methods=["GET", "POST"])
@guarded_by(policies.can_answer)
def answer(ref: str) -> Answer:
    """Answer an objection."""
    return _ask(ref, gettext("Answer the objection"), services.answer, "words")


@bp.post("/watch/<ref>/sign-off")
@guarded_by(policies.can_sign_off)
def sign_off(ref: str) -> Answer:
    """Confirm the result."""
    return _press(ref, services.sign_off, gettext("Confirmed. Thank you for looking."))


@bp.route("/watch/<ref>/sign-in-place", methods=["GET", "POST"])
@guarded_by(policies.can_sign_in_place)
def sign_in_place(ref: str) -> Answer:
    """Sign for a supervisor whose time is up, with a public reason."""
    return _ask(ref, gettext("Sign in the supervisor's place"), services.sign_in_place, "reason")


@bp.get("/watch/<ref>/photos/<token>/<size>")
@guarded_by(policies.can_see)
def photo(ref: str, token: str, size: str) -> Response:
    """Serve a finding's photo to those who may see the visit."""
    found = _load(ref)
    authorise(found)
    media = queries.photo(found, token)
    storage = current_app.extensions["storage"]
    key = media.thumb_key if size == "thumb" else media.storage_key
    response = send_file(
        storage.open(key), request.environ, mimetype="image/jpeg", max_age=None, etag=False
    )
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


def _load(ref: str) -> Visit:
    return queries.get_visible(ref, current_actor(), moment())


def _press(ref: str, service: Callable[..., None], thanks: str) -> Answer:
    """Do a verb that asks nothing but the button."""
    found = _load(ref)
    authorise(found)
    form = ActForm()
    if not form.validate_on_submit():
        return _page(found), 422

    def act(unit: Act) -> None:
        locked = queries.lock(found.id)
        check_version(locked, form.version.data)
        service(locked, actor=current_actor(), now=moment())
        unit.answer(url_for("supervision.visit", ref=ref))

    done = perform(form, act, thanks)
    return done if done is not None else (_page(found), 422)


def _ask(ref: str, title: str, service: Callable[..., None], slot: str) -> Answer:
    """Do a verb that asks for words."""
    found = _load(ref)
    authorise(found)
    form = WordsForm()
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            locked = queries.lock(found.id)
            check_version(locked, form.version.data)
            service(locked, actor=current_actor(), now=moment(), **{slot: form.words.data})
            unit.answer(url_for("supervision.visit", ref=ref))

        done = perform(form, act, gettext("Done. Everyone concerned is told."))
        if done is not None:
            return done
    form.version.data = found.version
    return (
        render_template(
            "supervision/words.html", title=title, visit=found, problem=found.problem, form=form
        ),
        422 if form.errors else 200,
    )
