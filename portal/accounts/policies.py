"""One's own account: only for oneself."""

from datetime import datetime

from portal.core.actor import Actor
from portal.core.decisions import ALLOWED, Decision, deny


def can_see_own(actor: Actor, _thing: object, _now: datetime) -> Decision:
    """Own pages need a person who signed in."""
    return ALLOWED if actor.signed_in else deny("sign_in_first")
