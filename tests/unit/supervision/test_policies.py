"""Who may do what at a visit: the table reads as the specification."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from portal.core.actor import VISITOR, Actor, Seat
from portal.core.states import WrongState
from portal.organisations.states import Role
from portal.problems.states import ProblemState
from portal.supervision import policies
from portal.supervision.states import AWAITED, FINAL, LIVE, VISIT, Rung, VisitState

NOW = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
DISTRICT, STREET, COMMUNITY = 1, 2, 3


def sits(role: Role, *, street: int | None = STREET, community: int | None = None) -> Actor:
    seat = Seat(9, "unit", role, DISTRICT, street, community)
    return Actor(person_id=50, seats=(seat,))


LIU = Actor(person_id=7)
WANG = Actor(person_id=8)
ZHAO = sits(Role.DISPATCHER)
HE = sits(Role.STREET_LEADER)
ZHOU = sits(Role.COMMUNITY_WORKER, community=COMMUNITY)
LIN = sits(Role.DISTRICT_OFFICER, street=None)
ZHANG = sits(Role.OFFICER, street=None)
ELSEWHERE = sits(Role.DISPATCHER, street=99)


def visit(state: VisitState, rung: Rung = Rung.NONE) -> SimpleNamespace:
    problem = SimpleNamespace(
        district_id=DISTRICT, street_id=STREET, community_id=COMMUNITY, state="handling"
    )
    return SimpleNamespace(state=state, supervisor_id=7, rung=rung, problem=problem)


@pytest.mark.parametrize(
    ("verb", "state", "actor", "reason"),
    [
        ("accept", VisitState.INVITED, LIU, ""),
        ("accept", VisitState.INVITED, WANG, "visit_not_yours"),
        ("accept", VisitState.INVITED, VISITOR, "sign_in_first"),
        ("accept", VisitState.CLOSED, LIU, "wrong_state"),
        ("decline", VisitState.ACCEPTED, LIU, ""),
        ("decline", VisitState.ON_SITE, LIU, "wrong_state"),
        ("sign_in", VisitState.ACCEPTED, LIU, ""),
        ("sign_in", VisitState.ACCEPTED, ZHAO, "visit_not_yours"),
        ("write_finding", VisitState.ON_SITE, LIU, ""),
        ("write_finding", VisitState.ON_SITE, ZHANG, "visit_not_yours"),
        ("object", VisitState.FINDINGS, LIU, ""),
        ("object", VisitState.ON_SITE, LIU, "wrong_state"),
        ("sign_off", VisitState.FINDINGS, LIU, ""),
        ("sign_off", VisitState.RECHECKED, LIU, ""),
        ("sign_off", VisitState.RECTIFICATION, LIU, "wrong_state"),
        ("sign_off", VisitState.FINDINGS, HE, "visit_not_yours"),
        ("answer", VisitState.RECTIFICATION, ZHAO, ""),
        ("answer", VisitState.RECTIFICATION, ZHOU, ""),
        ("answer", VisitState.RECTIFICATION, VISITOR, "sign_in_first"),
        ("answer", VisitState.RECTIFICATION, ZHANG, "not_your_street"),
        ("answer", VisitState.RECTIFICATION, ELSEWHERE, "not_your_street"),
        ("answer", VisitState.FINDINGS, ZHAO, "wrong_state"),
    ],
)
def test_verbs(verb: str, state: VisitState, actor: Actor, reason: str) -> None:
    decision = getattr(policies, f"can_{verb}")(actor, visit(state), NOW)
    assert decision.reason == reason


@pytest.mark.parametrize(
    ("rung", "actor", "reason"),
    [
        (Rung.NONE, HE, "supervisor_has_time"),
        (Rung.NONE, LIN, "supervisor_has_time"),
        (Rung.STREET_LEADER, HE, ""),
        (Rung.STREET_LEADER, ZHAO, "for_leader"),
        (Rung.STREET_LEADER, VISITOR, "sign_in_first"),
        (Rung.DISTRICT, HE, "for_district"),
        (Rung.DISTRICT, LIN, ""),
    ],
)
def test_signing_in_place_goes_up(rung: Rung, actor: Actor, reason: str) -> None:
    decision = policies.can_sign_in_place(actor, visit(VisitState.FINDINGS, rung), NOW)
    assert decision.reason == reason


def test_nobody_signs_in_place_of_an_invitation_that_was_not_accepted() -> None:
    invited = visit(VisitState.INVITED, Rung.DISTRICT)
    assert policies.can_sign_in_place(LIN, invited, NOW).reason == "wrong_state"


@pytest.mark.parametrize(
    ("actor", "state", "quiet", "reason"),
    [
        (ZHAO, ProblemState.HANDLING, False, ""),
        (ZHOU, ProblemState.WHISTLED, False, ""),
        (ZHAO, ProblemState.WHISTLED, True, "covert"),
        (ZHAO, ProblemState.CLOSED, False, "wrong_state"),
        (ELSEWHERE, ProblemState.HANDLING, False, "not_your_street"),
        (LIU, ProblemState.HANDLING, False, "not_your_street"),
        (VISITOR, ProblemState.HANDLING, False, "sign_in_first"),
    ],
)
def test_inviting(actor: Actor, state: ProblemState, quiet: bool, reason: str) -> None:
    problem = SimpleNamespace(
        district_id=DISTRICT, street_id=STREET, community_id=COMMUNITY, state=state, quiet=quiet
    )
    assert policies.can_invite(actor, problem, NOW).reason == reason


@pytest.mark.parametrize(
    ("actor", "reason"),
    [(LIU, ""), (ZHAO, ""), (LIN, ""), (WANG, "visit_not_yours"), (VISITOR, "sign_in_first")],
)
def test_seeing_a_visit(actor: Actor, reason: str) -> None:
    assert policies.can_see(actor, visit(VisitState.ON_SITE), NOW).reason == reason


def test_seeing_ones_list() -> None:
    assert policies.can_see_visits(LIU, None, NOW)
    assert policies.can_see_visits(VISITOR, None, NOW).reason == "sign_in_first"


def test_every_state_is_live_or_final_and_final_ones_lead_nowhere() -> None:
    assert set(VisitState) == LIVE | FINAL
    assert not LIVE & FINAL
    assert all(not VISIT.verbs_from(state) for state in FINAL)


def test_an_objection_can_only_be_answered_or_signed_in_place() -> None:
    assert VISIT.verbs_from(VisitState.RECTIFICATION) == ("answer", "sign_in_place")
    with pytest.raises(WrongState, match="sign_off is not possible in state rectification"):
        VISIT.next(VisitState.RECTIFICATION, "sign_off")


def test_whatever_is_awaited_can_be_signed_in_place() -> None:
    assert all(VISIT.next(state, "sign_in_place") is VisitState.CLOSED for state in AWAITED)
