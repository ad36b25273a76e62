"""Who is signed in, and how people are found."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from portal.accounts.models import Account, BrowserSession, ContactPoint, Person, Residence
from portal.accounts.rules import mask_phone
from portal.accounts.states import ContactKind
from portal.core.db import db
from portal.core.sealed import lookup_hash
from portal.places.models import Building, Division


@dataclass(frozen=True)
class SignedIn:
    """A live browser session with what every request needs of it."""

    session_id: int
    account_id: int
    person_id: int
    public_name: str
    last_seen_at: datetime
    community_name: str | None
    community_phone: str | None


# Asked for every page, so it is built once; `organisations` asks for the seats along with it.
SIGNED_IN = (
    select(
        BrowserSession.id,
        BrowserSession.account_id,
        Account.person_id,
        Person.public_name,
        BrowserSession.last_seen_at,
        Division.name,
        Division.phone,
    )
    .join(Account, Account.id == BrowserSession.account_id)
    .join(Person, Person.id == Account.person_id)
    .outerjoin(Residence, (Residence.person_id == Person.id) & Residence.valid_to.is_(None))
    .outerjoin(Division, Division.id == Residence.community_id)
    .where(
        BrowserSession.token_hash == bindparam("token_hash"),
        BrowserSession.ended_at.is_(None),
        BrowserSession.expires_at > bindparam("now"),
        Account.disabled_at.is_(None),
    )
    .order_by(Residence.id)
)


def signed_in(token: str, now: datetime) -> SignedIn | None:
    """Return the live session of a cookie's token: not ended, not expired, account enabled."""
    row = db.session.execute(SIGNED_IN, session_key(token, now)).first()
    return SignedIn(*row) if row else None


def session_key(token: str, now: datetime) -> dict[str, object]:
    """Return what `SIGNED_IN` asks for: the hash of a cookie's token, and the moment."""
    return {"token_hash": lookup_hash("session", token), "now": now}


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


@dataclass(frozen=True)
class Own:
    """What the house knows of a person, as their own page shows it."""

    public_name: str
    lang: str
    login: str | None
    phone: str | None
    mail: str | None
    home: tuple[str, ...]


def person(person_id: int) -> Person:
    """Return a person; it must exist."""
    return db.session.get_one(Person, person_id)


def account_of(person_id: int) -> Account:
    """Return a person's account; it must exist."""
    return db.session.scalars(select(Account).where(Account.person_id == person_id)).one()


def own(person_id: int) -> Own:
    """Return what a person's own page shows; the phone is masked."""
    who = person(person_id)
    login = db.session.scalar(select(Account.login).where(Account.person_id == person_id))
    contacts = {
        row.kind: row.value
        for row in db.session.scalars(
            select(ContactPoint).where(ContactPoint.person_id == person_id)
        )
    }
    home = db.session.execute(
        select(Division.name, Building.name)
        .join(Residence, Residence.community_id == Division.id)
        .outerjoin(Building, Building.id == Residence.building_id)
        .where(Residence.person_id == person_id, Residence.valid_to.is_(None))
        .order_by(Residence.id.desc())
        .limit(1)
    ).first()
    phone = contacts.get(ContactKind.PHONE)
    return Own(
        public_name=who.public_name,
        lang=who.lang,
        login=login,
        phone=mask_phone(phone) if phone else None,
        mail=contacts.get(ContactKind.EMAIL),
        home=tuple(part for part in home if part) if home else (),
    )
