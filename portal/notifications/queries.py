"""Who was told what, and what a notice's words need."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, func, select

from portal.accounts.models import ContactPoint, Person
from portal.accounts.states import ContactKind
from portal.core import paging
from portal.core.db import db
from portal.core.paging import Page
from portal.notifications.models import Mail, Notice
from portal.notifications.states import MailState
from portal.organisations.models import Unit
from portal.problems.models import Problem
from portal.whistles.models import Whistle

HOUR = timedelta(hours=1)
BADGE_MOST = 100
LOOK_AT = 20


@dataclass(frozen=True)
class Facts:
    """What a sentence may say: the case's title, the unit concerned, and where to read on."""

    title: str = ""
    unit: str = ""
    path: str = "/"


def people(who: Select[Any], without: int | None, after: int, limit: int) -> list[int]:
    """Return the next batch of people to tell, by id; erased people are left out."""
    found = who.subquery()
    query = (
        select(Person.id)
        .join(found, found.c.person_id == Person.id)
        .where(Person.id > after, Person.erased_at.is_(None))
        .distinct()
        .order_by(Person.id)
        .limit(limit)
    )
    if without is not None:
        query = query.where(Person.id != without)
    return list(db.session.scalars(query))


def told_of(event_key: str, people: list[int]) -> frozenset[int]:
    """Return who of these was told of an event already."""
    return frozenset(
        db.session.scalars(
            select(Notice.person_id).where(
                Notice.event_key == event_key, Notice.person_id.in_(people)
            )
        )
    )


def with_mail(people: list[int]) -> frozenset[int]:
    """Return who of these has a proved mail address."""
    return frozenset(
        db.session.scalars(
            select(ContactPoint.person_id).where(
                ContactPoint.person_id.in_(people),
                ContactPoint.kind == ContactKind.EMAIL,
                ContactPoint.verified_at.is_not(None),
            )
        )
    )


def address_of(person_id: int) -> tuple[str, str, str] | None:
    """Return a person's mail address, name and language, if they can be reached by mail."""
    row = db.session.execute(
        select(ContactPoint.value, Person.public_name, Person.lang)
        .join(Person, Person.id == ContactPoint.person_id)
        .where(
            Person.id == person_id,
            Person.erased_at.is_(None),
            ContactPoint.kind == ContactKind.EMAIL,
            ContactPoint.verified_at.is_not(None),
        )
    ).first()
    return (row[0], row[1], row[2]) if row else None


def page(person_id: int, cursor: str | None, size: int) -> Page[Notice]:
    """Return a page of a person's notices, newest first."""
    query = select(Notice).where(Notice.person_id == person_id)
    before = paging.decode(cursor, int)
    if before is not None:
        query = query.where(Notice.id < before[0])
    rows = db.session.scalars(query.order_by(Notice.id.desc()).limit(size + 1)).all()
    return paging.cut(rows, size, lambda notice: (notice.id,))


# Asked for every page, so it is built once.
_UNREAD = select(func.count()).select_from(
    select(Notice.id)
    .where(Notice.person_id == bindparam("person_id"), Notice.read_at.is_(None))
    .limit(BADGE_MOST)
    .subquery()
)


def unread(person_id: int) -> int:
    """Return how many notices a person has not read, counting no further than 100."""
    return db.session.scalar(_UNREAD, {"person_id": person_id}) or 0


def own(key: str, person_id: int) -> Notice | None:
    """Return a person's own notice."""
    return db.session.scalar(select(Notice).where(Notice.key == key, Notice.person_id == person_id))


def key_of(event_key: str, person_id: int) -> str:
    """Return the key of what a person was told of an event in the portal."""
    return (
        db.session.scalar(
            select(Notice.key).where(Notice.event_key == event_key, Notice.person_id == person_id)
        )
        or ""
    )


def facts(told: Iterable[Notice | Mail]) -> dict[int, Facts]:
    """Return what the sentences of these notices or mails need, by their id."""
    told = list(told)
    problems = _titles(Problem, {_slot(one, "into_id", "problem_id") for one in told})
    whistles = _titles(Whistle, {_slot(one, "whistle_id") for one in told})
    units = _units({_slot(one, "called_unit_id", "holder_unit_id") for one in told})
    found = {}
    for one in told:
        unit = units.get(_slot(one, "called_unit_id", "holder_unit_id"), "")
        if whistle := whistles.get(_slot(one, "whistle_id")):
            found[one.id] = Facts(whistle[0], unit, f"/whistles/{whistle[1]}")
        elif problem := problems.get(_slot(one, "into_id", "problem_id")):
            rate = "/rate" if "round_id" in one.slots else ""
            found[one.id] = Facts(problem[0], unit, f"/p/{problem[1]}{rate}")
        else:
            found[one.id] = Facts()
    return found


def _slot(one: Notice | Mail, *names: str) -> int:
    return next((int(one.slots[name]) for name in names if one.slots.get(name)), 0)


def _titles(kind: type[Problem] | type[Whistle], ids: set[int]) -> dict[int, tuple[str, str]]:
    if ids <= {0}:
        return {}
    rows = db.session.execute(select(kind.id, kind.title, kind.ref).where(kind.id.in_(ids)))
    return {row[0]: (row[1], row[2]) for row in rows}


def _units(ids: set[int]) -> dict[int, str]:
    if ids <= {0}:
        return {}
    rows = db.session.execute(select(Unit.id, Unit.short_name).where(Unit.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def is_mail_due(now: datetime) -> bool:
    """Tell, without writing, whether a mail waits to go out."""
    return db.session.scalar(_due(now).with_only_columns(Mail.id).limit(1)) is not None


def due_mail(now: datetime) -> Sequence[Mail]:
    """Return the next due mails, locked so that two workers never take the same."""
    return db.session.scalars(_due(now).limit(LOOK_AT).with_for_update(skip_locked=True)).all()


def _due(now: datetime) -> Select[Any]:
    return (
        select(Mail).where(Mail.state == MailState.QUEUED, Mail.due_at <= now).order_by(Mail.due_at)
    )


def room_at(person_id: int, cap: int, now: datetime) -> datetime | None:
    """Return when a person may get mail again, or None when there is room now."""
    sent = db.session.scalars(
        select(Mail.sent_at)
        .where(Mail.person_id == person_id, Mail.sent_at > now - HOUR)
        .order_by(Mail.sent_at.desc())
        .limit(cap)
    ).all()
    oldest = sent[-1] if len(sent) == cap else None
    return oldest + HOUR if oldest else None


def uncertain(limit: int = 100) -> Sequence[Mail]:
    """Return the mails of which nobody knows whether they arrived, oldest first."""
    return db.session.scalars(
        select(Mail).where(Mail.state == MailState.UNCERTAIN).order_by(Mail.id).limit(limit)
    ).all()


def any_sending() -> bool:
    """Tell whether a hand-over is under way or was cut."""
    return (
        db.session.scalar(select(Mail.id).where(Mail.state == MailState.SENDING).limit(1))
        is not None
    )
