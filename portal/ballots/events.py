"""What happened to ballots: that somebody took part, never what they chose."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class BallotEvent(Event):
    """A fact about one ballot."""

    ballot_id: int

    @property
    def subject(self) -> str:
        """The ballot."""
        return f"ballot:{self.ballot_id}"


@dataclass(frozen=True, kw_only=True)
class BallotOpened(BallotEvent):
    """A ballot began, with its roll frozen."""

    tag: ClassVar[str] = "ballots:ballot:open"
    electors: int


@dataclass(frozen=True, kw_only=True)
class VoteCast(BallotEvent):
    """An elector took part, for the first time or anew."""

    tag: ClassVar[str] = "ballots:vote:cast"
    elector_id: int


@dataclass(frozen=True, kw_only=True)
class BallotClosed(BallotEvent):
    """No vote is taken any more: now it can be judged."""

    tag: ClassVar[str] = "ballots:ballot:close"
