"""The clock of the tests stands still until a test moves it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import time_machine

# A Wednesday morning, 09:30 in Shanghai; an ordinary working week around it.
MOMENT = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)


class Clock:
    """Python's clock, held still; tells those who follow it."""

    def __init__(self) -> None:
        self._travel = time_machine.travel(MOMENT, tick=False)
        self._followers: list[Callable[[datetime], None]] = []
        self.stands = False

    def start(self) -> None:
        """Stop the time."""
        self._at = self._travel.start()
        self.stands = True

    def stop(self) -> None:
        """Let the time run again."""
        self._travel.stop()

    @property
    def now(self) -> datetime:
        """The moment at which it stands."""
        return datetime.now(UTC)

    def follow(self, follower: Callable[[datetime], None]) -> None:
        """Tell `follower` of each move (the database's clock)."""
        self._followers.append(follower)
        if self.stands:
            follower(self.now)

    def __call__(self, **span: float) -> datetime:
        """Move on by a span such as `hours=3` and return the new moment."""
        return self.to(self.now + timedelta(**span))

    def to(self, at: datetime) -> datetime:
        """Move to a moment (aware)."""
        self._at.move_to(at, tick=False)
        for follower in self._followers:
            follower(at)
        return at
