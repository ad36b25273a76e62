"""Personal text at rest: encrypted under the installation's key, found through a keyed hash."""

import base64

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from portal.core import ids


def _cipher() -> Fernet:
    cached = current_app.extensions.get("sealed_cipher")
    if cached is None:
        secret = current_app.config["SECRET_KEY"].encode()
        key = HKDF(hashes.SHA256(), 32, salt=None, info=b"wufang personal fields").derive(secret)
        cached = current_app.extensions["sealed_cipher"] = Fernet(base64.urlsafe_b64encode(key))
    return cached


class SealedText(TypeDecorator[str]):
    """Text that is encrypted in the database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Encrypt."""
        return None if value is None else _cipher().encrypt(value.encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Decrypt."""
        return None if value is None else _cipher().decrypt(value.encode()).decode()


def lookup_hash(purpose: str, text: str) -> str:
    """Return the keyed hash by which sealed or secret text is found."""
    return ids.keyed_hash(current_app.config["SECRET_KEY"], purpose, text)
