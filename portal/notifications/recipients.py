"""Who is told: each function turns an event's slots into a query for person ids.

Outside staff, nobody hears of a quiet enforcement whistle before it is released. Who caused the
event is left out by `services.expand`, so nobody is told of their own act.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Select, exists, select, union

from portal.accounts.models import Person, Residence
from portal.ballots.models import Elector, Turnout
from portal.organisations.models import Membership, Unit
from portal.organisations.states import Role
from portal.problems.models import Assignment, Problem, Supporter
from portal.satisfaction.models import RatingRound
from portal.whistles.models import Whistle, WhistleProblem
from portal.whistles.states import Rung

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


def electors(slots: Slots) -> Select[Any]:
    """Return who is asked in a rating round and has not answered yet."""
    waiting = (
        select(Elector.person_id, Elector.household_id)
        .join(RatingRound, RatingRound.ballot_id == Elector.ballot_id)
        .where(
            RatingRound.id == slots["round_id"],
            ~exists().where(
                Turnout.ballot_id == Elector.ballot_id, Turnout.elector_id == Elector.id
            ),
        )
        .subquery()
    )
    persons = select(waiting.c.person_id.label("person_id")).where(waiting.c.person_id.is_not(None))
    households = (
        select(Residence.person_id.label("person_id"))
        .join(waiting, waiting.c.household_id == Residence.dwelling_id)
        .where(Residence.valid_to.is_(None))
    )
    both = union(persons, households).subquery()
    return select(both.c.person_id)


def whistle_followers(slots: Slots) -> Select[Any]:
    """Return the reporters and supporters behind a whistle that the public may know of."""
    concerned = (
        select(WhistleProblem.problem_id)
        .join(Whistle, Whistle.id == WhistleProblem.whistle_id)
        .where(Whistle.id == slots["whistle_id"], Whistle.released_at.is_not(None))
    )
    reporters = select(Problem.reporter_id.label("person_id")).where(
        Problem.id.in_(concerned), Problem.reporter_id.is_not(None)
    )
    supporters = select(Supporter.person_id.label("person_id")).where(
        Supporter.problem_id.in_(concerned), Supporter.left_at.is_(None)
    )
    both = union(reporters, supporters).subquery()
    return select(both.c.person_id)


def author(slots: Slots) -> Select[Any]:
    """Return who wrote the whistle."""
    return select(Whistle.author_id.label("person_id")).where(Whistle.id == slots["whistle_id"])


def street_seats(*roles: Role) -> Recipients:
    """Return a function that finds who sits in these roles for the whistle's street."""

    def seats(slots: Slots) -> Select[Any]:
        return (
            select(Membership.person_id.label("person_id"))
            .join(Unit, Unit.id == Membership.unit_id)
            .join(Whistle, Whistle.street_id == Unit.street_id)
            .where(
                Whistle.id == slots["whistle_id"],
                Membership.role.in_(roles),
                Membership.ended_at.is_(None),
            )
        )

    return seats


def rung(slots: Slots) -> Select[Any]:
    """Return the next rung of the ladder: officers, their head, the street, the district."""
    called = unit_in("called_unit_id")(slots)
    if slots["rung"] == Rung.OFFICER:
        return called
    if slots["rung"] == Rung.UNIT_HEAD:
        return called.where(Membership.role == Role.UNIT_HEAD)
    if slots["rung"] == Rung.STREET:
        return street_seats(Role.DISPATCHER, Role.STREET_LEADER)(slots)
    return (
        select(Membership.person_id.label("person_id"))
        .join(Unit, Unit.id == Membership.unit_id)
        .join(Whistle, Whistle.district_id == Unit.district_id)
        .where(
            Whistle.id == slots["whistle_id"],
            Membership.role == Role.DISTRICT_OFFICER,
            Membership.ended_at.is_(None),
        )
    )


def unit_in(slot: str) -> Recipients:
    """Return a function that finds who sits for the unit that a slot names."""

    def members(slots: Slots) -> Select[Any]:
        return select(Membership.person_id.label("person_id")).where(
            Membership.unit_id == slots[slot], Membership.ended_at.is_(None)
        )

    return members
