"""Keyset pages: the next page begins after the last row's sort values, never at an offset."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

T = TypeVar("T")
Key = tuple[str | int, ...]
MAX_KEY = 2**31 - 1  # what PostgreSQL holds in an id


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of rows, and the cursor of the next one if there is more."""

    items: Sequence[T]
    next_cursor: str | None = None


def encode(key: Key) -> str:
    """Return a cursor for the sort values of the last row shown."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type[datetime] | type[int] | type[str]) -> Key | None:
    """Return the sort values in `cursor`, or None when it is missing or not ours.

    Times stay as ISO text of the given kind's position; the caller parses with `as_time`.
    """
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != len(kinds):
        return None
    for value, kind in zip(values, kinds, strict=True):
        if kind is datetime and as_time(value) is None:
            return None
        if kind is int:
            if not isinstance(value, int) or isinstance(value, bool) or abs(value) > MAX_KEY:
                return None
        elif not isinstance(value, str):
            return None
    return tuple(values)


def as_time(value: object) -> datetime | None:
    """Return the aware time in a cursor's value, or None."""
    try:
        found = datetime.fromisoformat(str(value))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):  # the ends of the calendar have no time in UTC
        return None


def cut(rows: Sequence[T], size: int, key: Callable[[T], Key]) -> Page[T]:
    """Make a page of `size` out of rows fetched with LIMIT size + 1."""
    shown = rows[:size]
    return Page(shown, encode(key(shown[-1])) if len(rows) > size and shown else None)
