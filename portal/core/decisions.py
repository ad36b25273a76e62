"""A permission's answer: allowed, or denied with a reason code that has a sentence in `labels`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """May it be done? `reason` is empty if and only if it may."""

    reason: str = ""

    @property
    def allowed(self) -> bool:
        """Whether the act may be done."""
        return not self.reason

    def __bool__(self) -> bool:
        """Read as a truth value: a decision is true when it allows."""
        return self.allowed


ALLOWED = Decision()


def deny(reason: str) -> Decision:
    """Return a refusal; `reason` is a code such as `not_your_street`."""
    return Decision(reason)
