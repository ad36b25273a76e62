"""The lives of whistles and callouts, as tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.states import WrongState
from portal.whistles.states import (
    ARRIVED,
    AWAITED,
    CALLOUT,
    CALLOUT_LIVE,
    ENDED,
    LIVE,
    OVER,
    PREPARING,
    WHISTLE,
    CalloutState,
    WhistleState,
    main_verb,
    stage,
    whistle_verb,
)

C, W = CalloutState, WhistleState
states = st.sampled_from(list(C))


def test_groups_cover_every_state_once():
    assert PREPARING | LIVE | OVER | {W.CANCELLED} == set(W)
    assert set(C) == CALLOUT_LIVE | ENDED
    assert not CALLOUT_LIVE & ENDED
    assert not AWAITED & ARRIVED


@pytest.mark.parametrize("state", sorted(ENDED))
def test_an_ended_line_stays_ended(state):
    assert CALLOUT.verbs_from(state) == ()


def test_nobody_stands_down_without_asking():
    stands_down = [s for s in C if CALLOUT.allows(s, "stand_down")]
    asks = [s for s in C if CALLOUT.allows(s, "ask_stand_down")]
    assert stands_down == [C.DONE]
    assert asks == [C.ACTING]


def test_a_recess_is_no_way_out():
    assert CALLOUT.next(C.RECESSED, "resume") is C.ACTING
    with pytest.raises(WrongState):
        CALLOUT.next(C.RECESSED, "ask_stand_down")


def test_only_a_blown_whistle_lives():
    assert {s for s in W if WHISTLE.allows(s, "complete")} == LIVE
    assert WHISTLE.next(W.DRAFTED, "blow") is W.BLOWN


@given(st.lists(states, max_size=6))
def test_a_whistle_ends_only_when_no_line_lives(lines):
    verb = whistle_verb(lines)
    lives = any(line in CALLOUT_LIVE for line in lines)
    assert (verb in {"complete", "come_to_nothing"}) != lives
    if verb == "complete":
        assert C.STOOD_DOWN in lines
    if verb in {"assemble", "begin"}:
        assert not any(line in AWAITED for line in lines)


@given(st.lists(states, max_size=6))
def test_order_of_departments_does_not_matter(lines):
    assert whistle_verb(lines) == whistle_verb(list(reversed(lines)))


@pytest.mark.parametrize(
    ("state", "set_out", "result", "verb"),
    [
        (C.CALLED, False, False, "acknowledge"),
        (C.ACKNOWLEDGED, False, False, "set_out"),
        (C.ACKNOWLEDGED, True, False, "report_in"),
        (C.REPORTED_IN, True, False, "record_result"),
        (C.ACTING, True, False, "record_result"),
        (C.ACTING, True, True, "ask_stand_down"),
        (C.RECESSED, True, True, "resume"),
        (C.DONE, True, True, ""),
        (C.HANDED_BACK, False, False, ""),
        (C.STOOD_DOWN, True, True, ""),
    ],
)
def test_the_one_button(state, set_out, result, verb):
    assert main_verb(state, has_set_out=set_out, has_result=result) == verb
    if verb:
        assert CALLOUT.allows(state, verb)


@pytest.mark.parametrize(
    ("over", "called", "acknowledged", "arrived", "step"),
    [
        (False, 0, 0, 0, 1),
        (False, 4, 3, 1, 2),
        (False, 4, 4, 3, 3),
        (False, 4, 4, 4, 4),
        (True, 4, 4, 4, 5),
    ],
)
def test_the_six_steps(over, called, acknowledged, arrived, step):
    assert stage(over=over, called=called, acknowledged=acknowledged, arrived=arrived) == step
