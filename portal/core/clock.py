"""Time as an argument: rules and services are handed `now`; only the edges ask the clock.

Under MODE=test child processes read an offset in seconds from a file, so that a story can cross
days; elsewhere the file is never looked at.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

_offset_file: Path | None = None


def read_offset_from(path: Path | None) -> None:
    """Let this process's clock be shifted by the seconds in `path` (tests only)."""
    global _offset_file  # noqa: PLW0603 - one clock a process, set once at start
    _offset_file = path


def offset() -> timedelta:
    """Return the shift of this process's clock, zero outside tests."""
    if _offset_file is None or not _offset_file.exists():
        return timedelta(0)
    return timedelta(seconds=float(_offset_file.read_text() or 0))


def now() -> datetime:
    """Return this machine's time, aware, in UTC."""
    return datetime.now(UTC) + offset()


def db_now(session: Session | scoped_session[Any]) -> datetime:
    """Return the database's time, aware, in UTC: the judge of casting, leases and closing."""
    if session.get_bind().dialect.name == "postgresql":
        stamp: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        return stamp.astimezone(UTC) + offset()
    return now()
