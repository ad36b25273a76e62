"""Questions about problems, gathered from one module a reader's side."""

from portal.problems.queries.problem import (
    Standing,
    get_visible,
    held_verbs,
    last_change,
    live_assignment,
    lock,
    measures,
    photos,
    staff_scope,
    standing,
    steps,
    visible_to,
)

__all__ = [
    "Standing",
    "get_visible",
    "held_verbs",
    "last_change",
    "live_assignment",
    "lock",
    "measures",
    "photos",
    "staff_scope",
    "standing",
    "steps",
    "visible_to",
]
