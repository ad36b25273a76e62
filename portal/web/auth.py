"""Doors: every endpoint is guarded by a policy or declared public with its reason.

An endpoint without either stops the app from starting. A guarded endpoint that answers 2xx or 3xx
without having decided is turned into a 500: unknown means no.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import Flask, Response, abort, current_app, g, request
from flask_login import AnonymousUserMixin

from portal.core import clock
from portal.core.actor import VISITOR, Actor
from portal.core.decisions import Decision
from portal.core.errors import Forbidden

F = TypeVar("F", bound=Callable[..., Any])
Policy = Callable[[Actor, Any, datetime], Decision]

_POLICY = "_wufang_policy"
_PUBLIC = "_wufang_public"


def guarded_by(policy: Policy) -> Callable[[F], F]:
    """Declare the policy that decides this endpoint; its body calls `authorise(thing)`."""

    def mark(view: F) -> F:
        setattr(view, _POLICY, policy)
        return view

    return mark


def public(reason: str) -> Callable[[F], F]:
    """Declare that anyone may call this endpoint, and why."""

    def mark(view: F) -> F:
        setattr(view, _PUBLIC, reason)
        return view

    return mark


def policy_of(view: object) -> Policy | None:
    """Return the policy declared on a view."""
    return getattr(view, _POLICY, None)


def public_reason_of(view: object) -> str | None:
    """Return the reason for which a view is public."""
    return getattr(view, _PUBLIC, None)


def current_actor() -> Actor:
    """Return who is asking; loaded once a request by the loader that `app` gave."""
    if "actor" not in g:
        g.actor = _loader()
    return g.actor  # type: ignore[no-any-return]


def moment() -> datetime:
    """Return the one `now` of this request."""
    if "now" not in g:
        g.now = clock.now()
    return g.now  # type: ignore[no-any-return]


def forget_actor() -> None:
    """Go on as nobody: while the database is away an error page can't ask who reads it."""
    g.actor = VISITOR
    g._login_user = AnonymousUserMixin()  # noqa: SLF001 - what Flask-Login would load at need


def authorise(thing: object) -> None:
    """Ask this endpoint's policy about `thing`; raises Forbidden with its reason."""
    policy = policy_of(current_app.view_functions[request.endpoint or ""])
    if policy is None:
        raise RuntimeError(f"{request.endpoint} asks for a decision but declares no policy")
    decision = policy(current_actor(), thing, moment())
    g.decided = True
    if not decision:
        raise Forbidden(decision)


def _no_loader() -> Actor:
    return VISITOR


_loader: Callable[[], Actor] = _no_loader


def init_app(app: Flask, load_actor: Callable[[], Actor]) -> None:
    """Take the actor loader and watch that guarded endpoints decide."""
    global _loader  # noqa: PLW0603 - one loader a process, handed in by the composition root
    _loader = load_actor

    @app.after_request
    def _refuse_undecided(response: Response) -> Response:
        view = app.view_functions.get(request.endpoint or "")
        if (
            view is not None
            and policy_of(view) is not None
            and not g.get("decided")
            and response.status_code < 400  # noqa: PLR2004 - HTTP's own boundary
            and request.method != "OPTIONS"
        ):
            app.logger.error("undecided endpoint %s", request.endpoint)
            abort(500)
        return response


def check_doors(app: Flask) -> None:
    """Stop the start when an endpoint states neither policy nor reason."""
    open_doors = sorted(
        name
        for name, view in app.view_functions.items()
        if policy_of(view) is None and public_reason_of(view) is None
    )
    if open_doors:
        raise RuntimeError(f"endpoints without @guarded_by or @public: {', '.join(open_doors)}")
