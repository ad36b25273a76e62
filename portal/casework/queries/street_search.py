"""Searching a street's problems from the dispatch board."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from portal.accounts.models import ContactPoint
from portal.accounts.rules import mask_phone
from portal.accounts.states import ContactKind
from portal.core import ids
from portal.core.db import db
from portal.problems.models import Problem
from portal.problems.queries import escape
from portal.problems.states import OPEN, ProblemState

SEARCH_SIZE = 20
PHONES_LOOKED_AT = 500
LAST_DIGITS = 4


@dataclass(frozen=True)
class Found:
    """One hit of the board's search; `phone` is masked, and given where it was searched for."""

    ref: str
    title: str
    state: ProblemState
    address: str
    submitted_at: datetime
    phone: str = ""


def search(street_id: int, words: str) -> list[Found]:
    """Return problems of a street by reference, address or title, or a phone's last four digits.

    Numbers are sealed, so the reporters of the street's open problems are opened one by one
    (the last PHONES_LOOKED_AT) and compared; nothing of a number is stored to search in.
    """
    digits = ids.normalise_ref(words)
    if ids.is_ref(digits):
        return _found(Problem.street_id == street_id, Problem.ref == digits)
    if len(digits) == LAST_DIGITS and digits == words.strip():
        hits = _by_phone(street_id, digits)
        if hits:
            return hits
    if not words.strip():
        return []
    like = f"%{escape(words.strip())}%"
    return _found(
        Problem.street_id == street_id,
        or_(Problem.address.like(like, escape="\\"), Problem.title.like(like, escape="\\")),
    )


def _found(*where: ColumnElement[bool]) -> list[Found]:
    rows = db.session.execute(
        select(Problem.ref, Problem.title, Problem.state, Problem.address, Problem.submitted_at)
        .where(*where)
        .order_by(Problem.submitted_at.desc(), Problem.id.desc())
        .limit(SEARCH_SIZE)
    )
    return [Found(*row) for row in rows]


def _by_phone(street_id: int, digits: str) -> list[Found]:
    rows = db.session.execute(
        select(
            Problem.ref,
            Problem.title,
            Problem.state,
            Problem.address,
            Problem.submitted_at,
            ContactPoint.value,
        )
        .join(ContactPoint, ContactPoint.person_id == Problem.reporter_id)
        .where(
            Problem.street_id == street_id,
            Problem.state.in_(OPEN),
            ContactPoint.kind == ContactKind.PHONE,
        )
        .order_by(Problem.submitted_at.desc(), Problem.id.desc())
        .limit(PHONES_LOOKED_AT)
    )
    return [Found(*row[:5], mask_phone(row[5])) for row in rows if row[5].endswith(digits)]
