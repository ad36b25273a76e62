"""One act of the desk: the unit of work, and the same answer for the same form.

Every POST form carries `idempotency_key`. The first act claims (browser, endpoint, key) inside its
transaction and stores only the Location it answered with; a second press of the button waits for
the first and is sent to the same place. Another body under the same key is a 409.
"""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask, g, request, session
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.core import ids, uow
from portal.core.db import db
from portal.core.errors import Stale
from portal.web.auth import moment
from portal.web.models import IdempotencyKey

_NOT_BODY = {"csrf_token", "idempotency_key"}


class AlreadyDone(Exception):
    """This form was acted on before; carries where the first answer went."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


class KeyReused(Exception):
    """The same key came with another body."""


@dataclass
class Act:
    """The act under way; `answer` sets the Location that a repeat is sent to."""

    unit: uow.UnitOfWork
    location: str = field(default="/")

    def answer(self, location: str) -> None:
        """Say where this act's answer goes."""
        self.location = location

    def redirect(self) -> Response:
        """Return the 303 to the act's answer."""
        return redirect(self.location, code=303)


def browser_id() -> str:
    """Return the random id of this browser's cookie, made at need."""
    if "browser" not in session:
        session["browser"] = ids.token()
        session.permanent = True
    return str(session["browser"])


@contextmanager
def transaction() -> Iterator[Act]:
    """Run one act of the desk in one transaction; raises AlreadyDone, KeyReused."""
    key = request.form.get("idempotency_key", "")[:64]
    browser = browser_id() if key else ""
    with uow.transaction() as unit:
        claim = _claim(browser, key) if key else None
        act = Act(unit)
        yield act
        if claim is not None:
            claim.location = act.location[:500]


def check_version(thing: object, seen: int | None) -> None:
    """Raise Stale when the form was drawn for an older version of `thing`."""
    if seen is not None and getattr(thing, "version", seen) != seen:
        raise Stale(thing)


def _claim(browser: str, key: str) -> IdempotencyKey:
    claim = IdempotencyKey(
        browser=browser,
        endpoint=request.endpoint or "",
        key=key,
        body_hash=_body_hash(),
        created_at=moment(),
    )
    db.session.add(claim)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise _answer_again(browser, key) from None
    return claim


def _answer_again(browser: str, key: str) -> Exception:
    first = _first(browser, key)
    if first is None or not hmac.compare_digest(first.body_hash, _body_hash()):
        return KeyReused()
    return AlreadyDone(first.location or "/")


def _first(browser: str, key: str) -> IdempotencyKey | None:
    return db.session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.browser == browser,
            IdempotencyKey.endpoint == (request.endpoint or ""),
            IdempotencyKey.key == key,
        )
    )


def init_app(app: Flask) -> None:
    """Answer a form that was acted on before its door is asked: the first act may have closed it.

    The permission or the state is often gone by then, and the second press of a button would read
    as a refusal.
    """

    @app.before_request
    def _repeated() -> None:
        key = request.form.get("idempotency_key", "")[:64] if request.method == "POST" else ""
        if not key or "browser" not in session:
            return
        if _first(str(session["browser"]), key) is not None:
            g.decided = True  # by the first act
            raise _answer_again(str(session["browser"]), key)


def _body_hash() -> str:
    digest = hashlib.sha256(request.path.encode())
    for name, values in sorted(request.form.lists()):
        if name not in _NOT_BODY:
            digest.update(repr((name, values)).encode())
    return digest.hexdigest()
