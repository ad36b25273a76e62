"""What the street decides about departments on a whistle, and what the district rules."""

from collections.abc import Callable

from flask import current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.utils import send_file
from werkzeug.wrappers import Response

from portal.organisations.states import Role
from portal.problems.policies import STREET_ROLES
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.whistles import labels, policies, queries, rules, services
from portal.whistles.forms import CallForm, HandOverForm, ReviewForm, WordsForm
from portal.whistles.models import Callout, Whistle
from portal.whistles.states import ARRIVED
from portal.whistles.views import bp
from portal.whistles.views.acts import (
    Answer,
    ask,
    callable_units,
    done_words,
    in_words,
    load,
    load_callout,
    press,
    press_button,
    press_callout,
    unit_choices,
    unit_id,
)


@bp.get("/whistles")
@guarded_by(policies.can_see_whistles)
def index() -> Answer:
    """List the street's whistles: open ones, or those that are over."""
    authorise(None)
    over = request.args.get("show") == "over"
    streets = [
        seat.street_id
        for seat in current_actor().seats
        if seat.role in STREET_ROLES and seat.street_id is not None
    ]
    page = queries.of_street(streets, request.args.get("after"), over=over)
    return render_template(
        "whistles/index.html",
        page=page,
        roll_call=queries.roll_call([whistle.id for whistle in page.items]),
        over=over,
        labels=labels,
    )


@bp.get("/whistles/<ref>/code")
@guarded_by(policies.can_show_code)
def show_code(ref: str) -> Answer:
    """Show the commander's rotating code, fresh at every look."""
    whistle = load(ref)
    now = moment()
    seconds = rulebook.book(whistle.edition_id).number("whistles.code.seconds")
    window = rules.code_window(now, seconds)
    code = rules.site_code(current_app.config["SECRET_KEY"], whistle.id, window)
    return render_template(
        "whistles/code.html",
        whistle=whistle,
        code=code,
        seconds_left=(window + 1) * seconds - int(now.timestamp()),
    )


@bp.get("/whistles/<ref>/photos/<token>/<any(thumb, large):size>")
@guarded_by(policies.can_see)
def photo(ref: str, token: str, size: str) -> Response:
    """Serve a department's photo to those who may see it."""
    actor = current_actor()
    whistle = queries.get_visible(ref, actor)
    standing = queries.standing(whistle, actor)
    authorise(standing)
    media = queries.media_of(whistle, token, inside=policies.sees_inside(actor, standing))
    storage = current_app.extensions["storage"]
    key = media.thumb_key if size == "thumb" else media.storage_key
    response = send_file(
        storage.open(key), request.environ, mimetype="image/jpeg", max_age=None, etag=False
    )
    response.headers["Cache-Control"] = "private, max-age=600"
    return response


@bp.route("/whistles/<ref>/release", methods=["GET", "POST"])
@guarded_by(policies.can_release)
def release(ref: str) -> Answer:
    """Tell the public how a quiet whistle ended."""
    return in_words(
        ref,
        lambda one, words: services.release(one, words=words, actor=current_actor(), now=moment()),
        gettext("Released. The public reads it now."),
        title=gettext("What does the public read?"),
        send=gettext("Release the outcome"),
        hint=gettext("Units and posts, no names of officers, no names of those concerned."),
    )


@bp.route("/whistles/<ref>/call-more", methods=["GET", "POST"])
@guarded_by(policies.can_call_more)
def call_more(ref: str) -> Answer:
    """追加部门."""
    whistle = load(ref)
    units = callable_units(whistle.edition_id, whistle.district_id)
    form = CallForm()
    form.unit.choices = [("", gettext("Choose")), *unit_choices(units)]
    if form.validate_on_submit():

        def act(one: Whistle) -> None:
            services.call_more(
                one,
                unit_id=unit_id(units, form.unit.data),
                task=form.task.data or "",
                actor=current_actor(),
                now=moment(),
            )

        done = press(
            form,
            whistle,
            act,
            gettext("Called. Its clocks run from now."),
        )
        if done is not None:
            return done
    return ask(
        "whistles/call.html",
        form,
        whistle,
        title=gettext("Call one more department"),
        send=gettext("Call"),
    )


# --- one department -----------------------------------------------------------------------------


@bp.post("/whistles/<ref>/callouts/<unit>/nudge")
@guarded_by(policies.can_nudge)
def nudge(ref: str, unit: str) -> Answer:
    """催一次."""
    return press_button(
        load_callout(ref, unit),
        lambda one: services.nudge(one, actor=current_actor(), now=moment()),
        gettext("Nudged. The officer on duty is told."),
    )


@bp.post("/whistles/<ref>/callouts/<unit>/grant-recess")
@guarded_by(policies.can_grant_recess)
def grant_recess(ref: str, unit: str) -> Answer:
    """Let a department leave the site."""
    return press_button(
        load_callout(ref, unit),
        lambda one: services.grant_recess(one, actor=current_actor(), now=moment()),
        gettext("Granted. The duty stays with the department."),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/refuse-recess", methods=["GET", "POST"])
@guarded_by(policies.can_refuse_recess)
def refuse_recess(ref: str, unit: str) -> Answer:
    """Have a department stay."""
    return _decide(ref, unit, services.refuse_recess, gettext("Why does it have to stay?"))


@bp.post("/whistles/<ref>/callouts/<unit>/sign-off")
@guarded_by(policies.can_sign_off)
def sign_off(ref: str, unit: str) -> Answer:
    """Confirm a department's result."""
    return press_button(
        load_callout(ref, unit),
        lambda one: services.sign_off(one, actor=current_actor(), now=moment()),
        gettext("Signed for the street."),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/refuse-sign-off", methods=["GET", "POST"])
@guarded_by(policies.can_refuse_sign_off)
def refuse_sign_off(ref: str, unit: str) -> Answer:
    """Say why it is not done."""
    return _decide(ref, unit, services.refuse_sign_off, gettext("What is not done yet?"))


@bp.route("/whistles/<ref>/callouts/<unit>/correct-absence", methods=["GET", "POST"])
@guarded_by(policies.can_correct_absence)
def correct_absence(ref: str, unit: str) -> Answer:
    """Take a wrong mark away."""
    return _decide(ref, unit, services.correct_absence, gettext("Why was the mark wrong?"))


@bp.route("/whistles/<ref>/callouts/<unit>/uphold-hand-back", methods=["GET", "POST"])
@guarded_by(policies.can_uphold_hand_back)
def uphold_hand_back(ref: str, unit: str) -> Answer:
    """The department was right."""
    return _decide(ref, unit, services.uphold_hand_back, gettext("Why is it not its duty?"))


@bp.route("/whistles/<ref>/callouts/<unit>/overrule-hand-back", methods=["GET", "POST"])
@guarded_by(policies.can_overrule_hand_back)
def overrule_hand_back(ref: str, unit: str) -> Answer:
    """The department keeps it."""
    return _decide(ref, unit, services.overrule_hand_back, gettext("Why does it keep the duty?"))


def _decide(ref: str, unit: str, service: Callable[..., None], title: str) -> Answer:
    """Do a verb that asks for a reason."""
    callout = load_callout(ref, unit)
    form = WordsForm()
    if form.validate_on_submit():
        done = press_callout(
            form,
            callout,
            lambda one: service(
                one, reason=form.words.data or "", actor=current_actor(), now=moment()
            ),
            done_words(),
        )
        if done is not None:
            return done
    return ask(
        "whistles/words.html",
        form,
        callout,
        title=f"{callout.unit.short_name}: {title}",
        send=gettext("Decide so"),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/reroute", methods=["GET", "POST"])
@guarded_by(policies.can_reroute)
def reroute(ref: str, unit: str) -> Answer:
    """Accept a hand-back and call another department."""
    callout = load_callout(ref, unit)
    units = callable_units(callout.whistle.edition_id, callout.whistle.district_id)
    form = CallForm(task=callout.task)
    form.unit.choices = [("", gettext("Choose")), *unit_choices(units)]
    if form.validate_on_submit():

        def act(one: Callout) -> None:
            services.reroute(
                one,
                unit_id=unit_id(units, form.unit.data),
                task=form.task.data or "",
                actor=current_actor(),
                now=moment(),
            )

        done = press_callout(form, callout, act, gettext("Another department is called."))
        if done is not None:
            return done
    return ask(
        "whistles/call.html",
        form,
        callout,
        title=gettext("Call another department instead"),
        send=gettext("Call instead"),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/hand-over", methods=["GET", "POST"])
@guarded_by(policies.can_hand_over)
def hand_over(ref: str, unit: str) -> Answer:
    """Give a line to a department that is on site."""
    callout = load_callout(ref, unit)
    others = {
        one.unit.code: one
        for one in queries.callouts(callout.whistle_id)
        if one.id != callout.id and one.state in ARRIVED
    }
    form = HandOverForm()
    form.successor.choices = [
        ("", gettext("Choose")),
        *((code, one.unit.name) for code, one in others.items()),
    ]
    if form.validate_on_submit():

        def act(one: Callout) -> None:
            services.hand_over(
                one,
                successor=queries.lock_callout(others[form.successor.data].id),
                actor=current_actor(),
                now=moment(),
            )

        done = press_callout(form, callout, act, done_words())
        if done is not None:
            return done
    return ask(
        "whistles/hand_over.html",
        form,
        callout,
        title=gettext("Hand over to a department on site"),
        send=gettext("Hand over"),
    )


@bp.post("/whistles/<ref>/callouts/<unit>/photos/<token>/release")
@guarded_by(policies.can_release_photo)
def release_photo(ref: str, unit: str, token: str) -> Answer:
    """Tick a photo for the public."""
    return press_button(
        load_callout(ref, unit),
        lambda one: services.release_photo(
            one, queries.photo(one.id, token), actor=current_actor(), now=moment()
        ),
        gettext("The photo is public now."),
    )


# --- the district -------------------------------------------------------------------------------


@bp.get("/district/whistles")
@guarded_by(policies.can_see_district)
def district() -> Answer:
    """What waits for the district: emergencies to review, hand-backs to rule on."""
    authorise(None)
    districts = [
        seat.district_id for seat in current_actor().seats if seat.role == Role.DISTRICT_OFFICER
    ]
    rulings = queries.to_rule(districts)
    return render_template(
        "whistles/district.html",
        reviews=queries.to_review(districts),
        rulings=rulings,
        words=queries.last_words([one.id for one in rulings]),
        labels=labels,
    )


@bp.route("/whistles/<ref>/review", methods=["GET", "POST"])
@guarded_by(policies.can_review)
def review(ref: str) -> Answer:
    """Say whether it was an emergency."""
    whistle = load(ref)
    form = ReviewForm()
    if form.validate_on_submit():
        done = press(
            form,
            whistle,
            lambda one: services.review(
                one,
                misblown=form.misblown.data == "yes",
                reason=form.words.data or "",
                actor=current_actor(),
                now=moment(),
            ),
            gettext("Reviewed. The street is told."),
        )
        if done is not None:
            return done
    return ask(
        "whistles/review.html",
        form,
        whistle,
        title=gettext("Was this an emergency?"),
        send=gettext("Write down the review"),
        home=url_for("whistles.district"),
    )
