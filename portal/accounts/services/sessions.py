"""Browser sessions are rows: ending the row signs the browser out, whatever its cookie says."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update

from portal.accounts import rules
from portal.accounts.events import SignedIn, SignedOut
from portal.accounts.models import Account, BrowserSession, FailedTry, PhoneCode
from portal.accounts.rules import Limits
from portal.core import ids, uow
from portal.core.db import db
from portal.core.errors import Refused
from portal.core.sealed import lookup_hash

KEPT = timedelta(days=7)


def start_session(account: Account, *, way: str, limits: Limits, now: datetime) -> str:
    """Begin a session and return its token, which only the browser keeps.

    Staff, who have a login name, get the shorter time-outs. Raises Refused("account_closed").
    """
    if account.disabled_at is not None:
        raise Refused("account_closed")
    token = ids.token(32)
    row = BrowserSession(
        token_hash=lookup_hash("session", token),
        account_id=account.id,
        created_at=now,
        last_seen_at=now,
        expires_at=rules.session_end(limits, staff=bool(account.login), started=now, seen=now),
    )
    db.session.add(row)
    db.session.flush()
    uow.record(
        SignedIn(
            at=now, actor_id=account.person_id, account_id=account.id, session_id=row.id, way=way
        )
    )
    return token


def start_session_of(account_id: int, *, way: str, limits: Limits, now: datetime) -> str:
    """Begin a session for an account by its number."""
    account = db.session.get_one(Account, account_id)
    return start_session(account, way=way, limits=limits, now=now)


def touch(session_id: int, limits: Limits, now: datetime) -> None:
    """Note that the session is in use and move its idle end; the one write of a GET."""
    row = db.session.get(BrowserSession, session_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        return
    account = db.session.get_one(Account, row.account_id)
    row.last_seen_at = now
    row.expires_at = rules.session_end(
        limits, staff=bool(account.login), started=row.created_at, seen=now
    )
    db.session.flush()


def end_session(session_id: int, *, actor_id: int, now: datetime) -> None:
    """Sign one browser out."""
    row = db.session.get(BrowserSession, session_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        return
    row.ended_at = now
    uow.record(
        SignedOut(at=now, actor_id=actor_id, account_id=row.account_id, session_id=session_id)
    )
    db.session.flush()


def end_sessions(account_id: int, now: datetime) -> None:
    """Sign an account out everywhere."""
    db.session.execute(
        update(BrowserSession)
        .where(BrowserSession.account_id == account_id, BrowserSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def sweep(now: datetime) -> None:
    """Drop sessions, codes and tries that nothing asks for any more."""
    old = now - KEPT
    db.session.execute(
        delete(BrowserSession).where(
            or_(BrowserSession.expires_at < old, BrowserSession.ended_at < old)
        )
    )
    db.session.execute(delete(PhoneCode).where(PhoneCode.expires_at < old))
    db.session.execute(delete(FailedTry).where(FailedTry.at < old))
