"""Refusals and faults as pages that say what to do next, in the reader's language.

A reason code's sentence comes from the features' `labels.REASONS`, gathered by `app`.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, flash, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.core.db import db
from portal.core.errors import Forbidden, NotFound, Refused, Stale
from portal.core.states import WrongState
from portal.web.auth import current_actor, forget_actor
from portal.web.security import safe_next
from portal.web.transaction import AlreadyDone, KeyReused

Answer = tuple[str, int] | Response

_KEPT_AWAY = {"csrf_token", "idempotency_key", "version", "password", "code"}
# The value of a tick or a choice: a short code that nobody wrote by hand.
_CHOICE = re.compile(r"[A-Za-z_-][A-Za-z0-9_-]{0,23}|\d{1,6}|/\S*")


def explain(app: Flask, code: str, slots: Mapping[str, object] | None = None) -> str:
    """Return the sentence of a reason code; an unknown code gets a plain one."""
    sentence = app.extensions["reasons"].get(code)
    if sentence is None:
        app.logger.error("reason %s has no sentence", code)
        return str(gettext("This can't be done now."))
    text = str(sentence)
    return text % slots if slots else text


def page(status: int, title: str, what: str, todo: str = "", **more: Any) -> Answer:
    """Draw the error page."""
    return (
        render_template(
            "errors/page.html", status=status, title=title, what=what, todo=todo, **more
        ),
        status,
    )


def typed() -> list[tuple[str, str]]:
    """Return what the reader wrote by hand, so that a refusal loses nothing."""
    return [
        (name, value)
        for name, value in request.form.items()
        if name not in _KEPT_AWAY and value.strip() and not _CHOICE.fullmatch(value)
    ]


def init_app(app: Flask, reasons: Mapping[str, object]) -> None:
    """Register the handlers."""
    app.extensions["reasons"] = dict(reasons)
    _refusals(app)
    _conflicts(app)
    _faults(app)


def _conflicts(app: Flask) -> None:
    @app.errorhandler(AlreadyDone)
    def _already_done(error: AlreadyDone) -> Answer:
        return redirect(error.location, code=303)

    @app.errorhandler(KeyReused)
    def _key_reused(_error: KeyReused) -> Answer:
        return _conflict(gettext("This form was sent before with other words."))

    @app.errorhandler(WrongState)
    def _wrong_state(_error: WrongState) -> Answer:
        return _conflict(gettext("It has moved on meanwhile; this step is no longer open."))

    @app.errorhandler(Stale)
    @app.errorhandler(StaleDataError)
    def _stale(_error: Exception) -> Answer:
        return _conflict(gettext("Someone else changed it while you were reading."))


def _refusals(app: Flask) -> None:
    @app.errorhandler(NotFound)
    @app.errorhandler(404)
    def _not_found(_error: Exception) -> Answer:
        return page(
            404,
            gettext("Not found"),
            gettext("The number may be mistyped, or it is not public."),
            gettext("Check the number, or look it up from the home page."),
        )

    @app.errorhandler(Forbidden)
    def _forbidden(error: Forbidden) -> Answer:
        if not current_actor().signed_in and request.method == "GET":
            return redirect(url_for("accounts.sign_in", next=request.full_path), code=303)
        if error.decision.reason == "wrong_state":
            return _conflict(explain(app, error.decision.reason), 403, _thing_page())
        return page(
            403,
            gettext("Not open to you"),
            explain(app, error.decision.reason),
            gettext("If this is your task, ask your unit's administrator for the role."),
            kept=typed(),
        )

    @app.errorhandler(Refused)
    def _refused(error: Refused) -> Answer:
        return page(
            422,
            gettext("Not done yet"),
            explain(app, error.code, error.slots),
            gettext("Nothing was lost. Go back, mend it and send again."),
            kept=typed(),
        )

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> Answer:
        return page(
            400,
            gettext("Please send it once more"),
            gettext("This page was open for too long or in another window."),
            gettext("Go back, reload the page and send again."),
            kept=typed(),
        )


def _faults(app: Flask) -> None:
    @app.errorhandler(OperationalError)
    def _database(error: OperationalError) -> Answer:
        db.session.rollback()
        forget_actor()
        app.logger.error("database unavailable: %s", error.orig)
        return page(
            503,
            gettext("Not sent yet"),
            gettext("The system can't store anything right now. Your words are below."),
            gettext("Wait a minute and send once more, or call the community."),
            kept=typed(),
        )

    @app.errorhandler(SecurityError)
    def _foreign_host(_error: SecurityError) -> Answer:
        # Under a name that is not ours no address can be made, so no page can be drawn.
        return Response(
            gettext("This is not the address of this portal."), 400, mimetype="text/plain"
        )

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Answer:
        code = error.code or 500
        title, what, todo = _http_text(code)
        return page(code, title, what, todo, kept=typed())

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> Answer:
        if isinstance(error, SQLAlchemyError):
            db.session.rollback()
            forget_actor()
        number = secrets.token_hex(4)
        app.logger.error("fault %s at %s", number, request.endpoint, exc_info=error)
        return page(
            500,
            gettext("Something broke on our side"),
            gettext("Nothing that you typed is lost. Error number %(number)s.", number=number),
            gettext("Try again in a minute, or call the community and give the number."),
            kept=typed(),
        )


def _own_page() -> str | None:
    """Return the page of this site that the form stood on; a foreign address is no way back."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host:
        return None
    return safe_next(came.path + (f"?{came.query}" if came.query else ""))


def _thing_page() -> str | None:
    """Return the page of the thing whose verb was refused: /p/<ref>/accept leads to /p/<ref>."""
    _root, feature, *rest = request.path.split("/")
    return f"/{feature}/{rest[0]}" if rest[1:] else None


def _conflict(what: str, status: int = 409, back: str | None = None) -> Answer:
    return (
        render_template("errors/conflict.html", what=what, kept=typed(), back=back or _own_page()),
        status,
    )


def _http_text(code: int) -> tuple[str, str, str]:
    texts: dict[int, Callable[[], tuple[str, str, str]]] = {
        405: lambda: (
            gettext("Not possible here"),
            gettext("This address takes a form, not a visit."),
            gettext("Go back and use the button on the page."),
        ),
        413: lambda: (
            gettext("Too large"),
            gettext("The file is larger than we can take."),
            gettext("Send a smaller photo, one at a time."),
        ),
        429: lambda: (
            gettext("Please rest a minute"),
            gettext("That was too many times in a row."),
            gettext("Wait a minute and try again, or call the community."),
        ),
    }
    found = texts.get(code)
    if found:
        return found()
    return (
        gettext("That didn't work"),
        gettext("The request was not understood."),
        gettext("Go back and try again."),
    )


def notice(text: str, tone: str = "done") -> None:
    """Leave a sentence for the next page."""
    flash(text, tone)
