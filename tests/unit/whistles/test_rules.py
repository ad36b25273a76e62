"""Clocks, ladder, gate, presence and code: pure arithmetic."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.duties.states import ListKind, PowerHolder
from portal.rulebook.queries import default
from portal.whistles import rules
from portal.whistles.rules import GateFacts
from portal.whistles.states import Kind, Question, Rung

BOOK = default()
NOW = datetime(2026, 11, 24, 7, 8, tzinfo=UTC)
moments = st.integers(0, 700 * 24 * 3600).map(
    lambda seconds: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
kinds = st.sampled_from(list(Kind))
MINUTE = timedelta(minutes=1)


def test_an_emergency_arrives_within_thirty_minutes():
    due = rules.clocks(BOOK, Kind.EMERGENCY, NOW, None)
    assert due.arrive == NOW + timedelta(minutes=30)
    assert due.contact is None


def test_an_enforcement_arrives_at_the_appointed_time():
    at = NOW + timedelta(hours=3)
    due = rules.clocks(BOOK, Kind.ENFORCEMENT, NOW, at)
    assert due.acknowledge == NOW + timedelta(minutes=30)
    assert due.arrive == at


def test_key_work_counts_working_days():
    due = rules.clocks(BOOK, Kind.KEY_WORK, NOW, None)
    assert due.acknowledge == NOW + timedelta(hours=1)
    assert due.contact == NOW + timedelta(hours=24)
    assert due.arrive == datetime(2026, 11, 27, 7, 8, tzinfo=UTC)


@given(kinds, moments, st.integers(-60, 10_000))
def test_clocks_never_run_backwards(kind, called_at, minutes):
    due = rules.clocks(BOOK, kind, called_at, called_at + minutes * MINUTE)
    assert called_at <= due.acknowledge <= due.arrive <= due.resolve
    assert (due.contact is not None) == (kind is Kind.KEY_WORK)


@given(moments, st.integers(0, 100_000))
def test_the_ladder_climbs(start, seconds):
    due = start + timedelta(seconds=seconds)
    steps = rules.ladder(BOOK, start, due)
    assert [step.rung for step in steps] == list(Rung)
    assert [step.at for step in steps] == sorted(step.at for step in steps)
    for step in steps:
        assert step.at >= start
        assert step.is_red == (step.rung != Rung.OFFICER)
        if step.is_red:
            assert step.at >= due


def test_amber_at_eighty_percent_red_at_the_limit():
    amber, red, street, district = rules.ladder(BOOK, NOW, NOW + timedelta(minutes=30))
    assert amber.at == NOW + timedelta(minutes=24)
    assert red.at == NOW + timedelta(minutes=30)
    assert street.at == NOW + timedelta(minutes=36)
    assert district.at == NOW + timedelta(minutes=45)


@given(moments, st.integers(0, 10_000), st.integers(-20_000, 20_000))
def test_what_is_left_is_a_share(start, span, passed):
    left = rules.left_share(start, start + span * MINUTE, start + passed * MINUTE)
    assert 0 <= left <= 1


def test_absence_and_nudge_follow_the_rulebook():
    assert rules.absent_at(BOOK, NOW) == NOW + timedelta(minutes=60)
    assert rules.nudge_opens_at(BOOK, None, NOW) == NOW
    assert rules.nudge_opens_at(BOOK, NOW, NOW) == NOW + timedelta(minutes=5)


# --- the gate ------------------------------------------------------------------------------------

GOOD = {
    "kind": Kind.ENFORCEMENT,
    "in_street": True,
    "list_kind": ListKind.SUPPORTING,
    "power_holder": PowerHolder.DEPARTMENT,
    "measures_with_evidence": 1,
    "departments": 2,
    "urgencies": ("L3",),
    "emergency_urgencies": ("L1", "L2"),
}


def failed(**changes):
    return {a.question for a in rules.gate(GateFacts(**(GOOD | changes))) if not a.passed}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set()),
        ({"in_street": False}, {"in_street"}),
        ({"list_kind": ListKind.OWN}, {"beyond_street"}),
        ({"power_holder": PowerHolder.STREET}, {"beyond_street", "kind_fits"}),
        ({"list_kind": None, "power_holder": None}, {"beyond_street", "kind_fits"}),
        ({"kind": Kind.KEY_WORK, "power_holder": PowerHolder.NONE}, set()),
        ({"measures_with_evidence": 0}, {"tried"}),
        (
            {"kind": Kind.EMERGENCY, "measures_with_evidence": 0, "urgencies": ("L2",)},
            set(),
        ),
        ({"kind": Kind.EMERGENCY}, {"kind_fits"}),
        ({"duplicate_ref": "261100000000"}, {"not_duplicate"}),
        ({"departments": 0}, {"resolved"}),
        ({"refused_units": ("wanghu-team",)}, {"resolved"}),
    ],
)
def test_six_questions(changes, expected):
    assert failed(**changes) == expected


@given(
    kinds,
    st.booleans(),
    st.sampled_from([None, *ListKind]),
    st.sampled_from([None, *PowerHolder]),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_each_question_is_answered_once(kind, here, list_kind, power, tried, departments):
    facts = GateFacts(
        kind=kind, in_street=here, list_kind=list_kind, power_holder=power,
        measures_with_evidence=tried, departments=departments,
    )  # fmt: skip
    assert [answer.question for answer in rules.gate(facts)] == list(Question)


@pytest.mark.parametrize(
    ("kind", "affiliation", "code"),
    [
        ("department", "district", ""),
        ("utility", "enterprise", ""),
        ("utility", "district", ""),
        ("department", "city", "not_commanded"),
        ("department", "military", "not_commanded"),
        ("utility", "central", "not_commanded"),
        ("street_team", "street", "own_team_assigned"),
        ("property_company", "enterprise", "not_a_department"),
        ("street_office", "street", "not_a_department"),
    ],
)
def test_who_is_never_called_out(kind, affiliation, code):
    assert rules.refuse_unit(BOOK, kind, affiliation) == code


# --- presence ------------------------------------------------------------------------------------


def test_distance_needs_both_points():
    assert rules.distance_m(None, 116.4, 40.0, 116.4) is None
    assert rules.distance_m(40.0, None, 40.0, 116.4) is None
    assert rules.distance_m(40.0, 116.4, None, None) is None
    assert rules.distance_m(40.0, 116.4, 40.0, 116.4) == 0
    assert 199 <= (rules.distance_m(40.0, 116.4, 40.0018, 116.4) or 0) <= 201


@given(moments, st.integers(1, 10**9), st.text(min_size=1))
def test_the_code_shown_is_accepted(now, whistle_id, secret):
    code = rules.site_code(secret, whistle_id, rules.code_window(now, 30))
    assert len(code) == rules.CODE_DIGITS
    assert code.isdigit()
    assert rules.is_site_code(secret, whistle_id, f" {code[:3]} {code[3:]}", now, 30, 15)
    assert rules.is_site_code(secret, whistle_id, code, now + timedelta(seconds=14), 30, 15)


def test_an_old_code_and_another_whistles_code_are_refused():
    now = datetime(2026, 11, 24, 7, 8, 0, tzinfo=UTC)
    code = rules.site_code("secret", 7, rules.code_window(now, 30))
    assert not rules.is_site_code("secret", 7, code, now + timedelta(seconds=46), 30, 15)
    assert not rules.is_site_code("secret", 8, code, now, 30, 15)
    assert not rules.is_site_code("other", 7, code, now, 30, 15)
    assert not rules.is_site_code("secret", 7, "", now, 30, 15)
