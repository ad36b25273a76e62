"""An actor has the seats they hold, and no other."""

from portal.core.actor import SYSTEM, VISITOR, Actor, Seat

OFFICE = Seat(1, "street_office", "dispatcher", 10, 20)
COMMITTEE = Seat(2, "community_committee", "community_worker", 10, 20, 30)
BOTH = Actor(person_id=5, seats=(OFFICE, COMMITTEE))


def test_nobody_and_the_system_are_not_signed_in() -> None:
    assert not VISITOR.signed_in
    assert not SYSTEM.signed_in
    assert SYSTEM.is_system
    assert not VISITOR.is_system
    assert Actor(person_id=5).signed_in


def test_seats_make_staff() -> None:
    assert BOTH.is_staff
    assert not Actor(person_id=5).is_staff
    assert BOTH.unit_ids == {1, 2}


def test_a_seat_is_found_by_role_and_place() -> None:
    assert BOTH.seat("dispatcher", street_id=20) is OFFICE
    assert BOTH.seat("dispatcher", street_id=21) is None
    assert BOTH.seat(community_id=30) is COMMITTEE
    assert BOTH.seat("dispatcher", community_id=30) is None
    assert BOTH.sits("auditor", "community_worker")
    assert BOTH.unit_for("community_worker") == 2
    assert BOTH.unit_for("auditor") is None
