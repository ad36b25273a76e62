"""When a mail is tried again."""

from datetime import datetime, timedelta

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)


def next_try(attempts: int, now: datetime) -> datetime:
    """Return when to try again after `attempts` failures: 30 s, doubling, at most an hour."""
    doublings = max(0, min(attempts - 1, 10))
    return now + min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
