"""What the `holidays` package knows of China's working days.

The State Council announces each year's holidays and working weekends (调休) in the autumn before.
A year is complete once its working weekends are known: with only the holidays that the law fixes,
a clock could run over a Saturday that is worked.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

SOURCE = "国务院办公厅放假安排, as kept by the Python package holidays"
FIRST_LISTED = 2019
STATUTORY = "全国年节及纪念日放假办法; 调休 not announced yet"


@dataclass(frozen=True)
class KnownDay:
    """A day that differs from its weekday."""

    day: date
    is_working: bool
    note: str
    source: str


def complete_through() -> int:
    """Return the last year whose working weekends the package knows."""
    return max(day.year for day in _weekends(range(FIRST_LISTED, FIRST_LISTED + 40)))


def known_days(first_year: int, last_year: int) -> list[KnownDay]:
    """Return holidays and working weekends of these years, in order."""
    years = range(first_year, last_year + 1)
    last = complete_through()
    found = {
        day: KnownDay(day, False, name, SOURCE if day.year <= last else STATUTORY)
        for day, name in _china(years).items()
    }
    for day in _weekends(years):
        found[day] = KnownDay(day, True, "调休上班", SOURCE)
    return [found[day] for day in sorted(found) if day.year in years]


def _weekends(years: range) -> list[date]:
    return [day for day in _china(years).weekend_workdays if day.year in years]


def _china(years: range) -> Any:
    from holidays import country_holidays  # noqa: PLC0415 - takes half a second, seldom needed

    return country_holidays("CN", years=years, language="zh_CN")
