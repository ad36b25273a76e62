"""State machines as data: a table of transitions, and one question, "what comes next?"."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Literal, TypeVar

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Transition(Generic[S]):
    """One verb: from which states, to which; pressed by a person or done by the system."""

    verb: str
    sources: frozenset[S]
    target: S
    by: Literal["person", "system"] = "person"


class WrongState(Exception):
    """The verb is not allowed in this state; names both."""

    def __init__(self, state: StrEnum, verb: str) -> None:
        super().__init__(f"{verb} is not possible in state {state}")
        self.state = state
        self.verb = verb


class Machine(Generic[S]):
    """A transition table that answers what a verb leads to and which verbs are open."""

    def __init__(self, transitions: Iterable[Transition[S]]) -> None:
        self.transitions = tuple(transitions)
        self._targets: dict[tuple[S, str], S] = {}
        for transition in self.transitions:
            for source in transition.sources:
                key = (source, transition.verb)
                if key in self._targets:
                    raise ValueError(f"{transition.verb} from {source} is listed twice")
                self._targets[key] = transition.target

    def next(self, state: S, verb: str) -> S:
        """Return the state that `verb` leads to; raises WrongState."""
        try:
            return self._targets[state, verb]
        except KeyError:
            raise WrongState(state, verb) from None

    def allows(self, state: S, verb: str) -> bool:
        """Tell whether `verb` is open in `state`."""
        return (state, verb) in self._targets

    def verbs_from(self, state: S) -> tuple[str, ...]:
        """Return the verbs that are open in `state`, in the table's order."""
        return tuple(t.verb for t in self.transitions if state in t.sources)
