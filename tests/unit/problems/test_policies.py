"""Who may do what to a problem, in which state: this table is the specification.

Each row names the verb, who may, in which states, and what everybody else is told. Every verb is
asked for every role in every state.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from portal.core.actor import VISITOR, Actor, Seat
from portal.organisations.states import Role
from portal.problems import policies
from portal.problems.queries import Standing
from portal.problems.states import AssignmentState, Audience, PhotoKind, ProblemState, Source

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
DISTRICT, STREET, COMMUNITY, HOLDER = 1, 10, 100, 7
P, A = ProblemState, AssignmentState


def sits(role: Role, unit: int = 1, **where: int | None) -> Actor:
    seat = Seat(unit, "unit", role, where.pop("district", None) or DISTRICT, **where)
    return Actor(person_id=50, seats=(seat,))


ROLES: dict[str, Actor] = {
    "visitor": VISITOR,
    "reporter": Actor(person_id=1),
    "supporter": Actor(person_id=2),
    "resident": Actor(person_id=3),
    "dispatcher": sits(Role.DISPATCHER, street_id=STREET),
    "leader": sits(Role.STREET_LEADER, street_id=STREET),
    "dispatcher elsewhere": sits(Role.DISPATCHER, street_id=11),
    "leader of another district": sits(Role.STREET_LEADER, district=2, street_id=20),
    "worker": sits(Role.COMMUNITY_WORKER, street_id=STREET, community_id=COMMUNITY),
    "grid worker": sits(Role.GRID_WORKER, street_id=STREET, community_id=COMMUNITY),
    "worker elsewhere": sits(Role.COMMUNITY_WORKER, street_id=STREET, community_id=101),
    "worker of the successor": replace(
        sits(Role.COMMUNITY_WORKER, street_id=STREET, community_id=102),
        area_ids=frozenset({102, COMMUNITY}),
    ),
    "holder": sits(Role.OFFICER, unit=HOLDER),
    "head of the holder": sits(Role.UNIT_HEAD, unit=HOLDER),
    "officer": sits(Role.OFFICER, unit=8),
    "district": sits(Role.DISTRICT_OFFICER),
    "district elsewhere": sits(Role.DISTRICT_OFFICER, district=2),
    "reviewer": sits(Role.REVIEWER),
    "reviewer elsewhere": sits(Role.REVIEWER, district=2),
    "auditor": sits(Role.AUDITOR),
}
STREET_STAFF = {"dispatcher", "leader"}
COMMUNITY_STAFF = {"worker", "grid worker", "worker of the successor"}
HOLDERS = {"holder", "head of the holder"}
STAFF = set(ROLES) - {"visitor", "reporter", "supporter", "resident"}
ANY = set(P)
OPEN = {
    P.SUBMITTED, P.ACCEPTED, P.HANDLING, P.WHISTLED, P.RESOLVED, P.VERIFIED, P.RATING, P.REOPENED,
}  # fmt: skip


def problem(state: ProblemState = P.SUBMITTED, **fields: Any) -> SimpleNamespace:
    base = {
        "id": 5, "ref": "261100000008", "district_id": DISTRICT, "street_id": STREET,
        "community_id": COMMUNITY, "audience": Audience.PUBLIC, "released_at": NOW,
        "state": state, "due_at": NOW, "district_review_at": NOW, "district_decided_at": None,
        "quiet": False, "source": Source.PORTAL,
    }  # fmt: skip
    return SimpleNamespace(**{**base, **fields})


def standing(role: str, about: SimpleNamespace, **fields: Any) -> Standing:
    known: dict[str, Any] = {
        "is_reporter": role == "reporter", "is_supporter": role == "supporter",
        "has_grant": role in HOLDERS, "handler_unit_ids": frozenset({HOLDER}),
    }  # fmt: skip
    return Standing(problem=about, **{**known, **fields})


@dataclass(frozen=True)
class Row:
    """One verb: who may, in which states, what the others hear."""

    may: set[str]
    states: set[ProblemState]
    others: str
    visitor: str = "sign_in_first"
    takes_standing: bool = False
    special: dict[str, str] = field(default_factory=dict)


ROWS = {
    "accept": Row(STREET_STAFF, {P.SUBMITTED}, "not_your_street"),
    "decline": Row(STREET_STAFF, {P.SUBMITTED, P.ACCEPTED}, "not_your_street"),
    "merge": Row(STREET_STAFF, {P.SUBMITTED, P.ACCEPTED}, "not_your_street"),
    "unmerge": Row(STREET_STAFF, {P.MERGED}, "not_your_street"),
    "assign": Row(STREET_STAFF, {P.ACCEPTED, P.HANDLING, P.REOPENED}, "not_your_street"),
    "locate": Row(STREET_STAFF | COMMUNITY_STAFF | {"district"}, {P.SUBMITTED}, "not_your_street"),
    "publish": Row(STREET_STAFF | {"reviewer"}, ANY, "not_your_street", takes_standing=True),
    "order_rework": Row({"district"}, {P.CLOSED}, "for_district", visitor="for_district"),
    "confirm_closing": Row({"district"}, {P.CLOSED}, "for_district", visitor="for_district"),
    "see_assignments": Row(STAFF, ANY, "for_workers"),
    "see_mine": Row(set(ROLES) - {"visitor"}, ANY, "-"),
    "submit": Row(set(ROLES), ANY, "-"),
    "enter": Row(
        STREET_STAFF | COMMUNITY_STAFF
        | {"worker elsewhere", "dispatcher elsewhere", "leader of another district"},
        ANY, "for_workers", visitor="for_workers",
    ),
    "see": Row(set(ROLES), ANY, "-", takes_standing=True),
    "join": Row(
        set(ROLES) - {"visitor", "reporter", "supporter"}, OPEN, "already_counted",
        takes_standing=True,
    ),
    "leave": Row(
        {"supporter"}, ANY, "not_a_supporter", visitor="not_a_supporter", takes_standing=True
    ),
    "withdraw": Row(
        {"reporter"}, {P.SUBMITTED, P.ACCEPTED}, "reporter_only", visitor="reporter_only",
        takes_standing=True,
    ),
    "nudge": Row(
        {"reporter"}, OPEN, "reporter_only", visitor="reporter_only", takes_standing=True
    ),
    "verify": Row(
        STREET_STAFF | COMMUNITY_STAFF, {P.RESOLVED}, "not_your_street", takes_standing=True
    ),
    "send_back": Row(
        STREET_STAFF | COMMUNITY_STAFF, {P.RESOLVED}, "not_your_street",
        visitor="not_your_street", takes_standing=True,
    ),
    "take_measure": Row(
        STREET_STAFF | COMMUNITY_STAFF | HOLDERS | {"district"},
        {P.ACCEPTED, P.HANDLING, P.REOPENED, P.WHISTLED}, "not_the_holder", takes_standing=True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", ROWS)
def test_the_table(verb: str, role: str) -> None:
    row, can = ROWS[verb], getattr(policies, f"can_{verb}")
    for state in P:
        about = problem(state)
        thing = standing(role, about) if row.takes_standing else about
        if role == "visitor" and role not in row.may:
            expected = row.visitor
        elif role not in row.may:
            expected = row.others
        else:
            expected = "" if state in row.states else "wrong_state"
        assert can(ROLES[role], thing, NOW).reason == expected, state


ASSIGNMENT_ROWS = {
    "acknowledge": (HOLDERS, {A.ASSIGNED}, "not_the_holder", "sign_in_first"),
    "hand_back": (HOLDERS, {A.ASSIGNED, A.ACKNOWLEDGED}, "not_the_holder", "sign_in_first"),
    "finish": (HOLDERS, {A.ACKNOWLEDGED}, "not_the_holder", "sign_in_first"),
    "refuse_hand_back": (STREET_STAFF, {A.HANDING_BACK}, "not_your_street", "not_your_street"),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", ASSIGNMENT_ROWS)
def test_the_holders_table(verb: str, role: str) -> None:
    may, states, others, visitor = ASSIGNMENT_ROWS[verb]
    can: Callable[..., Any] = getattr(policies, f"can_{verb}")
    for state in A:
        about = SimpleNamespace(
            holder_unit_id=HOLDER, state=state, problem=problem(P.HANDLING), problem_id=5
        )
        expected = "" if state in states else "wrong_state"
        if role not in may:
            expected = visitor if role == "visitor" else others
        assert can(ROLES[role], about, NOW).reason == expected, state


# --- what is not released -----------------------------------------------------------------------

INSIDE = STREET_STAFF | COMMUNITY_STAFF | HOLDERS | {"district"}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    ("audience", "released"),
    [
        (Audience.PUBLIC, False),
        (Audience.PUBLIC_UNNAMED, False),
        (Audience.STAFF, False),
        (Audience.STAFF, True),  # the database refuses it; the policy does too
        (Audience.PUBLIC_UNNAMED, True),
    ],
)
def test_only_those_concerned_see_what_is_not_released(
    role: str, audience: Audience, released: bool
) -> None:
    about = problem(audience=audience, released_at=NOW if released else None)
    known = standing(role, about)
    public = released and audience is not Audience.STAFF

    expected = public or role in INSIDE | {"reporter", "supporter"}
    if role == "reviewer" and audience is not Audience.STAFF:
        expected = True  # 先审后发: somebody must read it first

    assert bool(policies.can_see(ROLES[role], known, NOW)) is expected
    assert policies.sees_inside(ROLES[role], known) is (role in INSIDE)


def test_a_query_code_opens_the_page_but_not_the_inside() -> None:
    known = standing("visitor", problem(released_at=None), was_opened_by_code=True)

    assert policies.can_see(VISITOR, known, NOW)
    assert not policies.sees_inside(VISITOR, known)


@pytest.mark.parametrize("role", ROLES)
def test_a_problem_of_unknown_place_belongs_to_the_streets_of_its_district(role: str) -> None:
    about = problem(street_id=None, community_id=None)

    expected = role in STREET_STAFF | {"dispatcher elsewhere", "district"}

    assert policies.is_staff_for(ROLES[role], about) is expected


def test_an_unreleased_problem_cannot_be_joined() -> None:
    known = standing("resident", problem(released_at=None))

    assert policies.can_join(ROLES["resident"], known, NOW).reason == "not_released"


@pytest.mark.parametrize("role", ["dispatcher", "reviewer"])
def test_what_is_for_staff_is_never_published(role: str) -> None:
    about = problem(audience=Audience.STAFF, released_at=None)

    decision = policies.can_publish(ROLES[role], standing(role, about), NOW)

    assert decision.reason == "staff_only_audience"


@pytest.mark.parametrize(
    ("role", "reason"), [("dispatcher", "judged_cannot_publish"), ("reviewer", "")]
)
def test_the_office_that_holds_a_problem_does_not_release_it(role: str, reason: str) -> None:
    held = standing(role, problem(), handler_unit_ids=ROLES["dispatcher"].unit_ids)

    assert policies.can_publish(ROLES[role], held, NOW).reason == reason


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("dispatcher", set(PhotoKind)),
        ("reviewer", set(PhotoKind)),
        ("holder", set(PhotoKind)),
        ("reporter", {PhotoKind.BEFORE, PhotoKind.AFTER}),
        ("supporter", set()),
        ("visitor", set()),
    ],
)
def test_what_was_taken_at_work_waits_for_release(role: str, seen: set[PhotoKind]) -> None:
    assert policies.unreleased_photos(ROLES[role], standing(role, problem()), NOW) == seen


def test_what_the_hotline_brought_is_published_once_reviewed() -> None:
    about = problem(audience=Audience.STAFF, released_at=None, source=Source.HOTLINE)

    assert policies.can_publish(ROLES["reviewer"], standing("reviewer", about), NOW)


def test_reviewers_and_streets_see_what_waits_for_review() -> None:
    for role, actor in ROLES.items():
        expected = (
            ""
            if "reviewer" in role or "dispatcher" in role or "leader" in role
            else ("sign_in_first" if role == "visitor" else "for_workers")
        )
        assert policies.can_review(actor, None, NOW).reason == expected, role


def test_the_district_desk_is_the_districts() -> None:
    for role, actor in ROLES.items():
        expected = {"visitor": "sign_in_first"}.get(role, "for_district")
        if role.startswith("district"):
            expected = ""
        assert policies.can_see_district(actor, None, NOW).reason == expected, role


# --- checking -----------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["verify", "send_back"])
def test_nobody_checks_their_own_work(verb: str) -> None:
    known = standing("worker", problem(P.RESOLVED), handler_ids=frozenset({50}))

    assert getattr(policies, f"can_{verb}")(ROLES["worker"], known, NOW).reason == (
        "handler_cannot_check"
    )


def test_the_handling_committee_does_not_check_but_another_of_the_street_may() -> None:
    known = standing("worker", problem(P.RESOLVED), handler_unit_ids=frozenset({1}))

    assert policies.can_verify(ROLES["worker"], known, NOW).reason == "handler_cannot_check"
    assert policies.can_verify(ROLES["leader"], known, NOW)


def test_who_also_sits_for_the_handling_unit_does_not_check() -> None:
    both = replace(ROLES["leader"], seats=ROLES["leader"].seats + ROLES["holder"].seats)
    known = standing("leader", problem(P.RESOLVED), handler_unit_ids=frozenset({HOLDER}))

    assert policies.can_verify(both, known, NOW).reason == "handler_cannot_check"


def test_a_hold_blocks_verifying_but_not_sending_back() -> None:
    known = standing("worker", problem(P.RESOLVED), held_verbs=frozenset({"close"}))

    assert policies.can_verify(ROLES["worker"], known, NOW).reason == "held"
    assert policies.can_send_back(ROLES["worker"], known, NOW)


# --- nudging, photos, board, district -----------------------------------------------------------


@pytest.mark.parametrize(("late", "reason"), [(-1, "not_late_yet"), (0, ""), (1, "")])
def test_a_nudge_is_open_from_the_limit_on(late: int, reason: str) -> None:
    about = problem(P.HANDLING, due_at=NOW - timedelta(seconds=late))

    decision = policies.can_nudge(ROLES["reporter"], standing("reporter", about), NOW)

    assert decision.reason == reason


@pytest.mark.parametrize("role", ROLES)
def test_photos_are_added_by_the_reporter_and_those_inside(role: str) -> None:
    for state in P:
        known = standing(role, problem(state))
        expected = "" if role in INSIDE | {"reporter"} else "reporter_only"
        if state not in OPEN:
            expected = "wrong_state"
        assert policies.can_add_photo(ROLES[role], known, NOW).reason == expected


@pytest.mark.parametrize("role", ROLES)
def test_the_board_is_the_streets_own(role: str) -> None:
    expected = "" if role in STREET_STAFF else "not_your_street"
    if role == "visitor":
        expected = "sign_in_first"

    assert policies.can_see_board(ROLES[role], STREET, NOW).reason == expected
    assert not policies.can_see_board(ROLES[role], None, NOW)


@pytest.mark.parametrize("verb", ["order_rework", "confirm_closing"])
def test_the_district_decides_once_and_only_what_was_sent_to_it(verb: str) -> None:
    can = getattr(policies, f"can_{verb}")

    never_sent = problem(P.CLOSED, district_review_at=None)
    decided = problem(P.CLOSED, district_decided_at=NOW)

    assert can(ROLES["district"], never_sent, NOW).reason == "not_with_district"
    assert can(ROLES["district"], decided, NOW).reason == "not_with_district"
