"""Who is signed in, and how people are found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.accounts.models import Account, BrowserSession, ContactPoint, Person
from portal.accounts.states import ContactKind
from portal.core.db import db
from portal.core.sealed import lookup_hash


@dataclass(frozen=True)
class SignedIn:
    """A live browser session with what every request needs of it."""

    session_id: int
    account_id: int
    person_id: int
    public_name: str
    last_seen_at: datetime


def signed_in(token: str, now: datetime) -> SignedIn | None:
    """Return the live session of a cookie's token: not ended, not expired, account enabled."""
    row = db.session.execute(
        select(
            BrowserSession.id,
            BrowserSession.account_id,
            Account.person_id,
            Person.public_name,
            BrowserSession.last_seen_at,
        )
        .join(Account, Account.id == BrowserSession.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(
            BrowserSession.token_hash == lookup_hash("session", token),
            BrowserSession.ended_at.is_(None),
            BrowserSession.expires_at > now,
            Account.disabled_at.is_(None),
        )
    ).first()
    return SignedIn(*row) if row else None


def person_by_contact(kind: ContactKind, value: str) -> Person | None:
    """Return the person who signs in with this phone or mail address."""
    return db.session.scalar(
        select(Person)
        .join(ContactPoint, ContactPoint.person_id == Person.id)
        .where(
            ContactPoint.kind == kind,
            ContactPoint.value_hash == lookup_hash("contact", value),
            ContactPoint.signs_in.is_(True),
        )
    )
