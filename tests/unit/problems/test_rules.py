"""Deadlines of problems, and what counts as near."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.problems import rules
from portal.rulebook.queries import default

BOOK = default()
NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
LAT, LNG = st.floats(18.0, 53.0), st.floats(73.0, 135.0)


def test_the_first_clocks() -> None:
    assert rules.triage_due(BOOK, NOW) == NOW + timedelta(minutes=30)
    assert rules.review_due(BOOK, NOW) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("urgency", "span"),
    [
        ("L1", timedelta(hours=2)),
        ("L2", timedelta(hours=24)),
        ("L3", timedelta(days=7)),
        ("L4", timedelta(days=15)),
    ],
)
def test_urgency_sets_the_limit_unless_the_hotline_does(urgency: str, span: timedelta) -> None:
    hotline = NOW + timedelta(days=2)

    assert rules.handling_due(BOOK, urgency, NOW, None) == NOW + span
    assert rules.handling_due(BOOK, urgency, NOW, hotline) == hotline


def test_later_clocks() -> None:
    thursday = NOW + timedelta(days=1)

    assert rules.rework_due(BOOK, NOW) == NOW + timedelta(days=5)  # three working days
    assert rules.verify_due(BOOK, NOW) == thursday
    assert rules.acknowledge_due(BOOK, NOW, thursday) == NOW + timedelta(hours=2)
    assert rules.acknowledge_due(BOOK, NOW, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


def test_late_begins_at_the_very_moment() -> None:
    assert rules.is_late(NOW, NOW)
    assert not rules.is_late(NOW, NOW - timedelta(microseconds=1))


@pytest.mark.parametrize(
    ("due", "last", "is_open"),
    [
        (timedelta(0), None, True),
        (timedelta(seconds=1), None, False),
        (timedelta(hours=-1), timedelta(hours=-23), False),
        (timedelta(hours=-1), timedelta(hours=-24), True),
    ],
)
def test_a_nudge_once_a_gap(due: timedelta, last: timedelta | None, is_open: bool) -> None:
    at = None if last is None else NOW + last

    assert rules.nudge_open(NOW + due, at, NOW, timedelta(hours=24)) is is_open


def test_a_known_distance() -> None:
    # Tian'anmen to the north end of Beijing's axis, measured on a map: about 3.9 km.
    assert rules.metres(39.9087, 116.3975, 39.9436, 116.3903) == pytest.approx(3930, rel=0.01)
    assert rules.metres(40.0, 116.0, 40.0, 116.0) == 0


@given(LAT, LNG, LAT, LNG)
def test_distance_is_the_same_both_ways(a: float, b: float, c: float, d: float) -> None:
    assert rules.metres(a, b, c, d) == pytest.approx(rules.metres(c, d, a, b), abs=1e-6)


@given(LAT, LNG, st.floats(-0.01, 0.01), st.floats(-0.01, 0.01), st.floats(1, 500))
def test_the_box_holds_the_circle(
    lat: float, lng: float, north: float, east: float, radius: float
) -> None:
    there = (lat + north, lng + east)
    south, northern, west, eastern = rules.box(lat, lng, radius)

    if rules.metres(lat, lng, *there) <= radius * 0.999:
        assert south <= there[0] <= northern
        assert west <= there[1] <= eastern


@given(st.text(min_size=1).filter(str.strip))
def test_a_title_is_one_short_line(body: str) -> None:
    title = rules.title_of(body)

    assert len(title) <= 80
    assert "\n" not in title


def test_what_a_photo_may_be_comes_from_the_book() -> None:
    limits = rules.picture_limits(BOOK)

    assert limits.max_bytes == BOOK.number("media.photo.bytes")
    assert limits.long_side == BOOK.number("media.photo.long_side")
