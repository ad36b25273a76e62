"""Times as hotline exports write them; without a zone they are Shanghai's."""

import re
from datetime import UTC, date, datetime, timedelta

from portal.core.ids import SHANGHAI

EARLIEST, LATEST = 1990, 2100
_WRITTEN = re.compile(
    r"(?P<y>\d{4})[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})日?"
    r"(?:[T\s]*(?P<H>\d{1,2})[:：时点](?P<M>\d{1,2})?(?:[:：分](?P<S>\d{1,2})?(?:\.\d+)?秒?)?)?"
    r"\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?:(?P<H>\d{2})(?P<M>\d{2})(?P<S>\d{2})?)?", re.ASCII
)


class NotATime(ValueError):
    """The cell holds no time that can be understood."""


def read(cell: object, *, end_of_day: bool = False) -> datetime:
    """Return the moment a cell says, in UTC; raises NotATime.

    `end_of_day` reads a bare day as its end, as a deadline means it.
    """
    if isinstance(cell, datetime):
        return _moment(cell, cell.tzinfo is not None)
    if isinstance(cell, date):
        return _moment(_day(datetime(cell.year, cell.month, cell.day), end_of_day), False)  # noqa: DTZ001 - _moment gives it its zone
    text = _digits(cell)
    match = _WRITTEN.fullmatch(text) or _COMPACT.fullmatch(text)
    if match is None:
        raise NotATime(text)
    part = match.groupdict()
    try:
        moment = datetime(  # noqa: DTZ001 - the zone comes with _moment
            int(part["y"]),
            int(part["m"]),
            int(part["d"]),
            int(part["H"] or 0),
            int(part["M"] or 0),
            int(part["S"] or 0),
        )
        if part["H"] is None:
            moment = _day(moment, end_of_day)
        zone = part.get("zone")
        if zone:
            moment = datetime.fromisoformat(f"{moment.isoformat()}{_offset(zone)}")
    except (ValueError, OverflowError):
        raise NotATime(text) from None
    return _moment(moment, bool(zone))


def _digits(cell: object) -> str:
    """Return a cell's text; numbers lose the '.0' that workbooks give them."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _offset(zone: str) -> str:
    if zone.upper() == "Z":
        return "+00:00"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"


def _day(moment: datetime, end_of_day: bool) -> datetime:  # noqa: FBT001 - private, one caller's flag
    return moment + timedelta(days=1) if end_of_day else moment


def _moment(moment: datetime, has_zone: bool) -> datetime:  # noqa: FBT001 - private
    if not EARLIEST <= moment.year <= LATEST:
        raise NotATime(str(moment))
    return (moment if has_zone else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)
