"""Publish editions and fill the working calendar; a published edition never changes."""

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.core import uow
from portal.core.db import db
from portal.rulebook import almanac, queries
from portal.rulebook.events import CalendarSet, EditionPublished
from portal.rulebook.models import CalendarDay, CalendarYear, Edition, Rule
from portal.rulebook.rules import Unit


class EditionInvalid(ValueError):
    """The text is no edition; the message names the rule and what is wrong with it."""


@dataclass(frozen=True)
class Draft:
    """An edition as read from TOML and checked."""

    valid_from: date
    source: str
    rules: dict[str, tuple[Any, Unit, str]]


def read_edition(toml: str) -> Draft:
    """Read and check an edition; raises EditionInvalid. Each rule needs value, unit and source."""
    try:
        sections = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        raise EditionInvalid(f"not TOML: {error}") from None
    head = sections.pop("edition", {})
    valid_from, source = head.get("valid_from"), head.get("source")
    if type(valid_from) is not date or not source:
        raise EditionInvalid("[edition] needs valid_from (a date) and source")
    rules = {}
    for section, rows in sections.items():
        if not isinstance(rows, dict):
            raise EditionInvalid(f"{section} stands outside a section")
        for key, row in rows.items():
            rules[f"{section}.{key}"] = _rule(f"{section}.{key}", row)
    return Draft(valid_from, str(source), rules)


def _rule(key: str, row: object) -> tuple[Any, Unit, str]:
    if not isinstance(row, dict) or set(row) != {"value", "unit", "source"}:
        raise EditionInvalid(f"{key} needs exactly value, unit and source")
    try:
        return row["value"], Unit(row["unit"]), str(row["source"])
    except ValueError:
        raise EditionInvalid(f"{key} has the unknown unit {row['unit']!r}") from None


def publish_edition(
    district_id: int, toml: str, *, now: datetime, actor_id: int | None = None
) -> Edition | None:
    """Publish the district's next edition; None when the newest says the same already.

    Raises EditionInvalid. Cases under way keep the edition they began under.
    """
    draft = read_edition(toml)
    newest = db.session.scalars(
        select(Edition)
        .where(Edition.district_id == district_id)
        .order_by(Edition.number.desc())
        .limit(1)
    ).first()
    if newest is not None and _says_the_same(newest, draft):
        return None
    edition = Edition(
        district_id=district_id,
        number=newest.number + 1 if newest else 1,
        valid_from=draft.valid_from,
        source=draft.source,
        published_at=now,
    )
    db.session.add(edition)
    db.session.flush()
    db.session.add_all(
        Rule(edition_id=edition.id, key=key, value=value, unit=unit.value, source=source)
        for key, (value, unit, source) in draft.rules.items()
    )
    uow.record(
        EditionPublished(at=now, actor_id=actor_id, edition_id=edition.id, number=edition.number)
    )
    db.session.flush()
    return edition


def _says_the_same(edition: Edition, draft: Draft) -> bool:
    stored = db.session.execute(
        select(Rule.key, Rule.value, Rule.unit, Rule.source).where(Rule.edition_id == edition.id)
    )
    return (
        edition.valid_from == draft.valid_from
        and {key: (value, Unit(unit), source) for key, value, unit, source in stored} == draft.rules
    )


def set_calendar(
    district_id: int, *, first_year: int, last_year: int, now: datetime, actor_id: int | None = None
) -> int:
    """Fill the district's calendar from the almanac; days an operator set stay. Returns new days.

    A year counts as complete only when its working weekends are known.
    """
    known = set(
        db.session.scalars(select(CalendarDay.day).where(CalendarDay.district_id == district_id))
    )
    fresh = [d for d in almanac.known_days(first_year, last_year) if d.day not in known]
    db.session.add_all(
        CalendarDay(
            district_id=district_id,
            day=d.day,
            is_working=d.is_working,
            note=d.note,
            source=d.source,
        )
        for d in fresh
    )
    complete = set(
        db.session.scalars(select(CalendarYear.year).where(CalendarYear.district_id == district_id))
    )
    last = min(last_year, almanac.complete_through())
    new_years = [year for year in range(first_year, last + 1) if year not in complete]
    db.session.add_all(
        CalendarYear(district_id=district_id, year=year, source=almanac.SOURCE)
        for year in new_years
    )
    if fresh or new_years:
        uow.record(
            CalendarSet(
                at=now,
                actor_id=actor_id,
                district_id=district_id,
                days=len(fresh),
                last_year=last,
            )
        )
        queries.forget()
    db.session.flush()
    return len(fresh)
