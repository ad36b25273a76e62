"""Browsers that are signed in already: their cookie, and a form's token, as the portal signs them.

The sessions themselves are live rows; nothing of the portal's checks is left out.
"""

import hashlib
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from portal.core import ids
from tests.bench.world import Who


class Visitors:
    """Makes cookies and tokens under the installation's secret."""

    def __init__(self, app: Flask) -> None:
        self.name = str(app.config["SESSION_COOKIE_NAME"])
        signer = app.session_interface.get_signing_serializer(app)
        self.signer: URLSafeTimedSerializer = signer
        self.tokens = URLSafeTimedSerializer(str(app.secret_key), salt="wtf-csrf-token")

    def cookie(self, who: Who) -> str:
        """Return the Cookie header of somebody's browser."""
        kept = {
            "_permanent": True,
            "_user_id": who.token,
            "_fresh": True,
            "csrf_token": self._raw(who),
            "browser": who.token[:32],
        }
        return f"{self.name}={self.signer.dumps(kept)}"

    def form(self, who: Who, **fields: str) -> str:
        """Return the body of a form as that browser sends it, with a fresh idempotency key."""
        token = self.tokens.dumps(self._raw(who))
        return urlencode({"csrf_token": token, "idempotency_key": ids.token(16)} | fields)

    @staticmethod
    def _raw(who: Who) -> str:
        return hashlib.sha256(who.token.encode()).hexdigest()[:40]
