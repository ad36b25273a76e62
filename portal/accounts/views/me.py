"""One's own page: name, phone, language, reading aids, where one lives, signing out."""

from flask import redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import policies, queries, services
from portal.accounts.forms import PersonForm
from portal.accounts.views import bp
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.errors import notice
from portal.web.transaction import transaction

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
