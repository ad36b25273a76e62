"""When a mail is tried again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.notifications.rules import LONGEST_WAIT, next_try

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


def test_the_wait_doubles() -> None:
    assert next_try(1, NOW) - NOW == timedelta(seconds=30)
    assert next_try(3, NOW) - NOW == timedelta(minutes=2)


@given(st.integers(0, 10**6))
def test_the_wait_is_never_longer_than_an_hour(attempts: int) -> None:
    assert NOW < next_try(attempts, NOW) <= NOW + LONGEST_WAIT
