"""The life of a ballot (product §3) and whether persons or households vote."""

from enum import StrEnum

from portal.core.states import Machine, Transition


class BallotState(StrEnum):
    """Where a ballot is. The states after `closed` belong to secret ballots and their lists."""

    DRAFTED = "drafted"
    OPEN = "open"
    CLOSED = "closed"
    TALLIED = "tallied"
    PUBLISHED = "published"


class Mode(StrEnum):
    """Who has one vote."""

    PERSON = "person"
    HOUSEHOLD = "household"


B = BallotState

BALLOT = Machine(
    (
        Transition("open", frozenset({B.DRAFTED}), B.OPEN, by="system"),
        Transition("close", frozenset({B.OPEN}), B.CLOSED, by="system"),
    )
)
