"""Phones and session ends."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts import rules
from portal.rulebook.queries import default

START = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13900000001", "13900000001"),
        (" 139 0000 0001 ", "13900000001"),
        ("+86 139-0000-0001", "13900000001"),
        ("008613900000001", "13900000001"),
        ("12900000001", None),
        ("1390000000", None),
        ("139000000011", None),
        ("１３９００００００01", None),
        ("", None),
    ],
)
def test_a_phone_is_recognised_however_typed(typed: str, phone: str | None) -> None:
    assert rules.normalise_phone(typed) == phone


def test_a_masked_phone_can_not_be_called() -> None:
    assert rules.mask_phone("13900000001") == "139****0001"


def test_a_session_ends_by_idleness_and_at_the_latest_at_its_whole() -> None:
    limits = rules.limits(default())
    seen = START + timedelta(hours=1)
    assert (
        rules.session_end(limits, staff=True, started=START, seen=seen) == seen + limits.staff_idle
    )
    late = START + limits.staff_whole - timedelta(minutes=1)
    assert (
        rules.session_end(limits, staff=True, started=START, seen=late)
        == START + limits.staff_whole
    )
    assert (
        rules.session_end(limits, staff=False, started=START, seen=seen)
        == seen + limits.resident_idle
    )
