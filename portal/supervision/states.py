"""The life of a supervisor's visit (product §3, first version)."""

from enum import StrEnum

from portal.core.states import Machine, Transition


class VisitState(StrEnum):
    """Where a visit is."""

    INVITED = "invited"
    ACCEPTED = "accepted"
    ON_SITE = "on_site"
    FINDINGS = "findings"
    RECTIFICATION = "rectification"
    RECHECKED = "rechecked"
    CLOSED = "closed"
    DECLINED = "declined"
    LAPSED = "lapsed"


V = VisitState
AWAITED = frozenset({V.ACCEPTED, V.ON_SITE, V.FINDINGS, V.RECTIFICATION, V.RECHECKED})
LIVE = AWAITED | {V.INVITED}
FINAL = frozenset({V.CLOSED, V.DECLINED, V.LAPSED})

VISIT = Machine(
    (
        Transition("accept", frozenset({V.INVITED}), V.ACCEPTED),
        Transition("decline", frozenset({V.INVITED, V.ACCEPTED}), V.DECLINED),
        Transition("sign_in", frozenset({V.ACCEPTED}), V.ON_SITE),
        Transition("write_finding", frozenset({V.ON_SITE, V.FINDINGS, V.RECHECKED}), V.FINDINGS),
        Transition("object", frozenset({V.FINDINGS}), V.RECTIFICATION),
        Transition("answer", frozenset({V.RECTIFICATION}), V.RECHECKED),
        Transition("sign_off", frozenset({V.FINDINGS, V.RECHECKED}), V.CLOSED),
        Transition("sign_in_place", AWAITED, V.CLOSED),
        Transition("lapse", frozenset({V.INVITED}), V.LAPSED, by="system"),
    )
)


class SignInMethod(StrEnum):
    """How presence on site was shown."""

    PLACE = "place"
    CODE = "code"
    FALLBACK = "fallback"


class Rung(StrEnum):
    """Who may sign in the supervisor's place, once the time is up."""

    NONE = "none"
    STREET_LEADER = "street_leader"
    DISTRICT = "district"
