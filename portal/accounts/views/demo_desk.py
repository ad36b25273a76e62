"""The demonstration's desk: be anyone of the cast at once, and read the mails it was sent.

The blueprint is registered in demo mode only; a service does not have these routes.
"""

from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from flask import abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.accounts import cast, desk, services
from portal.accounts.views import demo
from portal.core import uow
from portal.web.auth import moment, public
from portal.web.security import safe_next

SHOWN = 50
_players: list[cast.Player] = []


@demo.app_context_processor
def _demo_cast() -> dict[str, object]:
    if not _players:
        _players.extend(cast.players())
    return {"demo_cast": list(_players)}


@demo.post("/demo/switch")
@public("demonstration only: everyone in it is invented")
def switch() -> Response:
    """Sign in as a member of the cast."""
    account_id = cast.account_of(request.form.get("person", ""))
    if account_id is None:
        abort(404)
    with uow.transaction():
        token = services.start_session_of(
            account_id, way="demo", limits=desk.limits(), now=moment()
        )
    desk.enter(token)
    return redirect(safe_next(request.form.get("next")), code=303)


@demo.get("/demo/mailbox")
@public("demonstration only: everyone in it is invented")
def mailbox() -> str:
    """List the mails that were sent, newest first."""
    folder: Path = current_app.config["SETTINGS"].mailbox_dir
    files = sorted(folder.glob("*.eml"), key=lambda file: file.name, reverse=True)[:SHOWN]
    mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return render_template("accounts/mailbox.html", mails=[_shown(mail) for mail in mails])


def _shown(mail: EmailMessage) -> dict[str, Any]:
    body = mail.get_body(("plain",))
    return {
        "to": str(mail["To"]),
        "subject": str(mail["Subject"]),
        "sent_at": parsedate_to_datetime(str(mail["Date"])) if mail["Date"] else None,
        "body": body.get_content() if body else "",
    }
