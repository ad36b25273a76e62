"""Digest and link: every part of an entry counts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from portal.audit import rules

ENTRY = {
    "salt": "s", "act_id": "a", "at": datetime(2026, 11, 25, 1, tzinfo=UTC),
    "tag": "problems:problem:accept", "subject": "problem:1", "actor_id": 1, "unit_id": 2,
    "slots": {"problem_id": 1, "urgency": "L3"},
}  # fmt: skip


def test_the_same_entry_has_the_same_digest_in_any_zone() -> None:
    there = {**ENTRY, "at": ENTRY["at"].astimezone(timezone(timedelta(hours=8)))}

    assert rules.digest(**there) == rules.digest(**ENTRY)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        ("salt", "t"), ("act_id", "b"), ("at", datetime(2026, 11, 25, 2, tzinfo=UTC)),
        ("tag", "problems:problem:decline"), ("subject", "problem:2"), ("actor_id", None),
        ("unit_id", 3), ("slots", {"problem_id": 1, "urgency": "L1"}),
    ],
)  # fmt: skip
def test_every_part_counts(part: str, other: object) -> None:
    assert rules.digest(**{**ENTRY, part: other}) != rules.digest(**ENTRY)


def test_a_link_depends_on_place_and_past() -> None:
    assert rules.link(rules.GENESIS, 1, "d") != rules.link(rules.GENESIS, 2, "d")
    assert rules.link(rules.GENESIS, 1, "d") != rules.link("1" * 64, 1, "d")
