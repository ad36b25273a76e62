"""What happened to whistles and callouts: ids and slots, never words."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from portal.core.events import Event


@dataclass(frozen=True, kw_only=True)
class WhistleEvent(Event):
    """A fact about one whistle."""

    whistle_id: int

    @property
    def subject(self) -> str:
        """The whistle."""
        return f"whistle:{self.whistle_id}"


@dataclass(frozen=True, kw_only=True)
class CalloutEvent(WhistleEvent):
    """A fact about one department's line; `called_unit_id` is the department."""

    callout_id: int
    called_unit_id: int


# --- the whistle --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WhistleDrafted(WhistleEvent):
    """The street wrote a whistle down; nobody is called yet."""

    tag: ClassVar[str] = "whistles:whistle:draft"
    kind: str


@dataclass(frozen=True, kw_only=True)
class WhistleRevised(WhistleEvent):
    """A draft was changed."""

    tag: ClassVar[str] = "whistles:whistle:revise"


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(WhistleEvent):
    """The gate was answered and a leader is asked; `failed` questions said no."""

    tag: ClassVar[str] = "whistles:whistle:request-approval"
    failed: int


@dataclass(frozen=True, kw_only=True)
class GateOverridden(WhistleEvent):
    """A named superior overrode the gate in writing."""

    tag: ClassVar[str] = "whistles:whistle:override-gate"
    failed: int


@dataclass(frozen=True, kw_only=True)
class WhistleApproved(WhistleEvent):
    """A leader other than the author approved."""

    tag: ClassVar[str] = "whistles:whistle:approve"


@dataclass(frozen=True, kw_only=True)
class WhistleReturned(WhistleEvent):
    """The leader wants it changed."""

    tag: ClassVar[str] = "whistles:whistle:return-to-author"


@dataclass(frozen=True, kw_only=True)
class WhistleBlown(WhistleEvent):
    """Departments are called; `quiet` hides it from the public until released."""

    tag: ClassVar[str] = "whistles:whistle:blow"
    kind: str
    quiet: bool
    called: int


@dataclass(frozen=True, kw_only=True)
class WhistleCancelled(WhistleEvent):
    """The street took it back; `was_blown` tells whether anyone had been called."""

    tag: ClassVar[str] = "whistles:whistle:cancel"
    was_blown: bool


@dataclass(frozen=True, kw_only=True)
class WhistleAssembled(WhistleEvent):
    """Every department called is on site."""

    tag: ClassVar[str] = "whistles:whistle:assemble"


@dataclass(frozen=True, kw_only=True)
class WhistleBegun(WhistleEvent):
    """They act together."""

    tag: ClassVar[str] = "whistles:whistle:begin"


@dataclass(frozen=True, kw_only=True)
class WhistleCompleted(WhistleEvent):
    """Every department stood down with a result."""

    tag: ClassVar[str] = "whistles:whistle:complete"


@dataclass(frozen=True, kw_only=True)
class WhistleCameToNothing(WhistleEvent):
    """Every line ended without a result."""

    tag: ClassVar[str] = "whistles:whistle:come-to-nothing"


@dataclass(frozen=True, kw_only=True)
class WhistleReleased(WhistleEvent):
    """The commander released a quiet whistle's outcome to the public."""

    tag: ClassVar[str] = "whistles:whistle:release"


@dataclass(frozen=True, kw_only=True)
class WhistleReviewed(WhistleEvent):
    """The district looked at an emergency afterwards."""

    tag: ClassVar[str] = "whistles:whistle:review"
    misblown: bool


@dataclass(frozen=True, kw_only=True)
class WhistleMisblown(WhistleEvent):
    """Nobody reviewed the emergency in time: it counts as misblown."""

    tag: ClassVar[str] = "whistles:whistle:mark-misblown"


@dataclass(frozen=True, kw_only=True)
class WhistleRated(WhistleEvent):
    """Residents have rated every problem of the whistle."""

    tag: ClassVar[str] = "whistles:whistle:rate"


@dataclass(frozen=True, kw_only=True)
class WhistleArchived(WhistleEvent):
    """Filed."""

    tag: ClassVar[str] = "whistles:whistle:archive"


# --- a department's line --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CalloutCalled(CalloutEvent):
    """A department is called."""

    tag: ClassVar[str] = "whistles:callout:call"
    is_lead: bool


@dataclass(frozen=True, kw_only=True)
class CalloutAcknowledged(CalloutEvent):
    """签收: the department has the call."""

    tag: ClassVar[str] = "whistles:callout:acknowledge"
    proof: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class CalloutContacted(CalloutEvent):
    """First contact with the street (key work)."""

    tag: ClassVar[str] = "whistles:callout:contact"


@dataclass(frozen=True, kw_only=True)
class CalloutSetOut(CalloutEvent):
    """On the way."""

    tag: ClassVar[str] = "whistles:callout:set-out"


@dataclass(frozen=True, kw_only=True)
class CalloutReportedIn(CalloutEvent):
    """报到: on site; `flagged` when neither place nor code proved it."""

    tag: ClassVar[str] = "whistles:callout:report-in"
    method: str
    flagged: bool
    late: bool


@dataclass(frozen=True, kw_only=True)
class CalloutMarkedAbsent(CalloutEvent):
    """The department did not come in time."""

    tag: ClassVar[str] = "whistles:callout:mark-absent"


@dataclass(frozen=True, kw_only=True)
class AbsenceCorrected(CalloutEvent):
    """The mark was wrong, and somebody says why."""

    tag: ClassVar[str] = "whistles:callout:correct-absence"


@dataclass(frozen=True, kw_only=True)
class ResultRecorded(CalloutEvent):
    """What the department did, with photos."""

    tag: ClassVar[str] = "whistles:callout:record-result"
    outcome: str
    photos: int


@dataclass(frozen=True, kw_only=True)
class PhotoReleased(CalloutEvent):
    """The street ticked a photo for the public."""

    tag: ClassVar[str] = "whistles:photo:release"
    photo_id: int


@dataclass(frozen=True, kw_only=True)
class RecessAsked(CalloutEvent):
    """现场撤离 is asked for: next visit and named person given."""

    tag: ClassVar[str] = "whistles:callout:ask-recess"


@dataclass(frozen=True, kw_only=True)
class RecessGranted(CalloutEvent):
    """The site may be left; the duty may not."""

    tag: ClassVar[str] = "whistles:callout:grant-recess"
    next_visit_at: datetime


@dataclass(frozen=True, kw_only=True)
class RecessRefused(CalloutEvent):
    """The street wants the department to stay."""

    tag: ClassVar[str] = "whistles:callout:refuse-recess"


@dataclass(frozen=True, kw_only=True)
class CalloutResumed(CalloutEvent):
    """Back on site after a recess."""

    tag: ClassVar[str] = "whistles:callout:resume"
    method: str
    flagged: bool


@dataclass(frozen=True, kw_only=True)
class StandDownAsked(CalloutEvent):
    """申请销号: the result stands, sign-offs are asked for."""

    tag: ClassVar[str] = "whistles:callout:ask-stand-down"


@dataclass(frozen=True, kw_only=True)
class SignedOff(CalloutEvent):
    """The street confirms a department's result."""

    tag: ClassVar[str] = "whistles:callout:sign-off"


@dataclass(frozen=True, kw_only=True)
class SignOffRefused(CalloutEvent):
    """Not done yet, and why; `slot` says who refused."""

    tag: ClassVar[str] = "whistles:callout:refuse-sign-off"
    slot: str


@dataclass(frozen=True, kw_only=True)
class CalloutStoodDown(CalloutEvent):
    """销号: every sign-off is given and nothing holds."""

    tag: ClassVar[str] = "whistles:callout:stand-down"


@dataclass(frozen=True, kw_only=True)
class CalloutHandedBack(CalloutEvent):
    """退单: the department says that it is not its duty; the clock goes on."""

    tag: ClassVar[str] = "whistles:callout:hand-back"


@dataclass(frozen=True, kw_only=True)
class CalloutRerouted(CalloutEvent):
    """The street called another department instead."""

    tag: ClassVar[str] = "whistles:callout:reroute"
    instead_unit_id: int


@dataclass(frozen=True, kw_only=True)
class HandBackUpheld(CalloutEvent):
    """The district rules: not this department's duty."""

    tag: ClassVar[str] = "whistles:callout:uphold-hand-back"


@dataclass(frozen=True, kw_only=True)
class HandBackOverruled(CalloutEvent):
    """The district rules: the department keeps it."""

    tag: ClassVar[str] = "whistles:callout:overrule-hand-back"


@dataclass(frozen=True, kw_only=True)
class CalloutHandedOver(CalloutEvent):
    """A successor that is on site took the line over."""

    tag: ClassVar[str] = "whistles:callout:hand-over"
    successor_unit_id: int


@dataclass(frozen=True, kw_only=True)
class CalloutCancelled(CalloutEvent):
    """The whistle was taken back."""

    tag: ClassVar[str] = "whistles:callout:cancel"


@dataclass(frozen=True, kw_only=True)
class CalloutNudged(CalloutEvent):
    """催一次."""

    tag: ClassVar[str] = "whistles:callout:nudge"


@dataclass(frozen=True, kw_only=True)
class CalloutEscalated(CalloutEvent):
    """A clock reached a step of the ladder; amber before the limit, red from it on."""

    tag: ClassVar[str] = "whistles:callout:escalate"
    clock: str
    rung: str
    is_red: bool


# --- sign-off slots and holds of the floors above -----------------------------------------------


@dataclass(frozen=True, kw_only=True)
class SupervisorSlotOpened(WhistleEvent):
    """A resident supervisor's sign-off is waited for."""

    tag: ClassVar[str] = "whistles:whistle:open-supervisor-slot"
    placed_by: str


@dataclass(frozen=True, kw_only=True)
class SupervisorSlotClosed(WhistleEvent):
    """Nobody waits for that supervisor any more."""

    tag: ClassVar[str] = "whistles:whistle:close-supervisor-slot"
    placed_by: str


@dataclass(frozen=True, kw_only=True)
class SignedAsSupervisor(WhistleEvent):
    """The resident supervisor, or who stands in, confirmed what was done on site."""

    tag: ClassVar[str] = "whistles:whistle:sign-as-supervisor"
    placed_by: str


@dataclass(frozen=True, kw_only=True)
class WhistleHoldPlaced(WhistleEvent):
    """Something above blocks standing down until it is answered."""

    tag: ClassVar[str] = "whistles:hold:place"
    placed_by: str


@dataclass(frozen=True, kw_only=True)
class WhistleHoldLifted(WhistleEvent):
    """A hold was answered."""

    tag: ClassVar[str] = "whistles:hold:lift"
    placed_by: str
