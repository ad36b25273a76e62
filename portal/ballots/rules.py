"""Pure arithmetic of ballots: the season, and shares compared with integers."""

from datetime import datetime


def in_season(opens_at: datetime, closes_at: datetime, now: datetime) -> bool:
    """Tell whether votes count at `now`: from the opening on, no longer at the closing itself."""
    return opens_at <= now < closes_at


def reaches(part: int, whole: int, share: tuple[int, int]) -> bool:
    """Tell whether part of whole is at least the share (numerator, denominator); never floats.

    Nothing reaches no share: with an empty whole the answer is no.
    """
    top, bottom = share
    return whole > 0 and part * bottom >= whole * top
