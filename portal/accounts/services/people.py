"""People and how they are reached."""

from datetime import date, datetime

from sqlalchemy import select

from portal.accounts import queries
from portal.accounts.events import AccountClosed, AccountOpened, PersonChanged
from portal.accounts.models import Account, ContactPoint, Person, Residence
from portal.accounts.rules import Limits
from portal.accounts.services import tries
from portal.accounts.services.sessions import end_sessions
from portal.accounts.states import CheckLevel, ContactKind
from portal.core import uow
from portal.core.db import db
from portal.core.sealed import lookup_hash


def person_for_phone(
    phone: str, *, limits: Limits, now: datetime, lang: str = "zh", actor_id: int | None = None
) -> Person:
    """Return who signs in with this phone; an unknown phone makes a new person with an account.

    The phone was proved by a code (or, for a walk-in, taken down by a worker: then only the
    contact's `verified_at` differs, see `verified`).
    """
    tries.hold(lookup_hash("contact", phone))
    found = queries.person_by_contact(ContactKind.PHONE, phone)
    if found is not None:
        return found
    person = Person(public_name=limits.unnamed, lang=lang, created_at=now)
    db.session.add(person)
    db.session.flush()
    db.session.add(
        ContactPoint(
            person_id=person.id,
            kind=ContactKind.PHONE,
            value=phone,
            value_hash=lookup_hash("contact", phone),
            verified_at=now,
            signs_in=True,
        )
    )
    open_account(person, now=now, actor_id=actor_id or person.id)
    return person


def note_person(public_name: str, *, lang: str, now: datetime) -> Person:
    """Write down somebody who gave a name but no phone: nobody signs in as them."""
    person = Person(public_name=public_name, lang=lang, created_at=now)
    db.session.add(person)
    db.session.flush()
    return person


def account_for_phone(phone: str, *, limits: Limits, now: datetime, lang: str = "zh") -> Account:
    """Return the account that signs in with this phone, opened if there is none."""
    person = person_for_phone(phone, limits=limits, now=now, lang=lang)
    account = db.session.scalar(select(Account).where(Account.person_id == person.id))
    return account or open_account(person, now=now, actor_id=person.id)


def open_account(
    person: Person, *, now: datetime, actor_id: int | None, login: str | None = None
) -> Account:
    """Give a person the right to sign in."""
    account = Account(person_id=person.id, login=login, created_at=now)
    db.session.add(account)
    db.session.flush()
    uow.record(AccountOpened(at=now, actor_id=actor_id, account_id=account.id))
    return account


def close_account(account: Account, *, actor_id: int | None, now: datetime) -> None:
    """Take the right to sign in away; what the person did stays."""
    account.disabled_at = now
    end_sessions(account.id, now)
    uow.record(AccountClosed(at=now, actor_id=actor_id, account_id=account.id))
    db.session.flush()


def change_person(
    person: Person, *, public_name: str, lang: str, actor_id: int, now: datetime
) -> None:
    """Change how a person is called in public and which language their messages have."""
    person.public_name, person.lang = public_name, lang
    uow.record(PersonChanged(at=now, actor_id=actor_id, person_id=person.id))
    db.session.flush()


def set_mail(person_id: int, address: str | None, *, actor_id: int, now: datetime) -> None:
    """Set, or with None remove, the mail address that notices go to; it never signs in."""
    row = db.session.scalar(
        select(ContactPoint).where(
            ContactPoint.person_id == person_id, ContactPoint.kind == ContactKind.EMAIL
        )
    )
    if row is not None and address is None:
        db.session.delete(row)
    elif row is not None and address is not None:
        row.value, row.value_hash = address, lookup_hash("contact", address)
        row.verified_at = now
    elif address is not None:
        db.session.add(
            ContactPoint(
                person_id=person_id,
                kind=ContactKind.EMAIL,
                value=address,
                value_hash=lookup_hash("contact", address),
                verified_at=now,
            )
        )
    uow.record(PersonChanged(at=now, actor_id=actor_id, person_id=person_id))
    db.session.flush()


def end_residence(person_id: int, *, on: date) -> None:
    """End where the person lives now; the row stays."""
    for row in db.session.scalars(
        select(Residence).where(Residence.person_id == person_id, Residence.valid_to.is_(None))
    ):
        row.valid_to = on
    db.session.flush()


def move_to(
    person_id: int,
    *,
    community_id: int,
    building_id: int,
    grid_id: int | None,
    actor_id: int,
    now: datetime,
    on: date,
) -> Residence:
    """Say where the person lives from a day on; a phone is all that was checked so far."""
    end_residence(person_id, on=on)
    row = Residence(
        person_id=person_id,
        community_id=community_id,
        building_id=building_id,
        grid_id=grid_id,
        check_level=int(CheckLevel.PHONE),
        valid_from=on,
    )
    db.session.add(row)
    uow.record(PersonChanged(at=now, actor_id=actor_id, person_id=person_id))
    db.session.flush()
    return row
