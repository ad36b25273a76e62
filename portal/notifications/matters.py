"""The table of what is told to whom. A new matter is one row here.

Each row: the event, the name (its sentence in `labels.SENTENCES`, its mail in
`templates/emails/<name>/`), who is told, and whether also by mail. Several rows may hear the same
event; a person gets the first that fits, once.
"""

from dataclasses import dataclass

from portal.core.events import Event
from portal.notifications import recipients as to
from portal.notifications.recipients import Recipients
from portal.organisations.states import Role
from portal.problems import events as problems
from portal.satisfaction import events as satisfaction
from portal.supervision import events as supervision
from portal.whistles import events as whistles


@dataclass(frozen=True)
class Matter:
    """One row: on `event`, tell `who` by the words of `name`."""

    event: type[Event]
    name: str
    who: Recipients
    mail: bool = False


CALLED = to.unit_in("called_unit_id")
DESK = to.street_seats(Role.DISPATCHER)
LEADERS = to.street_seats(Role.STREET_LEADER)

MATTERS = (
    Matter(problems.ProblemPublished, "problems/published", to.reporter),
    Matter(problems.ProblemAccepted, "problems/accepted", to.followers, mail=True),
    Matter(problems.ProblemDeclined, "problems/declined", to.followers, mail=True),
    Matter(problems.ProblemMerged, "problems/merged", to.moved_by_merge, mail=True),
    Matter(problems.ProblemAssigned, "problems/assigned_to_us", to.holder, mail=True),
    Matter(problems.ProblemAssigned, "problems/assigned", to.followers),
    Matter(problems.AssignmentHandBackAsked, "problems/hand_back_asked", to.dispatchers, mail=True),
    Matter(problems.AssignmentHandBackRefused, "problems/hand_back_refused", to.holder, mail=True),
    Matter(problems.ProblemNudged, "problems/nudged", to.holder, mail=True),
    Matter(problems.ProblemNudged, "problems/nudged", to.dispatchers),
    Matter(problems.ProblemWhistled, "problems/whistled", to.followers, mail=True),
    Matter(problems.ProblemResolved, "problems/resolved", to.followers),
    Matter(problems.ProblemVerified, "problems/verified", to.followers, mail=True),
    Matter(problems.ProblemSentBack, "problems/sent_back", to.holder, mail=True),
    Matter(problems.ProblemClosed, "problems/closed", to.followers, mail=True),
    Matter(problems.ProblemReopened, "problems/reopened_at_ours", to.dispatchers, mail=True),
    Matter(problems.ProblemReopened, "problems/reopened_at_ours", to.holder, mail=True),
    Matter(problems.ProblemReopened, "problems/reopened", to.followers, mail=True),
    Matter(problems.SentToDistrict, "problems/awaits_district", to.district, mail=True),
    Matter(problems.SentToDistrict, "problems/sent_to_district", to.followers, mail=True),
    Matter(problems.ReworkOrdered, "problems/rework_ordered", to.dispatchers, mail=True),
    Matter(problems.ClosingConfirmed, "problems/closing_confirmed", to.followers, mail=True),
    Matter(
        supervision.SupervisorInvited,
        "supervision/invited",
        to.person_in("supervisor_id"),
        mail=True,
    ),
    Matter(supervision.ObjectionRaised, "supervision/objected", to.dispatchers, mail=True),
    Matter(satisfaction.RoundOpened, "satisfaction/asked", to.electors, mail=True),
    Matter(whistles.ApprovalRequested, "whistles/approval_requested", LEADERS, mail=True),
    Matter(whistles.WhistleApproved, "whistles/approved", to.author),
    Matter(whistles.WhistleReturned, "whistles/returned", to.author, mail=True),
    Matter(whistles.CalloutCalled, "whistles/called", CALLED, mail=True),
    Matter(whistles.CalloutNudged, "whistles/nudged", CALLED, mail=True),
    Matter(whistles.CalloutEscalated, "whistles/escalated", to.rung, mail=True),
    Matter(whistles.CalloutMarkedAbsent, "whistles/marked_absent", CALLED, mail=True),
    Matter(whistles.CalloutReportedIn, "whistles/reported_in", to.whistle_followers),
    Matter(whistles.CalloutHandedBack, "whistles/handed_back", DESK, mail=True),
    Matter(whistles.HandBackUpheld, "whistles/hand_back_upheld", CALLED),
    Matter(whistles.HandBackOverruled, "whistles/hand_back_overruled", CALLED, mail=True),
    Matter(whistles.RecessAsked, "whistles/recess_asked", DESK),
    Matter(whistles.StandDownAsked, "whistles/stand_down_asked", DESK),
    Matter(whistles.SignOffRefused, "whistles/sign_off_refused", CALLED, mail=True),
    Matter(whistles.WhistleReleased, "whistles/released", to.whistle_followers),
)


def of(tag: str) -> tuple[Matter, ...]:
    """Return the rows that hear events of this tag, in order."""
    return tuple(matter for matter in MATTERS if matter.event.tag == tag)
