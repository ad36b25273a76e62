"""What a department answers from its phone: acknowledge, set out, arrive, record, recess, ask."""

from flask import current_app
from flask_babel import gettext

from portal.accounts import desk
from portal.accounts.services import tries
from portal.core import uow
from portal.core.sealed import lookup_hash
from portal.rulebook import queries as rulebook
from portal.web.auth import current_actor, guarded_by, moment
from portal.whistles import labels, policies, queries, rules, services
from portal.whistles.forms import (
    ArriveForm,
    HandBackForm,
    RecessForm,
    ResultForm,
    SetOutForm,
    WordsForm,
    point,
)
from portal.whistles.models import Callout
from portal.whistles.services import Presence
from portal.whistles.views import bp
from portal.whistles.views.acts import (
    Answer,
    ask,
    done_words,
    item_choices,
    kept,
    list_items,
    load_callout,
    photo_limits,
    press_button,
    press_callout,
    receive,
)


@bp.post("/whistles/<ref>/callouts/<unit>/acknowledge")
@guarded_by(policies.can_acknowledge)
def acknowledge(ref: str, unit: str) -> Answer:
    """签收."""
    return press_button(
        load_callout(ref, unit),
        lambda one: services.acknowledge(one, actor=current_actor(), now=moment()),
        gettext("Acknowledged. The street sees it."),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/contact", methods=["GET", "POST"])
@guarded_by(policies.can_contact)
def contact(ref: str, unit: str) -> Answer:
    """Note the first contact."""
    callout = load_callout(ref, unit)
    form = WordsForm()
    if form.validate_on_submit():
        done = press_callout(
            form,
            callout,
            lambda one: services.contact(
                one, words=form.words.data or "", actor=current_actor(), now=moment()
            ),
            done_words(),
        )
        if done is not None:
            return done
    return ask(
        "whistles/words.html",
        form,
        callout,
        title=gettext("What was agreed with the street?"),
        send=gettext("Note the first contact"),
    )


@bp.post("/whistles/<ref>/callouts/<unit>/set-out")
@guarded_by(policies.can_set_out)
def set_out(ref: str, unit: str) -> Answer:
    """On the way."""
    callout = load_callout(ref, unit)
    form = SetOutForm()
    eta = form.eta(moment()) if form.validate() else None
    return press_button(
        callout,
        lambda one: services.set_out(one, eta_at=eta, actor=current_actor(), now=moment()),
        gettext("Have a safe way. The street sees that you are coming."),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/report-in", methods=["GET", "POST"])
@guarded_by(policies.can_report_in)
def report_in(ref: str, unit: str) -> Answer:
    """报到."""
    return _arrive(
        load_callout(ref, unit), gettext("I am here"), gettext("Reported in. Thank you for coming.")
    )


@bp.route("/whistles/<ref>/callouts/<unit>/resume", methods=["GET", "POST"])
@guarded_by(policies.can_resume)
def resume(ref: str, unit: str) -> Answer:
    """Back on site after a recess."""
    return _arrive(load_callout(ref, unit), gettext("I am back on site"), done_words())


def _arrive(callout: Callout, title: str, thanks: str) -> Answer:
    form = ArriveForm()
    if form.validate_on_submit():
        incoming = receive(form, callout)
        if incoming is not None:
            latitude, longitude = point(form.lat.data, form.lon.data)
            presence = Presence(latitude, longitude)
            code_is_right = _is_code(callout, form.code.data or "")

            def act(one: Callout) -> None:
                if one.reported_in_at is None:
                    services.report_in(
                        one,
                        presence=presence,
                        code_is_right=code_is_right,
                        people=form.people.data,
                        photos=kept(incoming),
                        actor=current_actor(),
                        now=moment(),
                    )
                else:
                    services.resume(
                        one,
                        presence=presence,
                        code_is_right=code_is_right,
                        photos=kept(incoming),
                        actor=current_actor(),
                        now=moment(),
                    )

            done = press_callout(form, callout, act, thanks)
            if done is not None:
                return done
    book = rulebook.book(callout.whistle.edition_id)
    return ask(
        "whistles/arrive.html",
        form,
        callout,
        title=title,
        send=title,
        radius=book.number("whistles.presence.radius"),
        photos=photo_limits(callout),
    )


def _is_code(callout: Callout, typed: str) -> bool:
    """Judge the commander's code; guesses are counted, in an act that a refusal can't undo."""
    if not typed:
        return False
    callout_id, whistle_id = callout.id, callout.whistle_id
    book = rulebook.book(callout.whistle.edition_id)
    key = lookup_hash("site code try", str(callout_id))
    with uow.transaction():
        allowed = tries.take(key, desk.address(), desk.limits(), moment())
        is_right = bool(allowed) and rules.is_site_code(
            current_app.config["SECRET_KEY"],
            whistle_id,
            typed,
            moment(),
            book.number("whistles.code.seconds"),
            book.number("whistles.code.grace"),
        )
        if is_right:
            tries.forgive(key, desk.address())
    queries.fresh(callout_id)  # the act forgot what the page shows
    return is_right


@bp.route("/whistles/<ref>/callouts/<unit>/record-result", methods=["GET", "POST"])
@guarded_by(policies.can_record_result)
def record_result(ref: str, unit: str) -> Answer:
    """登记处置."""
    callout = load_callout(ref, unit)
    form = ResultForm()
    if form.validate_on_submit():
        incoming = receive(form, callout)
        if incoming is not None:
            done = press_callout(
                form,
                callout,
                lambda one: services.record_result(
                    one,
                    outcome=form.chosen,
                    words=form.words.data or "",
                    photos=kept(incoming),
                    actor=current_actor(),
                    now=moment(),
                ),
                gettext("Recorded. You can ask to stand down when it is done."),
            )
            if done is not None:
                return done
    return ask(
        "whistles/result.html",
        form,
        callout,
        title=str(labels.VERB["record_result"]),
        send=gettext("Record"),
        photos=photo_limits(callout),
    )


@bp.post("/whistles/<ref>/callouts/<unit>/ask-stand-down")
@guarded_by(policies.can_ask_stand_down)
def ask_stand_down(ref: str, unit: str) -> Answer:
    """申请销号."""
    return press_button(
        load_callout(ref, unit),
        lambda one: services.ask_stand_down(one, actor=current_actor(), now=moment()),
        gettext("Asked. You stand down when the street and the supervisor have signed."),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/ask-recess", methods=["GET", "POST"])
@guarded_by(policies.can_ask_recess)
def ask_recess(ref: str, unit: str) -> Answer:
    """现场撤离: ask to leave the site and keep the duty."""
    callout = load_callout(ref, unit)
    form = RecessForm()
    if form.validate_on_submit():
        done = press_callout(
            form,
            callout,
            lambda one: services.ask_recess(
                one,
                next_on=form.day,
                person=form.person.data or "",
                reason=form.words.data or "",
                actor=current_actor(),
                now=moment(),
            ),
            gettext("Asked. Stay until the street has agreed."),
        )
        if done is not None:
            return done
    return ask(
        "whistles/recess.html",
        form,
        callout,
        title=gettext("Leave the site, keep the duty"),
        send=gettext("Ask the street"),
    )


@bp.route("/whistles/<ref>/callouts/<unit>/hand-back", methods=["GET", "POST"])
@guarded_by(policies.can_hand_back)
def hand_back(ref: str, unit: str) -> Answer:
    """退单: not our duty."""
    callout = load_callout(ref, unit)
    items = list_items(callout.whistle.district_id)
    form = HandBackForm()
    form.item.choices = [("", gettext("Choose")), *item_choices(items)]
    if form.validate_on_submit():
        cited = next((item.id for item in items if str(item.number) == form.item.data), None)
        done = press_callout(
            form,
            callout,
            lambda one: services.hand_back(
                one,
                cited_item_id=cited,
                reason=form.words.data or "",
                actor=current_actor(),
                now=moment(),
            ),
            gettext("The street and the district are told. The clock goes on."),
        )
        if done is not None:
            return done
    return ask(
        "whistles/hand_back.html",
        form,
        callout,
        title=gettext("This is not our duty"),
        send=gettext("Hand back"),
        hint=gettext("The clock does not stop until the district has ruled."),
    )
