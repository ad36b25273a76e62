"""A decision is true when it allows; a refusal carries its code."""

import pytest

from portal.core.decisions import ALLOWED, deny
from portal.core.errors import Forbidden, Refused, Stale, require


def test_allowed_is_true_and_has_no_reason() -> None:
    assert ALLOWED
    assert ALLOWED.allowed
    assert ALLOWED.reason == ""


def test_a_refusal_is_false_and_has_one() -> None:
    assert not deny("not_your_street")
    assert deny("not_your_street").reason == "not_your_street"


def test_require_lets_pass_or_raises_with_the_decision() -> None:
    require(ALLOWED)
    with pytest.raises(Forbidden) as caught:
        require(deny("held"))

    assert caught.value.decision.reason == "held"


def test_errors_carry_what_the_desk_needs() -> None:
    refused = Refused("too_long", most=80)

    assert (refused.code, refused.slots) == ("too_long", {"most": 80})
    assert Stale("thing").thing == "thing"
