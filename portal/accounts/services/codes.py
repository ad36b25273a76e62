"""One-time codes: six digits for one phone or mail address and one purpose, kept hashed."""

import hmac
import secrets
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from portal.accounts.events import CodeSent, SignInRefused
from portal.accounts.models import FailedTry, PhoneCode
from portal.accounts.rules import Limits
from portal.accounts.services import tries
from portal.core import uow
from portal.core.db import db
from portal.core.decisions import Decision, deny
from portal.core.errors import Refused
from portal.core.sealed import lookup_hash

HOUR = timedelta(hours=1)
DIGITS = 6


def send_code(to: str, purpose: str, *, address: str, limits: Limits, now: datetime) -> str:
    """Make a code and return it; the caller sends it after the commit (see `desk.ask_code`).

    It makes no difference whether anybody has this contact. An older code for the same purpose
    ends. Raises Refused: `code_too_soon`, `too_many_codes`.
    """
    contact = lookup_hash("contact", to)
    tries.hold(contact)
    last, count = db.session.execute(
        select(func.max(PhoneCode.created_at), func.count()).where(
            PhoneCode.contact_hash == contact, PhoneCode.created_at > now - HOUR
        )
    ).one()
    asked = lookup_hash("code asked", address)
    if last is not None and last > now - limits.code_gap:
        raise Refused("code_too_soon")
    if (
        count >= limits.code_hourly
        or tries.recent(asked, HOUR, now, limits.code_address) >= limits.code_address
    ):
        raise Refused("too_many_codes")
    _end_older(contact, purpose, now)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    db.session.add_all(
        [
            FailedTry(key_hash=asked, at=now),
            PhoneCode(
                contact_hash=contact,
                purpose=purpose,
                code_hash=_hash(contact, purpose, code),
                created_at=now,
                expires_at=now + limits.code_valid,
            ),
        ]
    )
    uow.record(CodeSent(at=now, purpose=purpose))
    db.session.flush()
    return code


def check_code(
    to: str, purpose: str, code: str, *, address: str, limits: Limits, now: datetime
) -> Decision:
    """Judge a code; a right one is used up. Never raises: let the act commit the try.

    Denied with `wrong_code` or `locked_out`.
    """
    contact = lookup_hash("contact", to)
    allowed = tries.take(contact, address, limits, now)
    if not allowed:
        return allowed
    row = db.session.scalars(
        select(PhoneCode)
        .where(
            PhoneCode.contact_hash == contact,
            PhoneCode.purpose == purpose,
            PhoneCode.used_at.is_(None),
            PhoneCode.expires_at > now,
        )
        .order_by(PhoneCode.id.desc())
        .limit(1)
        .with_for_update()
    ).first()
    expected = row.code_hash if row else _hash(contact, purpose, "nothing was sent")
    given = "".join(char for char in code if char.isascii() and char.isdigit())
    if not hmac.compare_digest(expected, _hash(contact, purpose, given)) or row is None:
        if row is not None:
            row.tries += 1
        uow.record(SignInRefused(at=now, way="code"))
        db.session.flush()
        return deny("wrong_code")
    row.used_at = now
    tries.forgive(contact, address)
    db.session.flush()
    return allowed


def _end_older(contact: str, purpose: str, now: datetime) -> None:
    db.session.execute(
        update(PhoneCode)
        .where(
            PhoneCode.contact_hash == contact,
            PhoneCode.purpose == purpose,
            PhoneCode.used_at.is_(None),
        )
        .values(used_at=now)
    )


def _hash(contact: str, purpose: str, code: str) -> str:
    return lookup_hash("phone code", f"{contact}\0{purpose}\0{code}")
