"""The lives of a problem and of an assignment, as tables (product §3)."""

from enum import StrEnum

from portal.core.states import Machine, Transition


class ProblemState(StrEnum):
    """Where a problem is. Each state names its owner and clock in `labels` and `rules`."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    WHISTLED = "whistled"
    RESOLVED = "resolved"
    VERIFIED = "verified"
    RATING = "rating"
    CLOSED = "closed"
    REOPENED = "reopened"
    DECLINED = "declined"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


P = ProblemState
WAITING = frozenset({P.SUBMITTED, P.REOPENED})
IN_HAND = frozenset({P.ACCEPTED, P.HANDLING, P.WHISTLED, P.RESOLVED, P.VERIFIED})
OPEN = WAITING | IN_HAND | {P.RATING}
FINAL = frozenset({P.CLOSED, P.DECLINED, P.MERGED, P.WITHDRAWN})

PROBLEM = Machine(
    (
        Transition("accept", frozenset({P.SUBMITTED}), P.ACCEPTED),
        Transition("assign", frozenset({P.ACCEPTED, P.HANDLING, P.REOPENED}), P.HANDLING),
        Transition("decline", frozenset({P.SUBMITTED, P.ACCEPTED}), P.DECLINED),
        Transition("merge", frozenset({P.SUBMITTED, P.ACCEPTED}), P.MERGED),
        Transition("unmerge", frozenset({P.MERGED}), P.SUBMITTED),
        Transition("withdraw", frozenset({P.SUBMITTED, P.ACCEPTED}), P.WITHDRAWN),
        Transition("verify", frozenset({P.RESOLVED}), P.VERIFIED),
        Transition("send_back", frozenset({P.RESOLVED}), P.HANDLING),
        Transition("order_rework", frozenset({P.CLOSED}), P.REOPENED),
        Transition("confirm_closing", frozenset({P.CLOSED}), P.CLOSED),
        Transition(
            "whistle", frozenset({P.ACCEPTED, P.HANDLING, P.REOPENED}), P.WHISTLED, by="system"
        ),
        Transition("leave_whistle", frozenset({P.WHISTLED}), P.HANDLING, by="system"),
        Transition("resolve", frozenset({P.HANDLING, P.WHISTLED}), P.RESOLVED, by="system"),
        Transition("open_rating", frozenset({P.VERIFIED}), P.RATING, by="system"),
        Transition("close", frozenset({P.RATING}), P.CLOSED, by="system"),
        Transition("reopen", frozenset({P.CLOSED}), P.REOPENED, by="system"),
    )
)


class AssignmentState(StrEnum):
    """Where an assignment is; it is live until `ended_at` is set."""

    ASSIGNED = "assigned"
    ACKNOWLEDGED = "acknowledged"
    HANDING_BACK = "handing_back"
    DONE = "done"
    ENDED = "ended"


A = AssignmentState

ASSIGNMENT = Machine(
    (
        Transition("acknowledge", frozenset({A.ASSIGNED}), A.ACKNOWLEDGED),
        Transition("hand_back", frozenset({A.ASSIGNED, A.ACKNOWLEDGED}), A.HANDING_BACK),
        Transition("refuse_hand_back", frozenset({A.HANDING_BACK}), A.ACKNOWLEDGED),
        Transition("finish", frozenset({A.ACKNOWLEDGED}), A.DONE),
        Transition("redo", frozenset({A.DONE}), A.ACKNOWLEDGED, by="system"),
        Transition(
            "end",
            frozenset({A.ASSIGNED, A.ACKNOWLEDGED, A.HANDING_BACK, A.DONE}),
            A.ENDED,
            by="system",
        ),
    )
)


class Source(StrEnum):
    """哨源: where a problem came from."""

    PORTAL = "portal"
    HOTLINE = "hotline"
    WALK_IN = "walk_in"
    PHONE = "phone"
    GRID = "grid"


class Audience(StrEnum):
    """公开范围, chosen by the reporter before sending."""

    PUBLIC = "public"
    PUBLIC_UNNAMED = "public_unnamed"
    STAFF = "staff"


class Urgency(StrEnum):
    """L1 to L4; the limit of each is a rule."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"


class Outcome(StrEnum):
    """How a problem was closed."""

    SATISFIED = "satisfied"
    FAILED = "failed"
    UNRATED = "unrated"
    ANSWERED_BEFORE_IMPORT = "answered_before_import"


class PhotoKind(StrEnum):
    """What a photo shows: the matter as reported, work in hand, or the result."""

    BEFORE = "before"
    EVIDENCE = "evidence"
    AFTER = "after"


class StepAudience(StrEnum):
    """Who reads a step of the timeline."""

    PUBLIC = "public"
    STAFF = "staff"


# The five steps residents see (experience §0.3), by state. A quiet whistle reads as handling.
RESIDENT_STEP = {
    P.SUBMITTED: 1,
    P.ACCEPTED: 2,
    P.HANDLING: 3,
    P.WHISTLED: 3,
    P.REOPENED: 3,
    P.RESOLVED: 4,
    P.VERIFIED: 4,
    P.RATING: 5,
    P.CLOSED: 5,
    P.DECLINED: 2,
    P.MERGED: 2,
    P.WITHDRAWN: 1,
}
