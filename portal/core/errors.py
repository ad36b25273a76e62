"""What can go wrong in an act, as the desk needs to know it."""

from portal.core.decisions import Decision


class NotFound(Exception):
    """No such thing, or not for this reader: both look the same from outside."""


class Forbidden(Exception):
    """The actor may not do this; carries the decision with its reason code."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.reason)
        self.decision = decision


class Refused(Exception):
    """A rule of the matter says no; `code` has a sentence in the feature's labels."""

    def __init__(self, code: str, **slots: object) -> None:
        super().__init__(code)
        self.code = code
        self.slots = slots


class Stale(Exception):
    """The thing changed since the form was drawn; nothing was done."""

    def __init__(self, thing: object = None) -> None:
        super().__init__("changed meanwhile")
        self.thing = thing


def require(decision: Decision) -> None:
    """Raise Forbidden unless the decision allows."""
    if not decision:
        raise Forbidden(decision)
