"""Headers, nonces, hosts and where a redirect may go."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, abort, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict

csrf = CSRFProtect()

NUL = "\0"
MAX_UPLOAD_BYTES = 25 * 1024 * 1024


def csp_nonce() -> str:
    """Return this response's nonce for scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def safe_next(target: str | None, default: str = "/") -> str:
    """Return `target` when it is a path of this site, else `default`: the only redirect helper."""
    if not target or not target.startswith("/") or "\\" in target:
        return default
    if target.startswith("//") or any(ord(char) < 0x20 for char in target):  # noqa: PLR2004 - C0
        return default
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else default


def init_app(app: Flask) -> None:
    """Turn on CSRF checks and the headers of every response."""
    base = urlsplit(app.config["PUBLIC_BASE_URL"])
    app.config.update(
        SESSION_COOKIE_NAME="wufang",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # The row in browser_sessions ends a session; signing the cookie anew moves nothing.
        SESSION_REFRESH_EACH_REQUEST=False,
        SESSION_COOKIE_SECURE=base.scheme == "https",
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        TRUSTED_HOSTS=_trusted_hosts(app, base.hostname or ""),
    )
    csrf.init_app(app)
    app.jinja_env.globals["csp_nonce"] = csp_nonce

    @app.before_request
    def _no_nul() -> None:
        """Refuse a NUL: nobody types one, and PostgreSQL stores none."""
        given = [
            *(request.view_args or {}).values(),
            *_values(request.args),
            *_values(request.form),
        ]
        if any(NUL in value for value in given if isinstance(value, str)):
            abort(400)

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault(
            "Content-Security-Policy",
            "default-src 'self'; script-src 'self' 'nonce-" + csp_nonce() + "'; "
            "style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
            "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        )
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if base.scheme == "https":
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "no-store")
        return response


def _values(given: MultiDict[str, str]) -> list[str]:
    return [value for values in given.listvalues() for value in values]


def _trusted_hosts(app: Flask, host: str) -> list[str]:
    hosts = [host]
    if app.config["MODE"] != "service":
        hosts += ["localhost", "127.0.0.1", "[::1]", app.config["HOST"]]
    return hosts
