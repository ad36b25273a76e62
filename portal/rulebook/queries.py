"""Read editions. A published edition never changes, so each is read once a process."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, select

from portal.core.db import db
from portal.rulebook.models import CalendarDay, CalendarYear, Edition, Rule
from portal.rulebook.rules import Calendar, Rulebook, RuleMissing, Unit

DEFAULT = Path(__file__).parent / "editions" / "default.toml"
_read: dict[tuple[Engine, int], Rulebook] = {}


def forget() -> None:
    """Drop what was read (tests, and after the calendar was edited)."""
    _read.clear()


def book(edition_id: int) -> Rulebook:
    """Return an edition ready to be asked; raises RuleMissing when there is no such edition."""
    key = (db.engine, edition_id)
    if key not in _read:
        edition = db.session.get(Edition, edition_id)
        if edition is None:
            raise RuleMissing(f"edition {edition_id}")
        rows = db.session.execute(
            select(Rule.key, Rule.value, Rule.unit).where(Rule.edition_id == edition_id)
        )
        values = {name: (value, Unit(unit)) for name, value, unit in rows}
        _read[key] = Rulebook(edition_id, values, calendar(edition.district_id))
    return _read[key]


def current(district_id: int, on: date) -> Rulebook:
    """Return the district's edition in force on a day; raises RuleMissing when there is none."""
    edition_id = db.session.scalar(
        select(Edition.id)
        .where(Edition.district_id == district_id, Edition.valid_from <= on)
        .order_by(Edition.valid_from.desc(), Edition.number.desc())
        .limit(1)
    )
    if edition_id is None:
        raise RuleMissing(f"no edition for district {district_id} on {on}")
    return book(edition_id)


def installation(on: date) -> Rulebook:
    """Return the rules of what belongs to no district: signing in, mail.

    They are those of the district that was set up first; before there is one, the default edition.
    """
    district_id = home_district_id(on)
    return default() if district_id is None else current(district_id, on)


def home_district_id(on: date) -> int | None:
    """Return the district that this installation serves: the first that has rules in force."""
    return db.session.scalar(
        select(Edition.district_id).where(Edition.valid_from <= on).order_by(Edition.id).limit(1)
    )


@cache
def default() -> Rulebook:
    """Return the shipped edition."""
    sections = tomllib.loads(DEFAULT.read_text())
    values = {
        f"{section}.{key}": (rule["value"], Unit(rule["unit"]))
        for section, rules in sections.items()
        if section != "edition"
        for key, rule in rules.items()
    }
    return Rulebook(0, values)


def calendar(district_id: int) -> Calendar:
    """Return the district's working calendar."""
    days = db.session.execute(
        select(CalendarDay.day, CalendarDay.is_working).where(
            CalendarDay.district_id == district_id
        )
    )
    last = db.session.scalar(
        select(CalendarYear.year)
        .where(CalendarYear.district_id == district_id)
        .order_by(CalendarYear.year.desc())
        .limit(1)
    )
    return Calendar({day: bool(works) for day, works in days}, last or 0)


def calendar_warning(district_id: int, on: date) -> int | None:
    """Return the days until the district's calendar ends, if that is soon; else None.

    How soon is a rule; clocks in working days must never run past what the calendar knows.
    """
    rules = current(district_id, on)
    left = (rules.calendar.ends() - on).days
    return left if left <= rules.allowance("rulebook.calendar.warn").span().days else None
