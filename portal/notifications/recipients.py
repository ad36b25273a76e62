"""Who is told: each function turns an event's slots into a query for person ids.

Outside staff, nobody hears of a quiet enforcement whistle before it is released. Who caused the
event is left out by `services.expand`, so nobody is told of their own act.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, select, union

from portal.accounts.models import Person
from portal.organisations.models import Membership, Unit
from portal.organisations.states import Role
from portal.problems.models import Assignment, Problem, Supporter

Slots = Mapping[str, Any]
Recipients = Callable[[Slots], Select[Any]]


def reporter(slots: Slots) -> Select[Any]:
    """Return who reported the problem."""
    return select(Problem.reporter_id.label("person_id")).where(
        Problem.id == slots["problem_id"],
        Problem.reporter_id.is_not(None),
        Problem.quiet.is_(False),
    )


def followers(slots: Slots) -> Select[Any]:
    """Return who reported the problem and who met the same."""
    supporters = (
        select(Supporter.person_id.label("person_id"))
        .join(Problem, Problem.id == Supporter.problem_id)
        .where(
            Supporter.problem_id == slots["problem_id"],
            Supporter.left_at.is_(None),
            Problem.quiet.is_(False),
        )
    )
    both = union(reporter(slots), supporters).subquery()
    return select(both.c.person_id)


def moved_by_merge(slots: Slots) -> Select[Any]:
    """Return who came along into the other problem and has not left it."""
    return select(Supporter.person_id.label("person_id")).where(
        Supporter.problem_id == slots["into_id"],
        Supporter.origin_id == slots["problem_id"],
        Supporter.left_at.is_(None),
    )


def holder(slots: Slots) -> Select[Any]:
    """Return who sits for the unit that holds the problem."""
    return (
        select(Membership.person_id.label("person_id"))
        .join(Assignment, Assignment.holder_unit_id == Membership.unit_id)
        .where(
            Assignment.problem_id == slots["problem_id"],
            Assignment.ended_at.is_(None),
            Membership.ended_at.is_(None),
        )
    )


def dispatchers(slots: Slots) -> Select[Any]:
    """Return the dispatchers of the problem's street."""
    return (
        select(Membership.person_id.label("person_id"))
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Problem, Problem.street_id == Unit.street_id)
        .where(
            Problem.id == slots["problem_id"],
            Membership.role == Role.DISPATCHER,
            Membership.ended_at.is_(None),
        )
    )


def district(slots: Slots) -> Select[Any]:
    """Return the officers of the problem's district platform."""
    return (
        select(Membership.person_id.label("person_id"))
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Problem, Problem.district_id == Unit.district_id)
        .where(
            Problem.id == slots["problem_id"],
            Membership.role == Role.DISTRICT_OFFICER,
            Membership.ended_at.is_(None),
        )
    )


def person_in(slot: str) -> Recipients:
    """Return a function that finds the one person whom a slot names."""

    def named(slots: Slots) -> Select[Any]:
        return select(Person.id.label("person_id")).where(Person.id == slots[slot])

    return named


def unit_in(slot: str) -> Recipients:
    """Return a function that finds who sits for the unit that a slot names."""

    def members(slots: Slots) -> Select[Any]:
        return select(Membership.person_id.label("person_id")).where(
            Membership.unit_id == slots[slot], Membership.ended_at.is_(None)
        )

    return members
