"""The bus: who reacts to which fact. One instance an application, filled in `create_app`."""

from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar, cast

from portal.core.events import Event

E = TypeVar("E", bound=Event)
Reaction = Callable[[Event], None]


class Bus:
    """Hands each fact to its subscribers, in the order they subscribed, in the same transaction."""

    def __init__(self) -> None:
        self._reactions: dict[type[Event], list[Reaction]] = defaultdict(list)
        self._to_all: list[Callable[[Event, str], None]] = []

    def subscribe(self, event_type: type[E], reaction: Callable[[E], None]) -> None:
        """Let `reaction` hear every fact of exactly this type."""
        self._reactions[event_type].append(cast("Reaction", reaction))

    def subscribe_to_all(self, reaction: Callable[[Event, str], None]) -> None:
        """Let `reaction` hear every fact, with the act's id (the audit does)."""
        self._to_all.append(reaction)

    def publish(self, event: Event, act_id: str) -> None:
        """Tell everyone; an exception undoes the whole act."""
        for to_all in self._to_all:
            to_all(event, act_id)
        for reaction in self._reactions[type(event)]:
            reaction(event)

    def subscriptions(self) -> dict[type[Event], tuple[Reaction, ...]]:
        """Return who hears what (for the house tests and docs)."""
        return {kind: tuple(found) for kind, found in self._reactions.items()}
