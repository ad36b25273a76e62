"""A machine answers what a verb leads to, and names both when it leads nowhere."""

from enum import StrEnum

import pytest

from portal.core.states import Machine, Transition, WrongState


class Lamp(StrEnum):
    OFF = "off"
    ON = "on"
    BROKEN = "broken"


LAMP = Machine(
    (
        Transition("switch_on", frozenset({Lamp.OFF}), Lamp.ON),
        Transition("switch_off", frozenset({Lamp.ON}), Lamp.OFF),
        Transition("break_down", frozenset({Lamp.OFF, Lamp.ON}), Lamp.BROKEN, by="system"),
    )
)


def test_a_verb_leads_to_its_target() -> None:
    assert LAMP.next(Lamp.OFF, "switch_on") is Lamp.ON
    assert LAMP.next(Lamp.ON, "break_down") is Lamp.BROKEN


def test_a_closed_verb_names_state_and_verb() -> None:
    with pytest.raises(WrongState, match="switch_on is not possible in state broken") as caught:
        LAMP.next(Lamp.BROKEN, "switch_on")

    assert caught.value.state is Lamp.BROKEN
    assert caught.value.verb == "switch_on"


def test_an_unknown_verb_is_closed() -> None:
    assert not LAMP.allows(Lamp.OFF, "dim")
    with pytest.raises(WrongState):
        LAMP.next(Lamp.OFF, "dim")


def test_open_verbs_come_in_the_tables_order() -> None:
    assert LAMP.verbs_from(Lamp.OFF) == ("switch_on", "break_down")
    assert LAMP.verbs_from(Lamp.BROKEN) == ()
    assert LAMP.allows(Lamp.ON, "switch_off")


def test_two_ways_for_one_verb_are_refused() -> None:
    with pytest.raises(ValueError, match="switch_on from off is listed twice"):
        Machine(
            (
                Transition("switch_on", frozenset({Lamp.OFF}), Lamp.ON),
                Transition("switch_on", frozenset({Lamp.OFF}), Lamp.BROKEN),
            )
        )
