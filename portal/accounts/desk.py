"""What every desk that signs people in shares: the browser's side of a session.

The cookie is a signed Flask session that holds only the session's token; the row in
`browser_sessions` decides. Signing in starts a fresh cookie session, so that a cookie planted
beforehand gains nothing. Two things that give no rights go along: the browser's id, under which a
draft is kept, and the problems it opened with a query code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, current_app, g, request, session
from flask_login import UserMixin, login_user, logout_user
from sqlalchemy.exc import OperationalError
from wtforms import Field

from portal.accounts import queries, rules, services
from portal.accounts.models import Person
from portal.accounts.rules import Limits
from portal.accounts.sms import CodeSender
from portal.core import uow
from portal.core.db import db
from portal.core.decisions import Decision
from portal.web.auth import moment
from portal.web.errors import explain
from portal.web.fields import ActForm
from portal.web.locale import current_ui

_GOES_ALONG = ("browser", "opened")


class SessionUser(UserMixin):  # type: ignore[misc] # flask-login ships no types
    """What Flask-Login keeps: the session's token, and the row it leads to."""

    def __init__(self, token: str, found: queries.SignedIn) -> None:
        self.id = token
        self.found = found


@dataclass(frozen=True)
class CodeAsked:
    """A code was sent; `shown` is the code itself, in a demonstration only."""

    shown: str | None


def limits() -> Limits:
    """Return the limits in force (see `rules`)."""
    found: Limits = current_app.extensions["sign_in_limits"](moment())
    return found


def address() -> str:
    """Return the network address that asks. A forwarding header is never believed."""
    return request.remote_addr or "local"


def say(form: ActForm, field: Field, code: str) -> None:
    """Put a reason's sentence at a field of a form that is drawn again."""
    minutes = int(limits().tries_lock.total_seconds() // 60)
    field.errors = (*field.errors, explain(current_app, code, {"minutes": minutes}))
    form.renew()


def ask_code(contact: str, purpose: str, *, by_mail: bool = False) -> CodeAsked:
    """Send a code to a phone, or to a mail address, in an act of its own.

    Raises Refused when it is too soon, too often or not possible.
    """
    sender: CodeSender = current_app.extensions["mail_codes" if by_mail else "phone_codes"]
    with uow.transaction():
        code = services.send_code(
            contact, purpose, address=address(), limits=limits(), now=moment()
        )
    return CodeAsked(sender.send(contact, code))


def check_code(contact: str, purpose: str, code: str) -> Decision:
    """Judge a code inside the act under way, which must commit also when the answer is no."""
    return services.check_code(
        contact, purpose, code, address=address(), limits=limits(), now=moment()
    )


def person_for_phone(phone: str) -> Person:
    """Return the person of a phone just proved, inside the act under way."""
    return services.person_for_phone(phone, limits=limits(), now=moment(), lang=current_ui().lang)


def start_session(phone: str) -> str:
    """Begin a session for a phone just proved, inside the act under way; returns its token."""
    account = services.account_for_phone(
        phone, limits=limits(), now=moment(), lang=current_ui().lang
    )
    return services.start_session(account, way="code", limits=limits(), now=moment())


def enter(token: str) -> None:
    """Sign this browser in under a session's token, after its act was committed."""
    found = queries.signed_in(token, moment())
    if found is None:
        raise RuntimeError("the session to enter is not there; was its act committed?")
    kept = {name: session[name] for name in _GOES_ALONG if name in session}
    session.clear()
    session.update(kept)
    session.permanent = True
    login_user(SessionUser(token, found))
    g.pop("actor", None)
    g.pop("seats", None)


def leave() -> None:
    """Forget everything this browser's cookie holds."""
    logout_user()
    session.clear()
    g.pop("actor", None)
    g.pop("seats", None)


def user_of(token: str, found: queries.SignedIn) -> SessionUser:
    """Return Flask-Login's user for a live session, whose use is noted after the page."""
    g.session_found = found
    return SessionUser(token, found)


def init_app(
    app: Flask,
    *,
    by_phone: CodeSender,
    by_mail: CodeSender,
    limits_at: Callable[[datetime], Limits],
) -> None:
    """Take the code senders and the limits; note after each page that its session is in use."""
    app.extensions["phone_codes"] = by_phone
    app.extensions["mail_codes"] = by_mail
    app.extensions["sign_in_limits"] = limits_at

    @app.after_request
    def _seen(response: Response) -> Response:
        found: queries.SignedIn | None = g.get("session_found")
        if found is not None and moment() - found.last_seen_at > rules.SEEN_EVERY:
            try:
                with uow.transaction():
                    services.touch(found.session_id, limits(), moment())
            except OperationalError:
                db.session.rollback()
                app.logger.warning("a session's last use was not noted: no database")
        return response
