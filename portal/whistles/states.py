"""The lives of a whistle and of a callout, as tables (product §3).

Parallel facts are not states: escalation is rows, *misblown* is the late review's outcome, and an
absent department is a mark that a late arrival or a correction follows.
"""

from collections.abc import Collection
from enum import StrEnum

from portal.core.states import Machine, Transition


class Kind(StrEnum):
    """The three whistles: 综合执法哨, 重点工作哨, 应急处置哨."""

    ENFORCEMENT = "enforcement"
    KEY_WORK = "key_work"
    EMERGENCY = "emergency"


class WhistleState(StrEnum):
    """Where a whistle is."""

    DRAFTED = "drafted"
    SCREENING = "screening"
    RETURNED = "returned"
    APPROVED = "approved"
    BLOWN = "blown"
    ASSEMBLED = "assembled"
    ACTING = "acting"
    COMPLETED = "completed"
    RATED = "rated"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


W = WhistleState
PREPARING = frozenset({W.DRAFTED, W.SCREENING, W.RETURNED, W.APPROVED})
LIVE = frozenset({W.BLOWN, W.ASSEMBLED, W.ACTING})
OVER = frozenset({W.COMPLETED, W.RATED, W.ARCHIVED})

WHISTLE = Machine(
    (
        Transition("revise", frozenset({W.DRAFTED, W.RETURNED}), W.DRAFTED),
        Transition("request_approval", frozenset({W.DRAFTED, W.RETURNED}), W.SCREENING),
        Transition("approve", frozenset({W.SCREENING}), W.APPROVED),
        Transition("return_to_author", frozenset({W.SCREENING}), W.RETURNED),
        Transition("blow", frozenset({W.DRAFTED, W.APPROVED}), W.BLOWN),
        Transition("cancel", PREPARING | LIVE, W.CANCELLED),
        Transition("assemble", frozenset({W.BLOWN}), W.ASSEMBLED, by="system"),
        Transition("begin", frozenset({W.ASSEMBLED}), W.ACTING, by="system"),
        Transition("complete", LIVE, W.COMPLETED, by="system"),
        Transition("come_to_nothing", LIVE, W.CANCELLED, by="system"),
        Transition("rate", frozenset({W.COMPLETED}), W.RATED, by="system"),
        Transition("archive", frozenset({W.COMPLETED, W.RATED}), W.ARCHIVED, by="system"),
    )
)


class CalloutState(StrEnum):
    """Where one department's line is; it is live until `ended_at` is set."""

    CALLED = "called"
    ACKNOWLEDGED = "acknowledged"
    REPORTED_IN = "reported_in"
    ACTING = "acting"
    RECESSED = "recessed"
    DONE = "done"
    STOOD_DOWN = "stood_down"
    HANDED_BACK = "handed_back"
    REROUTED = "rerouted"
    UPHELD = "upheld"
    HANDED_OVER = "handed_over"
    CANCELLED = "cancelled"


C = CalloutState
AWAITED = frozenset({C.CALLED, C.ACKNOWLEDGED, C.HANDED_BACK})
ARRIVED = frozenset({C.REPORTED_IN, C.ACTING, C.RECESSED, C.DONE})
AT_WORK = frozenset({C.ACTING, C.RECESSED, C.DONE})
CALLOUT_LIVE = AWAITED | ARRIVED
ENDED = frozenset({C.STOOD_DOWN, C.REROUTED, C.UPHELD, C.HANDED_OVER, C.CANCELLED})

CALLOUT = Machine(
    (
        Transition("acknowledge", frozenset({C.CALLED}), C.ACKNOWLEDGED),
        Transition("contact", frozenset({C.ACKNOWLEDGED}), C.ACKNOWLEDGED),
        Transition("set_out", frozenset({C.ACKNOWLEDGED}), C.ACKNOWLEDGED),
        Transition("report_in", frozenset({C.CALLED, C.ACKNOWLEDGED}), C.REPORTED_IN),
        Transition("record_result", frozenset({C.REPORTED_IN, C.ACTING}), C.ACTING),
        Transition("ask_recess", frozenset({C.REPORTED_IN, C.ACTING}), C.ACTING),
        Transition("grant_recess", frozenset({C.ACTING}), C.RECESSED),
        Transition("refuse_recess", frozenset({C.ACTING}), C.ACTING),
        Transition("resume", frozenset({C.RECESSED}), C.ACTING),
        Transition("ask_stand_down", frozenset({C.ACTING}), C.DONE),
        Transition("sign_off", frozenset({C.DONE}), C.DONE),
        Transition("refuse_sign_off", frozenset({C.DONE}), C.ACTING),
        Transition("hand_back", frozenset({C.CALLED, C.ACKNOWLEDGED}), C.HANDED_BACK),
        Transition("reroute", frozenset({C.HANDED_BACK}), C.REROUTED),
        Transition("uphold_hand_back", frozenset({C.HANDED_BACK}), C.UPHELD),
        Transition("overrule_hand_back", frozenset({C.HANDED_BACK}), C.ACKNOWLEDGED),
        Transition("hand_over", frozenset({C.REPORTED_IN, C.ACTING, C.RECESSED}), C.HANDED_OVER),
        Transition("stand_down", frozenset({C.DONE}), C.STOOD_DOWN, by="system"),
        Transition("cancel", CALLOUT_LIVE, C.CANCELLED, by="system"),
    )
)


def whistle_verb(states: Collection[CalloutState]) -> str:
    """Return the system verb that the callouts' states call for, or "" for none.

    Handed over, re-routed and upheld lines count no more; a whistle whose lines all ended without
    one that stood down came to nothing.
    """
    live = [state for state in states if state in CALLOUT_LIVE]
    if not live:
        stood_down = any(state is CalloutState.STOOD_DOWN for state in states)
        return "complete" if stood_down else "come_to_nothing"
    if not all(state in ARRIVED for state in live):
        return ""
    at_work = any(state in AT_WORK or state is CalloutState.STOOD_DOWN for state in states)
    return "begin" if at_work else "assemble"


def main_verb(state: CalloutState, *, has_set_out: bool, has_result: bool) -> str:
    """Return the one button of the field screen: 签收 → 出发 → 我到了 → 登记处置 → 申请销号."""
    if state is CalloutState.CALLED:
        return "acknowledge"
    if state is CalloutState.ACKNOWLEDGED:
        return "report_in" if has_set_out else "set_out"
    if state is CalloutState.RECESSED:
        return "resume"
    if state is CalloutState.REPORTED_IN or (state is CalloutState.ACTING and not has_result):
        return "record_result"
    if state is CalloutState.ACTING:
        return "ask_stand_down"
    return ""


def stage(*, over: bool, called: int, acknowledged: int, arrived: int) -> int:
    """Return which of the six steps is current: 吹哨 签收 报到 联合处置 居民评价 归档."""
    if over:
        return 5
    if called == 0:
        return 1
    if acknowledged < called:
        return 2
    return 3 if arrived < called else 4


class Clock(StrEnum):
    """The clocks of a callout; acknowledgement, contact and arrival are stored apart."""

    ACKNOWLEDGE = "acknowledge"
    CONTACT = "contact"
    ARRIVE = "arrive"
    RESOLVE = "resolve"


class Rung(StrEnum):
    """The escalation ladder: who is told."""

    OFFICER = "officer"
    UNIT_HEAD = "unit_head"
    STREET = "street"
    DISTRICT = "district"


class Proof(StrEnum):
    """How an answer was proved: 本人, 链接, 代录."""

    SELF = "self"
    LINK = "link"
    RECORDED = "recorded"


class Arrival(StrEnum):
    """How presence on site was proved; a fallback is flagged for review."""

    PLACE = "place"
    CODE = "code"
    FALLBACK = "fallback"


class Question(StrEnum):
    """The six questions of the gate against whistling for small things (product §2)."""

    IN_STREET = "in_street"
    BEYOND_STREET = "beyond_street"
    TRIED = "tried"
    NOT_DUPLICATE = "not_duplicate"
    KIND_FITS = "kind_fits"
    RESOLVED = "resolved"


class Slot(StrEnum):
    """Who signs a department off."""

    STREET = "street"
    SUPERVISOR = "supervisor"


class Outcome(StrEnum):
    """What a department did on site (quick results)."""

    FIXED = "fixed"
    ORDERED = "ordered"
    CASE_OPENED = "case_opened"
    PASSED_ON = "passed_on"
    OTHER = "other"
