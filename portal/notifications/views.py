"""One's own notices: read them, mark them read, leave a problem that a merge moved one into."""

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts import policies
from portal.notifications import queries, services
from portal.notifications.labels import SENTENCES
from portal.notifications.models import Notice
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.errors import notice
from portal.web.transaction import transaction

bp = Blueprint("notifications", __name__)

SIZE = 30
MERGED = "problems/merged"


def _me() -> int:
    authorise(None)
    return current_actor().person_id or 0


@bp.get("/notices")
@guarded_by(policies.can_see_own)
def notices() -> str:
    """List my notices, newest first."""
    page = queries.page(_me(), request.args.get("before"), SIZE)
    facts = queries.facts(page.items)
    rows = [
        {
            "notice": row,
            "text": str(SENTENCES[row.matter])
            % {"title": facts[row.id].title, "unit": facts[row.id].unit or _("A unit")},
            "path": facts[row.id].path,
            "may_leave": row.matter == MERGED,
        }
        for row in page.items
    ]
    older = url_for("notifications.notices", before=page.next_cursor) if page.next_cursor else None
    return render_template("notifications/notices.html", rows=rows, older=older)


@bp.post("/notices/read")
@guarded_by(policies.can_see_own)
def read() -> Response:
    """Mark what was on the page as read."""
    person_id = _me()
    with transaction() as act:
        services.read_until(person_id, request.form.get("until", ""), moment())
        act.answer(url_for("notifications.notices"))
    return act.redirect()


@bp.get("/notices/<key>/leave")
@guarded_by(policies.can_see_own)
def ask_leave(key: str) -> str:
    """Ask whether to leave the problem that a merge moved me into; mails lead here."""
    told = _merged(key)
    return render_template(
        "notifications/leave.html", notice=told, facts=queries.facts([told])[told.id]
    )


@bp.post("/notices/<key>/leave")
@guarded_by(policies.can_see_own)
def leave(key: str) -> Response:
    """Leave it: no further news of it."""
    told = _merged(key)
    into_id = int(told.slots["into_id"])
    with transaction() as act:
        problems.leave(problem_queries.lock(into_id), actor=current_actor(), now=moment())
        act.answer(url_for("notifications.notices"))
    notice(_("You left it. You get no more news of it."))
    return act.redirect()


def _merged(key: str) -> Notice:
    told = queries.own(key, _me())
    if told is None or told.matter != MERGED:
        abort(404)
    return told
