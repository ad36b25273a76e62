"""Signing in: a phone and its code, or a login name and password."""

from flask import redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.accounts import desk, rules, services
from portal.accounts.forms import CodeForm, PasswordForm, PhoneForm
from portal.accounts.views import bp
from portal.core import uow
from portal.core.errors import Refused
from portal.web.auth import current_actor, moment, public
from portal.web.errors import notice
from portal.web.security import safe_next
from portal.web.transaction import transaction

PURPOSE = "sign-in"
Page = str | Response | tuple[str, int]


@bp.route("/sign-in", methods=["GET", "POST"])
@public("anyone may sign in")
def sign_in() -> Page:
    """Ask for the phone and send a code to it."""
    target = safe_next(request.values.get("next"))
    if request.method == "GET" and current_actor().signed_in:
        return redirect(target, code=303)
    form = PhoneForm()
    if form.validate_on_submit():
        try:
            asked = desk.ask_code(str(form.phone.data), PURPOSE)
        except Refused as refused:
            desk.say(form, form.phone, refused.code)
        else:
            session["signing_in"] = {
                "phone": form.phone.data,
                "shown": asked.shown,
                "next": target,
            }
            return redirect(url_for("accounts.enter_code"), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/sign_in.html", form=form, next=target), status


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public("anyone may sign in")
def enter_code() -> Page:
    """Judge the code and sign in; a first sign-in makes the person."""
    begun = session.get("signing_in")
    if not begun:
        return redirect(url_for("accounts.sign_in"), code=303)
    form = CodeForm()
    if form.validate_on_submit():
        token = None
        with transaction() as act:
            act.answer(begun["next"])
            answer = desk.check_code(begun["phone"], PURPOSE, str(form.code.data))
            if answer:
                token = desk.start_session(begun["phone"])
        if token:
            desk.enter(token)
            return act.redirect()
        desk.say(form, form.code, answer.reason)
    status = 422 if form.is_submitted() else 200
    page = render_template(
        "accounts/code.html",
        form=form,
        phone=rules.mask_phone(begun["phone"]),
        shown=begun["shown"],
        next=begun["next"],
    )
    return page, status


@bp.route("/sign-in/password", methods=["GET", "POST"])
@public("anyone may sign in")
def sign_in_password() -> Page:
    """Judge login name and password; the slow hash is worked out between two acts."""
    target = safe_next(request.values.get("next"))
    form = PasswordForm()
    if form.validate_on_submit():
        login, password = str(form.login.data).lower(), str(form.password.data)
        with uow.transaction():
            attempt = services.take_password_try(
                login, address=desk.address(), limits=desk.limits(), now=moment()
            )
        if not attempt.decision:
            desk.say(form, form.password, attempt.decision.reason)
        else:
            right = services.matches(attempt.password_hash, password)
            token = None
            with transaction() as act:
                act.answer(target)
                if right and attempt.account_id is not None:
                    services.forgive_login(login, desk.address())
                    token = services.start_session_of(
                        attempt.account_id, way="password", limits=desk.limits(), now=moment()
                    )
                else:
                    services.refuse_password(attempt.account_id, moment())
            if token:
                desk.enter(token)
                return act.redirect()
            desk.say(form, form.password, "wrong_password")
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/password.html", form=form, next=target), status


@bp.post("/sign-out")
@public("a browser that is not signed in has nothing to end")
def sign_out() -> Response:
    """End this browser's session and forget its cookie."""
    if current_user.is_authenticated:
        found = current_user.found
        with uow.transaction():
            services.end_session(found.session_id, actor_id=found.person_id, now=moment())
    desk.leave()
    notice(_("You are signed out."))
    return redirect("/", code=303)
