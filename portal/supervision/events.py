"""What happened at a visit: ids and slots, never words."""

from dataclasses import dataclass
from typing import ClassVar

from portal.problems.events import ProblemEvent


@dataclass(frozen=True, kw_only=True)
class VisitEvent(ProblemEvent):
    """A fact about one visit to a problem."""

    visit_id: int

    @property
    def subject(self) -> str:
        """The visit."""
        return f"visit:{self.visit_id}"


@dataclass(frozen=True, kw_only=True)
class SupervisorInvited(VisitEvent):
    """A resident supervisor was invited."""

    tag: ClassVar[str] = "supervision:visit:invite"
    supervisor_id: int


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(VisitEvent):
    """The supervisor comes."""

    tag: ClassVar[str] = "supervision:visit:accept"


@dataclass(frozen=True, kw_only=True)
class InvitationDeclined(VisitEvent):
    """The supervisor can't come."""

    tag: ClassVar[str] = "supervision:visit:decline"


@dataclass(frozen=True, kw_only=True)
class InvitationLapsed(VisitEvent):
    """No answer in time."""

    tag: ClassVar[str] = "supervision:visit:lapse"


@dataclass(frozen=True, kw_only=True)
class SupervisorSignedIn(VisitEvent):
    """The supervisor is on site; `flagged` when neither place nor code proved it."""

    tag: ClassVar[str] = "supervision:visit:sign-in"
    method: str
    flagged: bool


@dataclass(frozen=True, kw_only=True)
class FindingWritten(VisitEvent):
    """What the supervisor saw; departments can't edit it."""

    tag: ClassVar[str] = "supervision:visit:write-finding"
    photos: int


@dataclass(frozen=True, kw_only=True)
class ObjectionRaised(VisitEvent):
    """Not done, says the supervisor: it must be answered before closing."""

    tag: ClassVar[str] = "supervision:visit:object"


@dataclass(frozen=True, kw_only=True)
class ObjectionAnswered(VisitEvent):
    """Those who handle it answered; the supervisor looks again."""

    tag: ClassVar[str] = "supervision:visit:answer"


@dataclass(frozen=True, kw_only=True)
class VisitSignedOff(VisitEvent):
    """The supervisor confirms the result."""

    tag: ClassVar[str] = "supervision:visit:sign-off"


@dataclass(frozen=True, kw_only=True)
class SignOffMovedUp(VisitEvent):
    """The sign-off was not given in time: the next rung may sign, with a public reason."""

    tag: ClassVar[str] = "supervision:visit:move-up"
    rung: str


@dataclass(frozen=True, kw_only=True)
class SignedInPlace(VisitEvent):
    """The street's leader or the district signed in the supervisor's place."""

    tag: ClassVar[str] = "supervision:visit:sign-in-place"
    rung: str
