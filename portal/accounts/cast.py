"""The invented cast of the demonstration, as the switch on top of the page lists it."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.accounts.models import Account, ContactPoint, Person
from portal.core.db import db
from portal.core.sealed import lookup_hash

RESIDENTS = {
    "wang": ("13900000001", _l("resident")),
    "li": ("13900000002", _l("resident")),
    "chen": ("13900000003", _l("resident")),
    "liu": ("13900000004", _l("resident supervisor")),
}
STAFF = {
    "zhou": _l("community worker"),
    "sun": _l("grid worker"),
    "zhao": _l("street dispatcher"),
    "he": _l("street leader"),
    "wu": _l("street enforcement team"),
    "zhang": _l("urban management"),
    "zhouli": _l("police"),
    "zheng": _l("environment bureau"),
    "feng": _l("housing bureau"),
    "gao": _l("head, housing bureau"),
    "xu": _l("power supply"),
    "ma": _l("gas company"),
    "cao": _l("property company"),
    "lin": _l("district platform"),
    "shen": _l("reviewer"),
    "bai": _l("auditor"),
}


@dataclass(frozen=True)
class Player:
    """One member of the cast who is in the database."""

    key: str
    name: str
    role: object


def players() -> list[Player]:
    """Return the cast in the order of a problem's way; empty before the seed was loaded."""
    by_login = dict(
        db.session.execute(
            select(Account.login, Person.public_name)
            .join(Person, Person.id == Account.person_id)
            .where(Account.login.in_(STAFF))
        ).all()
    )
    by_hash = dict(
        db.session.execute(
            select(ContactPoint.value_hash, Person.public_name)
            .join(Person, Person.id == ContactPoint.person_id)
            .where(ContactPoint.value_hash.in_([_hash(phone) for phone, _role in _residents()]))
        ).all()
    )
    found = [
        Player(key, by_hash[_hash(phone)], role)
        for key, (phone, role) in RESIDENTS.items()
        if _hash(phone) in by_hash
    ]
    return found + [
        Player(key, by_login[key], role) for key, role in STAFF.items() if key in by_login
    ]


def account_of(key: str) -> int | None:
    """Return the account of a member of the cast."""
    if key in RESIDENTS:
        return db.session.scalar(
            select(Account.id)
            .join(ContactPoint, ContactPoint.person_id == Account.person_id)
            .where(
                ContactPoint.value_hash == _hash(RESIDENTS[key][0]),
                ContactPoint.signs_in.is_(True),
            )
        )
    if key in STAFF:
        return db.session.scalar(select(Account.id).where(Account.login == key))
    return None


def _residents() -> list[tuple[str, object]]:
    return list(RESIDENTS.values())


def _hash(phone: str) -> str:
    return lookup_hash("contact", phone)
