"""Spans of time on a working calendar, and rules that are asked in their unit."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.rulebook.rules import (
    ZONE,
    Allowance,
    Calendar,
    Rulebook,
    RuleMissing,
    Unit,
    overdue_share,
)

# 2026-10-01 to 10-07 is a holiday; Saturday 10-10 is worked instead (调休).
OCTOBER = Calendar(
    {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}, 2026
)
TIMES = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
CALENDARS = st.dictionaries(
    st.dates(date(2025, 1, 1), date(2028, 3, 1)), st.booleans(), max_size=60
).map(Calendar)


def shanghai(month: int, day: int, hour: int = 9) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (shanghai(11, 25), 1, shanghai(11, 26)),  # Wednesday to Thursday
        (shanghai(11, 27), 1, shanghai(11, 30)),  # Friday to Monday
        (shanghai(11, 28), 1, shanghai(11, 30)),  # Saturday counts from Monday on
        (shanghai(9, 30), 1, shanghai(10, 8)),  # over the holiday
        (shanghai(10, 9), 1, shanghai(10, 10)),  # a worked Saturday
        (shanghai(10, 9), 2, shanghai(10, 12)),
        (shanghai(11, 25, 23), 3, shanghai(11, 30, 23)),
        (shanghai(11, 25), 0, shanghai(11, 25)),
    ],
)
def test_working_days(start: datetime, days: int, end: datetime) -> None:
    assert Allowance(days, Unit.WORKING_DAYS).after(start, OCTOBER) == end


def test_the_day_is_that_of_shanghai() -> None:
    late = datetime(2026, 11, 27, 17, 0, tzinfo=UTC)  # already Saturday 01:00 in Shanghai

    assert Allowance(1, Unit.WORKING_DAYS).after(late, Calendar()) == shanghai(11, 30, 1)


@given(TIMES, st.integers(1, 20), CALENDARS)
def test_a_deadline_in_working_days_is_a_worked_day(
    start: datetime, days: int, calendar: Calendar
) -> None:
    end = Allowance(days, Unit.WORKING_DAYS).after(start, calendar)
    first, last = start.astimezone(ZONE), end.astimezone(ZONE)
    passed = [first.date() + timedelta(n) for n in range(1, (last.date() - first.date()).days + 1)]

    assert calendar.is_working(last.date())
    assert sum(calendar.is_working(day) for day in passed) == days
    assert last.time() == first.time()
    assert end.utcoffset() == timedelta(0)


@given(TIMES, st.integers(1, 20), st.integers(1, 20), CALENDARS)
def test_more_days_end_later(start: datetime, few: int, more: int, calendar: Calendar) -> None:
    unit = Unit.WORKING_DAYS
    sooner = Allowance(few, unit).after(start, calendar)

    assert Allowance(few + more, unit).after(start, calendar) > sooner > start


@given(TIMES, st.integers(0, 500), st.sampled_from([Unit.MINUTES, Unit.HOURS, Unit.DAYS]))
def test_plain_spans_run_on(start: datetime, amount: int, unit: Unit) -> None:
    allowance = Allowance(amount, unit)

    assert allowance.after(start, OCTOBER) == start + allowance.span()


def test_working_days_have_no_plain_span() -> None:
    with pytest.raises(ValueError, match="working days need a calendar"):
        Allowance(3, Unit.WORKING_DAYS).span()


def test_a_calendar_ends_with_its_last_year() -> None:
    assert OCTOBER.ends() == date(2026, 12, 31)
    assert Calendar().ends() == date.min


BOOK = Rulebook(
    1,
    {
        "a.limit": (30, Unit.MINUTES),
        "a.most": (6, Unit.COUNT),
        "a.radius": (200, Unit.METRES),
        "a.pass": ([2, 3], Unit.SHARE),
        "a.on": (True, Unit.FLAG),
        "a.name": ("居民", Unit.TEXT),
        "a.kinds": (["x", "y"], Unit.LIST),
    },
)


def test_each_rule_is_read_in_its_unit() -> None:
    start = shanghai(11, 25)

    assert BOOK.due("a.limit", start) == start + timedelta(minutes=30)
    assert BOOK.allowance("a.limit") == Allowance(30, Unit.MINUTES)
    assert (BOOK.number("a.most"), BOOK.number("a.radius")) == (6, 200)
    assert BOOK.share("a.pass") == (2, 3)
    assert BOOK.flag("a.on") is True
    assert BOOK.text("a.name") == "居民"
    assert BOOK.items("a.kinds") == ("x", "y")


def test_a_missing_rule_and_a_wrong_unit_are_named() -> None:
    with pytest.raises(RuleMissing, match=r"a\.nothing"):
        BOOK.number("a.nothing")
    with pytest.raises(RuleMissing, match=r"a\.limit is in minutes"):
        BOOK.number("a.limit")


def test_the_used_share_of_a_span() -> None:
    start, due = shanghai(11, 25, 9), shanghai(11, 25, 11)

    assert overdue_share(start, due, shanghai(11, 25, 10)) == 0.5
    assert overdue_share(start, due, shanghai(11, 25, 12)) == 1.5
    assert overdue_share(due, due, due) == 1.0
