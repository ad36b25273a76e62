"""Time as an argument: rules and services are handed `now`; only the edges ask the clock.

Under MODE=test child processes read an offset in seconds from a file, so that a story can cross
days; elsewhere the file is never looked at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

_offset_file: Path | None = None
_shift = timedelta(0)


def read_offset_from(path: Path | None) -> None:
    """Let this process's clock be shifted by the seconds in `path` (tests only)."""
    global _offset_file  # noqa: PLW0603 - one clock a process, set once at start
    _offset_file = path


@contextmanager
def shifted(by: timedelta) -> Iterator[None]:
    """Let this process live at another time for a while: the demonstration tells of last week."""
    global _shift  # noqa: PLW0603 - one clock a process
    before, _shift = _shift, by
    try:
        yield
    finally:
        _shift = before


def offset() -> timedelta:
    """Return the shift of this process's clock, zero outside tests and the demonstration's seed."""
    if _offset_file is None or not _offset_file.exists():
        return _shift
    return _shift + timedelta(seconds=float(_offset_file.read_text() or 0))


def now() -> datetime:
    """Return this machine's time, aware, in UTC."""
    return datetime.now(UTC) + offset()


def db_now(session: Session | scoped_session[Any]) -> datetime:
    """Return the database's time, aware, in UTC: the judge of casting, leases and closing."""
    if session.get_bind().dialect.name == "postgresql":
        stamp: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return stamp.astimezone(UTC) + offset()
    return now()
