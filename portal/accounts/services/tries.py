"""Guesses are counted before they are judged, so that many at once gain nothing.

A row of `failed_tries` is written first and taken back when the guess was right. The key is a
keyed hash of what is guessed at (a phone, a login name) or of the network address, whether or not
anybody has that phone or name: a stranger and a known person are locked alike.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text

from portal.accounts.models import FailedTry
from portal.accounts.rules import Limits
from portal.core.db import db
from portal.core.decisions import ALLOWED, Decision, deny
from portal.core.sealed import lookup_hash


def hold(key_hash: str) -> None:
    """Let one act at a time work on this key (SQLite has one writer anyway)."""
    if db.session.get_bind().dialect.name == "postgresql":
        number = int.from_bytes(bytes.fromhex(key_hash[:16]), "big", signed=True)
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})


def address_hash(address: str) -> str:
    """Return the key of a network address."""
    return lookup_hash("address", address)


def recent(key_hash: str, span: timedelta, now: datetime, most: int) -> int:
    """Return how many tries of a key are younger than `span`, counting no further than `most`."""
    rows = (
        select(FailedTry.id)
        .where(FailedTry.key_hash == key_hash, FailedTry.at > now - span)
        .limit(most)
        .subquery()
    )
    return db.session.scalar(select(func.count()).select_from(rows)) or 0


def take(key_hash: str, address: str, limits: Limits, now: datetime) -> Decision:
    """Take one try at a key from an address; denied (`locked_out`) when too many were wrong."""
    hold(key_hash)
    by_address = address_hash(address)
    if recent(key_hash, limits.tries_lock, now, limits.tries_most) >= limits.tries_most:
        return deny("locked_out")
    if recent(by_address, limits.tries_lock, now, limits.tries_address) >= limits.tries_address:
        return deny("locked_out")
    db.session.add_all(
        [FailedTry(key_hash=key_hash, at=now), FailedTry(key_hash=by_address, at=now)]
    )
    db.session.flush()
    return ALLOWED


def forgive(key_hash: str, address: str) -> None:
    """Take a right try back: all of the key's, and the last of the address's."""
    db.session.execute(delete(FailedTry).where(FailedTry.key_hash == key_hash))
    last = (
        select(func.max(FailedTry.id))
        .where(FailedTry.key_hash == address_hash(address))
        .scalar_subquery()
    )
    db.session.execute(delete(FailedTry).where(FailedTry.id == last))
