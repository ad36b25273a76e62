"""Pure arithmetic of problems: deadlines and what counts as near."""

import math
import re
from datetime import datetime, timedelta

from portal.media.pictures import PictureLimits
from portal.rulebook.rules import Rulebook

EARTH_RADIUS_M = 6_371_008.8


def triage_due(book: Rulebook, submitted_at: datetime) -> datetime:
    """Return until when the street looks at a new problem."""
    return book.due("problems.triage.limit", submitted_at)


def review_due(book: Rulebook, submitted_at: datetime) -> datetime:
    """Return until when the text is reviewed for publication (先审后发)."""
    return book.due("problems.publish.limit", submitted_at)


def handling_due(
    book: Rulebook, urgency: str, accepted_at: datetime, hotline_due: datetime | None
) -> datetime:
    """Return the limit of the whole matter: the urgency's, or the hotline's where it binds."""
    return hotline_due or book.due(f"problems.limit.{urgency}", accepted_at)


def rework_due(book: Rulebook, reopened_at: datetime) -> datetime:
    """Return the shorter limit after a reopening."""
    return book.due("problems.rework.limit", reopened_at)


def acknowledge_due(book: Rulebook, assigned_at: datetime, limit: datetime) -> datetime:
    """Return until when a holder acknowledges; never later than the matter's own limit."""
    return min(book.due("problems.assignment.acknowledge", assigned_at), limit)


def limit_key(problem_id: int, limit_at: datetime | None) -> str:
    """Return the key of the due work that notices this limit's passing; another limit, another."""
    return f"problem:{problem_id}:limit:{int(limit_at.timestamp()) if limit_at else 0}"


def verify_due(book: Rulebook, resolved_at: datetime) -> datetime:
    """Return until when someone other than the handler checks."""
    return book.due("problems.verify.limit", resolved_at)


def metres(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Return the distance of two WGS-84 points in metres (haversine)."""
    phi1, phi2 = math.radians(lat1), math.radians(lat2)
    half = (
        math.sin((phi2 - phi1) / 2) ** 2
        + math.cos(phi1) * math.cos(phi2) * math.sin(math.radians(lng2 - lng1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


def box(lat: float, lng: float, radius_m: float) -> tuple[float, float, float, float]:
    """Return (min lat, max lat, min lng, max lng) of a square that holds the circle."""
    dlat = math.degrees(radius_m / EARTH_RADIUS_M)
    dlng = dlat / max(math.cos(math.radians(lat)), 0.01)
    return lat - dlat, lat + dlat, lng - dlng, lng + dlng


def is_late(due_at: datetime, now: datetime) -> bool:
    """Tell whether a limit has passed: at the very moment it has."""
    return now >= due_at


def nudge_open(
    due_at: datetime, last_nudge: datetime | None, now: datetime, gap: timedelta
) -> bool:
    """Tell whether the reporter may nudge: after the limit, once per gap."""
    return is_late(due_at, now) and (last_nudge is None or now - last_nudge >= gap)


_CLAUSE = re.compile(r"[。！？!?\n;；]|\.\s")
TITLE_LENGTH = 30


def title_of(body: str) -> str:
    """Return the title of a report: its first clause, cut where it grows long."""
    first = next((part.strip() for part in _CLAUSE.split(body) if part.strip()), "")
    return first if len(first) <= TITLE_LENGTH else first[: TITLE_LENGTH - 1].rstrip() + "…"


def picture_limits(book: Rulebook) -> PictureLimits:
    """Return what the rulebook allows of a photo."""
    return PictureLimits(
        max_bytes=book.number("media.photo.bytes"),
        max_pixels=book.number("media.photo.pixels"),
        long_side=book.number("media.photo.long_side"),
        thumbnail_side=book.number("media.photo.thumbnail"),
    )
