"""What happened to rating rounds: ids and outcomes, never anyone's answer."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class RoundEvent(Event):
    """A fact about one round."""

    round_id: int
    problem_id: int

    @property
    def subject(self) -> str:
        """The round."""
        return f"round:{self.round_id}"


@dataclass(frozen=True, kw_only=True)
class RoundOpened(RoundEvent):
    """Residents are asked, until its ballot closes."""

    tag: ClassVar[str] = "satisfaction:round:open"
    number: int


@dataclass(frozen=True, kw_only=True)
class RoundJudged(RoundEvent):
    """The round has its outcome; `failed_by` is empty unless it failed."""

    tag: ClassVar[str] = "satisfaction:round:judge"
    outcome: str
    failed_by: str = ""


@dataclass(frozen=True, kw_only=True)
class RoundSettled(RoundEvent):
    """The problem was closed by the round's outcome, at once or when the last hold was lifted."""

    tag: ClassVar[str] = "satisfaction:round:settle"
