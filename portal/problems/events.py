"""What happened to problems and assignments: ids and slots, never words."""

from dataclasses import dataclass
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class ProblemEvent(Event):
    """A fact about one problem."""

    problem_id: int

    @property
    def subject(self) -> str:
        """The problem."""
        return f"problem:{self.problem_id}"


@dataclass(frozen=True, kw_only=True)
class ProblemSubmitted(ProblemEvent):
    """A resident, or a worker for one, submitted a problem."""

    tag: ClassVar[str] = "problems:problem:submit"
    source: str


@dataclass(frozen=True, kw_only=True)
class ProblemsImported(Event):
    """A batch of hotline rows came in: counts only."""

    tag: ClassVar[str] = "problems:problem:import"
    imported: int
    updated: int

    @property
    def subject(self) -> str:
        """The batch has no single subject."""
        return "problems:import"


@dataclass(frozen=True, kw_only=True)
class ProblemPublished(ProblemEvent):
    """The text, and the ticked photos, were released to the public."""

    tag: ClassVar[str] = "problems:problem:publish"
    photos: int


@dataclass(frozen=True, kw_only=True)
class ProblemJoined(ProblemEvent):
    """Somebody said 我也遇到了."""

    tag: ClassVar[str] = "problems:problem:join"
    person_id: int


@dataclass(frozen=True, kw_only=True)
class SupporterLeft(ProblemEvent):
    """Somebody left a problem, for instance after a merge that moved them."""

    tag: ClassVar[str] = "problems:problem:leave"
    person_id: int


@dataclass(frozen=True, kw_only=True)
class ProblemLocated(ProblemEvent):
    """Staff set category or place of a problem that lacked it."""

    tag: ClassVar[str] = "problems:problem:locate"


@dataclass(frozen=True, kw_only=True)
class ProblemAccepted(ProblemEvent):
    """The street took the problem up with an urgency."""

    tag: ClassVar[str] = "problems:problem:accept"
    urgency: str


@dataclass(frozen=True, kw_only=True)
class ProblemDeclined(ProblemEvent):
    """Not for us: the step says why and where to go instead."""

    tag: ClassVar[str] = "problems:problem:decline"
    elsewhere: str


@dataclass(frozen=True, kw_only=True)
class ProblemMerged(ProblemEvent):
    """The problem was merged into another; each supporter is told and may opt out."""

    tag: ClassVar[str] = "problems:problem:merge"
    into_id: int


@dataclass(frozen=True, kw_only=True)
class ProblemUnmerged(ProblemEvent):
    """A merge was undone."""

    tag: ClassVar[str] = "problems:problem:unmerge"
    from_id: int


@dataclass(frozen=True, kw_only=True)
class ProblemWithdrawn(ProblemEvent):
    """The reporter took it back."""

    tag: ClassVar[str] = "problems:problem:withdraw"


@dataclass(frozen=True, kw_only=True)
class ProblemNudged(ProblemEvent):
    """The reporter nudged after the limit."""

    tag: ClassVar[str] = "problems:problem:nudge"


@dataclass(frozen=True, kw_only=True)
class ProblemAssigned(ProblemEvent):
    """A unit holds the problem now."""

    tag: ClassVar[str] = "problems:problem:assign"
    assignment_id: int
    holder_unit_id: int
    previous_unit_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class AssignmentAcknowledged(ProblemEvent):
    """The holder confirmed that it has the problem."""

    tag: ClassVar[str] = "problems:assignment:acknowledge"
    assignment_id: int


@dataclass(frozen=True, kw_only=True)
class AssignmentHandBackAsked(ProblemEvent):
    """The holder says it is not its duty (申请改派); the clock goes on."""

    tag: ClassVar[str] = "problems:assignment:hand-back"
    assignment_id: int


@dataclass(frozen=True, kw_only=True)
class AssignmentHandBackRefused(ProblemEvent):
    """The street says the holder keeps it."""

    tag: ClassVar[str] = "problems:assignment:refuse-hand-back"
    assignment_id: int


@dataclass(frozen=True, kw_only=True)
class MeasureTaken(ProblemEvent):
    """A unit tried something: person, time, method, evidence."""

    tag: ClassVar[str] = "problems:problem:take-measure"
    method: str


@dataclass(frozen=True, kw_only=True)
class AssignmentFinished(ProblemEvent):
    """The holder says it is done (办结), with evidence."""

    tag: ClassVar[str] = "problems:assignment:finish"
    assignment_id: int


@dataclass(frozen=True, kw_only=True)
class AssignmentRedone(ProblemEvent):
    """A finished assignment goes on, because the check or the rating said no."""

    tag: ClassVar[str] = "problems:assignment:redo"
    assignment_id: int


@dataclass(frozen=True, kw_only=True)
class AssignmentEnded(ProblemEvent):
    """An assignment is over."""

    tag: ClassVar[str] = "problems:assignment:end"
    assignment_id: int


@dataclass(frozen=True, kw_only=True)
class AssignmentOverdue(ProblemEvent):
    """The holder did not acknowledge in time; recorded once, so that people are told once."""

    tag: ClassVar[str] = "problems:assignment:fall-due"
    assignment_id: int
    holder_unit_id: int


@dataclass(frozen=True, kw_only=True)
class ProblemOverdue(ProblemEvent):
    """A limit passed: of triage, of the whole matter, or of the check. Recorded once a limit."""

    tag: ClassVar[str] = "problems:problem:fall-due"
    stage: str


@dataclass(frozen=True, kw_only=True)
class ProblemWhistled(ProblemEvent):
    """A live whistle calls departments for this problem."""

    tag: ClassVar[str] = "problems:problem:whistle"


@dataclass(frozen=True, kw_only=True)
class ProblemLeftWhistle(ProblemEvent):
    """The last live whistle ended without a result."""

    tag: ClassVar[str] = "problems:problem:leave-whistle"


@dataclass(frozen=True, kw_only=True)
class ProblemResolved(ProblemEvent):
    """Those who handled it say it is done."""

    tag: ClassVar[str] = "problems:problem:resolve"


@dataclass(frozen=True, kw_only=True)
class ProblemVerified(ProblemEvent):
    """Someone other than the handler checked that it is done."""

    tag: ClassVar[str] = "problems:problem:verify"


@dataclass(frozen=True, kw_only=True)
class ProblemSentBack(ProblemEvent):
    """The check found it not done."""

    tag: ClassVar[str] = "problems:problem:send-back"


@dataclass(frozen=True, kw_only=True)
class RatingOpened(ProblemEvent):
    """Residents are asked."""

    tag: ClassVar[str] = "problems:problem:open-rating"


@dataclass(frozen=True, kw_only=True)
class ProblemClosed(ProblemEvent):
    """Closed, with its outcome."""

    tag: ClassVar[str] = "problems:problem:close"
    outcome: str


@dataclass(frozen=True, kw_only=True)
class ProblemReopened(ProblemEvent):
    """Residents said it is not solved; counts against the original unit and period."""

    tag: ClassVar[str] = "problems:problem:reopen"
    by_reporter: bool
    times: int


@dataclass(frozen=True, kw_only=True)
class SentToDistrict(ProblemEvent):
    """The automatic reopenings are used up: the district decides."""

    tag: ClassVar[str] = "problems:problem:send-to-district"


@dataclass(frozen=True, kw_only=True)
class ReworkOrdered(ProblemEvent):
    """The district orders it to be done again."""

    tag: ClassVar[str] = "problems:problem:order-rework"


@dataclass(frozen=True, kw_only=True)
class ClosingConfirmed(ProblemEvent):
    """The district ends it with a public reason."""

    tag: ClassVar[str] = "problems:problem:confirm-closing"


@dataclass(frozen=True, kw_only=True)
class HoldPlaced(ProblemEvent):
    """Something above blocks a verb until it is answered."""

    tag: ClassVar[str] = "problems:hold:place"
    verb: str
    placed_by: str


@dataclass(frozen=True, kw_only=True)
class HoldLifted(ProblemEvent):
    """A hold was answered."""

    tag: ClassVar[str] = "problems:hold:lift"
    verb: str
    placed_by: str
