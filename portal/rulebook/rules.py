"""What rule values mean, and how a deadline is counted on a working calendar."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
WEEKEND = 5


class Unit(StrEnum):
    """The unit of a rule's value."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    COUNT = "count"
    SHARE = "share"
    METRES = "metres"
    PIXELS = "pixels"
    BYTES = "bytes"
    FLAG = "flag"
    TEXT = "text"
    LIST = "list"


class RuleMissing(LookupError):
    """The edition has no such rule: the rulebook must be mended, no default is guessed."""


@dataclass(frozen=True)
class Calendar:
    """Which days are worked. `exceptions` maps a day to whether it is worked."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    last_year: int = 0

    def is_working(self, day: date) -> bool:
        """Tell whether people work on `day`."""
        return self.exceptions.get(day, day.weekday() < WEEKEND)

    def ends(self) -> date:
        """Return the last day the calendar knows."""
        return date(self.last_year, 12, 31) if self.last_year else date.min


@dataclass(frozen=True)
class Allowance:
    """A span of time that a rule grants."""

    amount: int
    unit: Unit

    def after(self, start: datetime, calendar: Calendar) -> datetime:
        """Return the deadline for something that began at `start` (aware).

        Minutes, hours and days run on. Working days are counted from the next day on and end at
        the same clock time in Shanghai; started on a free day, they count from the next worked one.
        """
        if self.unit is Unit.MINUTES:
            return start + timedelta(minutes=self.amount)
        if self.unit is Unit.HOURS:
            return start + timedelta(hours=self.amount)
        if self.unit is Unit.DAYS:
            return start + timedelta(days=self.amount)
        local = start.astimezone(ZONE)
        day, left = local.date(), self.amount
        while left > 0:
            day += timedelta(days=1)
            left -= calendar.is_working(day)
        clock_time: time = local.timetz().replace(tzinfo=None)
        return datetime.combine(day, clock_time, ZONE).astimezone(start.tzinfo)

    def span(self) -> timedelta:
        """Return a plain span; raises ValueError for working days, which have none."""
        if self.unit is Unit.WORKING_DAYS:
            raise ValueError("working days need a calendar")
        return timedelta(**{self.unit.value: self.amount})


@dataclass(frozen=True)
class Rulebook:
    """One edition, ready to be asked. Raises RuleMissing for an unknown key."""

    edition_id: int
    values: Mapping[str, tuple[Any, Unit]]
    calendar: Calendar = field(default_factory=Calendar)

    def _get(self, key: str, *units: Unit) -> Any:
        try:
            value, unit = self.values[key]
        except KeyError:
            raise RuleMissing(key) from None
        if units and unit not in units:
            raise RuleMissing(f"{key} is in {unit}")
        return value

    def allowance(self, key: str) -> Allowance:
        """Return the span a rule grants."""
        value = self._get(key, Unit.MINUTES, Unit.HOURS, Unit.DAYS, Unit.WORKING_DAYS)
        return Allowance(int(value), self.values[key][1])

    def due(self, key: str, start: datetime) -> datetime:
        """Return the deadline that a rule sets for something begun at `start`."""
        return self.allowance(key).after(start, self.calendar)

    def number(self, key: str) -> int:
        """Return a count, distance or size."""
        return int(self._get(key, Unit.COUNT, Unit.METRES, Unit.PIXELS, Unit.BYTES))

    def share(self, key: str) -> tuple[int, int]:
        """Return a share as numerator and denominator: shares are compared with integers."""
        top, bottom = self._get(key, Unit.SHARE)
        return int(top), int(bottom)

    def flag(self, key: str) -> bool:
        """Return a yes or no."""
        return bool(self._get(key, Unit.FLAG))

    def text(self, key: str) -> str:
        """Return a text."""
        return str(self._get(key, Unit.TEXT))

    def items(self, key: str) -> tuple[Any, ...]:
        """Return a list."""
        return tuple(self._get(key, Unit.LIST))


def overdue_share(start: datetime, due: datetime, now: datetime) -> float:
    """Return how much of the span is used: 0.8 is amber, 1.0 red (the thresholds are rules)."""
    whole = (due - start).total_seconds()
    return 1.0 if whole <= 0 else (now - start).total_seconds() / whole
