"""One's own page: name, phone, language, reading aids, where one lives, signing out."""

from flask import redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import desk, policies, queries, services
from portal.accounts.forms import CodeForm, MailForm, PersonForm
from portal.accounts.views import bp
from portal.core.errors import Refused
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.errors import notice
from portal.web.transaction import transaction

MAIL = "mail"
Page = str | Response | tuple[str, int]


@bp.get("/me")
@guarded_by(policies.can_see_own)
def me() -> str:
    """Show what the house knows of me."""
    authorise(None)
    person_id = current_actor().person_id or 0
    return render_template("accounts/me.html", own=queries.own(person_id))


@bp.route("/me/name", methods=["GET", "POST"])
@guarded_by(policies.can_see_own)
def change() -> Page:
    """Change how others see me, and the language of my messages."""
    authorise(None)
    person_id = current_actor().person_id or 0
    form = PersonForm(obj=queries.person(person_id))
    if form.validate_on_submit():
        with transaction() as act:
            services.change_person(
                queries.person(person_id),
                public_name=str(form.public_name.data),
                lang=str(form.lang.data),
                actor_id=person_id,
                now=moment(),
            )
            act.answer(url_for("accounts.me"))
        notice(_("Saved."))
        return act.redirect()
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/name.html", form=form), status


@bp.post("/me/sign-out-everywhere")
@guarded_by(policies.can_see_own)
def sign_out_everywhere() -> Response:
    """End my sessions in all browsers."""
    authorise(None)
    with transaction() as act:
        services.end_sessions(queries.account_of(current_actor().person_id or 0).id, moment())
        act.answer(url_for("accounts.sign_in"))
    return redirect(url_for("accounts.sign_in"), code=303)


@bp.route("/me/mail", methods=["GET", "POST"])
@guarded_by(policies.can_see_own)
def mail() -> Page:
    """Ask for a mail address and send a code there; nothing is mailed to an unproved one."""
    authorise(None)
    own = queries.own(current_actor().person_id or 0)
    form = MailForm()
    if form.validate_on_submit():
        address = str(form.mail.data)
        try:
            desk.ask_code(address, MAIL, by_mail=True)
        except Refused as refused:
            desk.say(form, form.mail, refused.code)
        else:
            session["proving_mail"] = address
            return redirect(url_for("accounts.prove_mail"), code=303)
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/mail.html", form=form, own=own), status


@bp.route("/me/mail/code", methods=["GET", "POST"])
@guarded_by(policies.can_see_own)
def prove_mail() -> Page:
    """Judge the code that was mailed; the address is set when it is right."""
    authorise(None)
    address = session.get("proving_mail")
    if not address:
        return redirect(url_for("accounts.mail"), code=303)
    person_id = current_actor().person_id or 0
    form = CodeForm()
    if form.validate_on_submit():
        with transaction() as act:
            answer = desk.check_code(address, MAIL, str(form.code.data))
            if answer:
                services.set_mail(person_id, address, actor_id=person_id, now=moment())
            act.answer(url_for("accounts.me"))
        if answer:
            session.pop("proving_mail")
            notice(_("Saved."))
            return act.redirect()
        desk.say(form, form.code, answer.reason)
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/mail_code.html", form=form, address=address), status


@bp.post("/me/mail/remove")
@guarded_by(policies.can_see_own)
def remove_mail() -> Response:
    """Take my mail address away: no more letters."""
    authorise(None)
    person_id = current_actor().person_id or 0
    with transaction() as act:
        services.set_mail(person_id, None, actor_id=person_id, now=moment())
        act.answer(url_for("accounts.me"))
    notice(_("Your mail address is gone. You get no more letters."))
    return act.redirect()
