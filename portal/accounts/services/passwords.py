"""Passwords of staff: argon2id, computed outside every transaction.

Signing in takes two acts: the first takes a try and reads the hash, then argon2 works with no
transaction open, then the second starts the session or notes the refusal. An unknown login is
checked against a hash of nothing, so that it takes as long.
"""

from dataclasses import dataclass
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select

from portal.accounts.events import AccountUnlocked, PasswordSet, SignInRefused
from portal.accounts.models import Account, FailedTry
from portal.accounts.rules import Limits
from portal.accounts.services import tries
from portal.accounts.services.sessions import end_sessions
from portal.core import uow
from portal.core.db import db
from portal.core.decisions import Decision
from portal.core.sealed import lookup_hash

_hasher = PasswordHasher()
_nobodys = _hasher.hash("nobody has this password")


@dataclass(frozen=True)
class PasswordTry:
    """A try that was taken: whose hash to check, if anybody's."""

    decision: Decision
    account_id: int | None = None
    password_hash: str | None = None


def hash_password(password: str) -> str:
    """Return the argon2id hash; slow on purpose, so never inside a transaction."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is right; without a hash it takes as long and says no."""
    if password_hash is None:
        password_hash, password = _nobodys, ""
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Tell whether the hash was made with older costs."""
    return _hasher.check_needs_rehash(password_hash)


def take_password_try(login: str, *, address: str, limits: Limits, now: datetime) -> PasswordTry:
    """Take a try at a login name and return what to check it against."""
    decision = tries.take(lookup_hash("login", login), address, limits, now)
    row = db.session.execute(
        select(Account.id, Account.password_hash).where(
            Account.login == login, Account.disabled_at.is_(None)
        )
    ).first()
    return PasswordTry(decision, *row) if row else PasswordTry(decision)


def refuse_password(account_id: int | None, now: datetime) -> None:
    """Note a wrong password; the try itself is already written."""
    uow.record(SignInRefused(at=now, way="password", account_id=account_id))


def forgive_login(login: str, address: str) -> None:
    """Take the tries at a login back after a right password."""
    tries.forgive(lookup_hash("login", login), address)


def set_password(
    account: Account, password_hash: str, *, actor_id: int | None, now: datetime
) -> None:
    """Give the account a password (already hashed) and end its sessions."""
    account.password_hash = password_hash
    end_sessions(account.id, now)
    uow.record(PasswordSet(at=now, actor_id=actor_id, account_id=account.id))
    db.session.flush()


def unlock(account: Account, *, now: datetime) -> None:
    """Let an account try again at once."""
    key = lookup_hash("login", account.login or "")
    db.session.execute(delete(FailedTry).where(FailedTry.key_hash == key))
    uow.record(AccountUnlocked(at=now, account_id=account.id))
