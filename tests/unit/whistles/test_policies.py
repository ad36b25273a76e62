"""Who may do what to a whistle and to a department's line, as a table."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from portal.core.actor import SYSTEM, VISITOR, Actor, Seat
from portal.organisations.states import Role
from portal.problems.states import Audience, ProblemState
from portal.whistles import policies
from portal.whistles.queries import Standing
from portal.whistles.states import CalloutState, Kind, WhistleState

NOW = datetime(2026, 11, 24, 7, 8, tzinfo=UTC)
DISTRICT, STREET, ELSEWHERE = 1, 10, 11
OFFICE, CALLED, OTHER, PLATFORM = 100, 200, 201, 300
C, W = CalloutState, WhistleState


def person(number, role, unit, street=None):
    return Actor(
        person_id=number,
        seats=(
            Seat(unit_id=unit, unit_kind="", role=role, district_id=DISTRICT, street_id=street),
        ),
    )


DISPATCHER = person(1, Role.DISPATCHER, OFFICE, STREET)
LEADER = person(2, Role.STREET_LEADER, OFFICE, STREET)
NEIGHBOUR = person(3, Role.DISPATCHER, 101, ELSEWHERE)
OFFICER = person(4, Role.OFFICER, CALLED)
HEAD = person(5, Role.UNIT_HEAD, CALLED)
STRANGER = person(6, Role.OFFICER, OTHER)
DISTRICT_OFFICER = person(7, Role.DISTRICT_OFFICER, PLATFORM)
WORKER = person(8, Role.COMMUNITY_WORKER, 400, STREET)
RESIDENT = Actor(person_id=9)
ALL = {
    "visitor": VISITOR, "resident": RESIDENT, "worker": WORKER, "dispatcher": DISPATCHER,
    "leader": LEADER, "neighbour": NEIGHBOUR, "officer": OFFICER, "head": HEAD,
    "stranger": STRANGER, "district": DISTRICT_OFFICER, "system": SYSTEM,
}  # fmt: skip
STREET_HALL, LEADERS, DEPARTMENT, RULERS = (
    {"dispatcher", "leader"}, {"leader"}, {"officer", "head"}, {"district"},
)  # fmt: skip


def whistle(**changes):
    fields = {
        "street_id": STREET, "district_id": DISTRICT, "state": W.DRAFTED, "kind": Kind.KEY_WORK,
        "author_id": 1, "audience": Audience.PUBLIC, "released_at": None, "blown_at": None,
        "completed_at": None, "late_review_due_at": None, "late_reviewed_at": None,
    }  # fmt: skip
    return SimpleNamespace(**(fields | changes))


def line(**changes):
    fields = {
        "id": 1, "whistle_id": 1, "unit_id": CALLED, "state": C.CALLED, "whistle": whistle(),
        "contact_due_at": None, "contacted_at": None, "set_out_at": None, "result_at": None,
        "recess_asked_at": None, "absent_at": None,
    }  # fmt: skip
    return SimpleNamespace(**(fields | changes))


def allowed(verb, thing):
    policy = getattr(policies, f"can_{verb}")
    return {name for name, actor in ALL.items() if policy(actor, thing, NOW)}


BLOWN = {"state": W.BLOWN, "blown_at": NOW}
WHISTLES = [
    ("revise", {}, STREET_HALL),
    ("revise", {"state": W.RETURNED}, STREET_HALL),
    ("revise", {"state": W.SCREENING}, set()),
    ("request_approval", {}, STREET_HALL),
    ("request_approval", {"kind": Kind.EMERGENCY}, set()),
    ("approve", {"state": W.SCREENING}, LEADERS),
    ("approve", {"state": W.SCREENING, "author_id": 2}, set()),
    ("approve", {}, set()),
    ("return_to_author", {"state": W.SCREENING}, LEADERS),
    ("override_gate", {}, LEADERS),
    ("override_gate", BLOWN, set()),
    ("blow", {}, set()),
    ("blow", {"state": W.APPROVED}, STREET_HALL),
    ("blow", {"kind": Kind.EMERGENCY}, STREET_HALL),
    ("blow", BLOWN, set()),
    ("cancel", {}, STREET_HALL),
    ("cancel", BLOWN, LEADERS),
    ("cancel", {"state": W.COMPLETED}, set()),
    ("release", BLOWN, set()),
    ("release", {"completed_at": NOW}, STREET_HALL),
    ("release", {"completed_at": NOW, "released_at": NOW}, set()),
    ("release", {"completed_at": NOW, "audience": Audience.STAFF}, set()),
    ("review", BLOWN | {"late_review_due_at": NOW}, RULERS),
    ("review", BLOWN | {"late_review_due_at": NOW, "late_reviewed_at": NOW}, set()),
    ("review", BLOWN, set()),
    ("show_code", BLOWN, STREET_HALL),
    ("show_code", {}, set()),
    ("call_more", BLOWN, STREET_HALL),
    ("call_more", {"state": W.COMPLETED}, set()),
]


@pytest.mark.parametrize(("verb", "changes", "who"), WHISTLES)
def test_verbs_of_a_whistle(verb, changes, who):
    assert allowed(verb, whistle(**changes)) == who


LINES = [
    ("acknowledge", {}, DEPARTMENT | STREET_HALL),
    ("acknowledge", {"state": C.ACKNOWLEDGED}, set()),
    ("contact", {"state": C.ACKNOWLEDGED, "contact_due_at": NOW}, DEPARTMENT),
    ("contact", {"state": C.ACKNOWLEDGED}, set()),
    ("contact", {"state": C.ACKNOWLEDGED, "contact_due_at": NOW, "contacted_at": NOW}, set()),
    ("set_out", {"state": C.ACKNOWLEDGED}, DEPARTMENT),
    ("set_out", {"state": C.ACKNOWLEDGED, "set_out_at": NOW}, set()),
    ("report_in", {}, DEPARTMENT),
    ("report_in", {"state": C.REPORTED_IN}, set()),
    ("resume", {"state": C.RECESSED}, DEPARTMENT),
    ("record_result", {"state": C.REPORTED_IN}, DEPARTMENT),
    ("record_result", {"state": C.CALLED}, set()),
    ("ask_recess", {"state": C.REPORTED_IN}, DEPARTMENT),
    ("ask_recess", {"state": C.ACTING, "recess_asked_at": NOW}, set()),
    ("grant_recess", {"state": C.ACTING, "recess_asked_at": NOW}, STREET_HALL),
    ("grant_recess", {"state": C.ACTING}, set()),
    ("refuse_recess", {"state": C.ACTING, "recess_asked_at": NOW}, STREET_HALL),
    ("ask_stand_down", {"state": C.ACTING, "result_at": NOW}, DEPARTMENT),
    ("ask_stand_down", {"state": C.ACTING}, set()),
    ("sign_off", {"state": C.DONE}, STREET_HALL),
    ("sign_off", {"state": C.ACTING}, set()),
    ("refuse_sign_off", {"state": C.DONE}, STREET_HALL),
    ("hand_back", {}, DEPARTMENT),
    ("hand_back", {"state": C.REPORTED_IN}, set()),
    ("reroute", {"state": C.HANDED_BACK}, STREET_HALL),
    ("uphold_hand_back", {"state": C.HANDED_BACK}, RULERS),
    ("overrule_hand_back", {"state": C.HANDED_BACK}, RULERS),
    ("overrule_hand_back", {}, set()),
    ("hand_over", {"state": C.ACTING}, STREET_HALL),
    ("nudge", {}, STREET_HALL),
    ("nudge", {"state": C.ACTING}, set()),
    ("correct_absence", {"absent_at": NOW}, RULERS),
    ("correct_absence", {}, set()),
    ("release_photo", {}, STREET_HALL),
    ("see_callout", {}, DEPARTMENT),
]


@pytest.mark.parametrize(("verb", "changes", "who"), LINES)
def test_verbs_of_a_line(verb, changes, who):
    assert allowed(verb, line(**changes)) == who


@pytest.mark.parametrize(
    ("verb", "who"),
    [
        ("see_whistles", STREET_HALL | {"neighbour"}),
        ("see_field", DEPARTMENT | {"stranger"}),
        ("see_district", RULERS),
    ],
)
def test_lists(verb, who):
    assert allowed(verb, None) == who


@pytest.mark.parametrize("state", list(ProblemState))
def test_only_the_street_of_a_problem_in_hand_drafts(state):
    problem = SimpleNamespace(street_id=STREET, state=state)
    expected = STREET_HALL if state in policies.WHISTLE_WHILE else set()
    assert allowed("draft", problem) == expected


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({}, STREET_HALL),
        (BLOWN, STREET_HALL | DEPARTMENT | RULERS),
        (BLOWN | {"released_at": NOW}, set(ALL)),
        (BLOWN | {"audience": Audience.STAFF}, STREET_HALL | DEPARTMENT | RULERS),
    ],
)
def test_who_knows_of_a_whistle(changes, who):
    found, inside = set(), set()
    for name, actor in ALL.items():
        standing = Standing(whistle(**changes), frozenset({CALLED}))
        if policies.can_see(actor, standing, NOW):
            found.add(name)
        if policies.sees_inside(actor, standing):
            inside.add(name)
    assert found == who
    assert inside == STREET_HALL | DEPARTMENT | RULERS


def test_a_successor_is_another_line_of_the_same_whistle_on_site():
    there = line(id=2, state=C.REPORTED_IN)
    assert policies.can_succeed(line(), there)
    assert policies.can_succeed(line(), line(id=2)).reason == "successor_not_there"
    assert policies.can_succeed(line(), line(state=C.DONE)).reason == "successor_elsewhere"
    elsewhere = line(id=2, whistle_id=2, state=C.DONE)
    assert policies.can_succeed(line(), elsewhere).reason == "successor_elsewhere"


def test_a_refusal_says_why():
    assert policies.can_blow(DISPATCHER, whistle(), NOW).reason == "approval_first"
    assert policies.can_blow(NEIGHBOUR, whistle(), NOW).reason == "not_your_street"
    assert policies.can_blow(VISITOR, whistle(), NOW).reason == "sign_in_first"
    assert policies.can_report_in(STRANGER, line(), NOW).reason == "not_your_unit"
    acting = line(state=C.ACTING)
    assert policies.can_ask_stand_down(OFFICER, acting, NOW).reason == "result_first"
