"""The resident's own lists, the public list, and what a resident does to a problem."""

from collections.abc import Callable

from flask import current_app, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import desk
from portal.accounts.services import tries
from portal.core import ids
from portal.core.errors import Refused
from portal.core.sealed import lookup_hash
from portal.media import uploads
from portal.problems import labels, policies, queries, rules, services
from portal.problems.forms.resident import AddPhotoForm, TrackForm, WithdrawForm, as_id
from portal.problems.models import Problem
from portal.problems.states import PhotoKind
from portal.problems.views import bp, photos
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment, public
from portal.web.desk import perform
from portal.web.errors import explain
from portal.web.fields import ActForm
from portal.web.transaction import Act, transaction

Page = str | Response | tuple[str, int]
OPENED_KEPT = 10


# --- lists --------------------------------------------------------------------------------------


@bp.get("/mine")
@guarded_by(policies.can_see_mine)
def mine() -> str:
    """List what I reported, or what I follow."""
    authorise(None)
    followed = request.args.get("list") == "followed"
    page = queries.mine(
        current_actor().person_id or 0, followed=followed, cursor=request.args.get("after")
    )
    return render_template("problems/mine.html", page=page, followed=followed, labels=labels)


@bp.get("/problems")
@public("shows released problems only")
def public_problems() -> str:
    """List what everybody may read, by state and community."""
    asked = request.args.get("community")
    community = queries.MINE if asked == queries.MINE else as_id(asked)
    state = request.args.get("state")
    state = state if state in queries.PUBLIC_STATES else None
    page = queries.public_list(
        community=community,
        person_id=current_actor().person_id,
        states=state,
        cursor=request.args.get("after"),
    )
    return render_template(
        "problems/public_problems.html",
        page=page,
        state=state,
        states=tuple(queries.PUBLIC_STATES),
        community=community,
        labels=labels,
    )


@bp.route("/track", methods=["GET", "POST"])
@public("the number and the query code of a slip open one problem")
def track() -> Page:
    """Open a problem in this browser with the number and the query code of its slip."""
    form = TrackForm()
    if form.validate_on_submit():
        ref = ids.normalise_ref(str(form.ref.data))
        code = "".join(str(form.code.data).upper().split())
        problem, reason = None, "wrong_query"
        with transaction() as act:
            act.answer(url_for("casework.problem", ref=ref))
            key = lookup_hash("query try", ref)
            allowed = tries.take(key, desk.address(), desk.limits(), moment())
            if allowed:
                problem = queries.by_query(ref, code)
                if problem is not None:
                    tries.forgive(key, desk.address())
            else:
                reason = allowed.reason
        if problem is not None:
            kept = [one for one in session.get("opened", []) if one != ref]
            session["opened"] = [*kept, ref][-OPENED_KEPT:]
            return act.redirect()
        minutes = int(desk.limits().tries_lock.total_seconds() // 60)
        form.form_errors.append(explain(current_app, reason, {"minutes": minutes}))
        form.renew()
    status = 422 if form.is_submitted() else 200
    return render_template("problems/track.html", form=form), status


# --- acts ---------------------------------------------------------------------------------------


def _load(ref: str) -> Problem:
    """Return the problem and let this endpoint's policy decide."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    return problem


def _press(problem: Problem, act: Callable[[Problem], None], thanks: str) -> Response:
    """Run a one-button act on the locked problem and go back to its page."""
    form = ActForm()
    form.validate()  # only the token and the key: a single button types nothing

    def locked(unit: Act) -> None:
        act(queries.lock(problem.id))
        unit.answer(url_for("casework.problem", ref=problem.ref))

    answer = perform(form, locked, thanks)
    if answer is None:
        raise Refused("wrong_state")
    return answer


@bp.post("/p/<ref>/join")
@guarded_by(policies.can_join)
def join(ref: str) -> Response:
    """Say 我也遇到了. Pressed on the way of a report, that report is dropped."""
    problem = _load(ref)
    key = photos.draft_key() if request.form.get("from") == "report" else None

    def act(found: Problem) -> None:
        services.join(found, actor=current_actor(), now=moment())
        if key is not None:
            services.drop_draft(key)

    return _press(problem, act, _("You are counted in. News about it reaches you."))


@bp.post("/p/<ref>/leave")
@guarded_by(policies.can_leave)
def leave(ref: str) -> Response:
    """Stop following, for instance after a merge moved me along."""
    return _press(
        _load(ref),
        lambda found: services.leave(found, actor=current_actor(), now=moment()),
        _("You no longer follow it."),
    )


@bp.post("/p/<ref>/nudge")
@guarded_by(policies.can_nudge)
def nudge(ref: str) -> Response:
    """Remind whoever holds it, after the limit, once a day."""
    return _press(
        _load(ref),
        lambda found: services.nudge(found, actor=current_actor(), now=moment()),
        _("They were reminded. It stands in the timeline."),
    )


@bp.route("/p/<ref>/withdraw", methods=["GET", "POST"])
@guarded_by(policies.can_withdraw)
def withdraw(ref: str) -> Page:
    """Take one's own problem back, saying why."""
    problem = _load(ref)
    form = WithdrawForm()
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            services.withdraw(
                queries.lock(problem.id),
                reason=str(form.reason.data),
                actor=current_actor(),
                now=moment(),
            )
            unit.answer(url_for("casework.problem", ref=ref))

        answer = perform(form, act, _("It is taken back."))
        if answer is not None:
            return answer
    page = render_template("problems/withdraw.html", problem=problem, form=form)
    return page, 422 if form.is_submitted() else 200


@bp.route("/p/<ref>/photos", methods=["GET", "POST"])
@guarded_by(policies.can_add_photo)
def add_photo(ref: str) -> Page:
    """Add photos: the resident more of the matter, a worker evidence of the work."""
    problem = _load(ref)
    form = AddPhotoForm()
    if form.validate_on_submit():
        book = rulebook.book(problem.edition_id)
        if any(one.filename for one in request.files.getlist("photos")):
            photos.photo_turn()
        try:
            incoming = uploads.receive(
                rules.picture_limits(book), book.number("problems.photos.most")
            )
        except Refused as refused:
            form.form_errors.append(explain(current_app, refused.code))
        else:
            answer = _hang(problem, form, incoming)
            if answer is not None:
                return answer
    page = render_template("problems/add_photo.html", problem=problem, form=form)
    return page, 422 if form.is_submitted() else 200


def _hang(problem: Problem, form: AddPhotoForm, incoming: uploads.Incoming) -> Response | None:
    actor = current_actor()
    is_reporter = queries.standing(problem, actor).is_reporter

    def act(unit: Act) -> None:
        found = queries.lock(problem.id)
        pictures = incoming.keep(person_id=actor.person_id, now=moment())
        if not pictures:
            raise Refused("photo_missing")
        for picture in pictures:
            services.add_photo(
                found,
                picture,
                kind=PhotoKind.BEFORE if is_reporter else PhotoKind.EVIDENCE,
                actor=actor,
                now=moment(),
            )
        unit.answer(url_for("casework.problem", ref=problem.ref))

    return perform(form, act, _("Added. Photos are public only after a person looked at them."))
