"""The street's triage: locate, accept, decline, merge and its undoing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.actor import Actor
from portal.core.db import db
from portal.core.errors import Refused, require
from portal.problems import events, policies, queries, rules
from portal.problems.models import Problem, Supporter
from portal.problems.services.intake import add_supporter
from portal.problems.services.steps import advance, log
from portal.problems.states import FINAL, Audience, StepAudience, Urgency
from portal.rulebook import queries as rulebook


@dataclass(frozen=True)
class Place:
    """Where a problem is, as staff set it."""

    street_id: int
    community_id: int | None
    grid_id: int | None = None
    address: str = ""
    building_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None


def acting_unit(actor: Actor, problem: Problem) -> int | None:
    """Return the unit for which the actor acts on this problem."""
    return (
        actor.unit_for(*policies.STREET_ROLES, street_id=problem.street_id)
        or actor.unit_for(*policies.COMMUNITY_ROLES, community_id=problem.community_id)
        or actor.unit_for(*policies.DISTRICT_ROLES, district_id=problem.district_id)
        or next(iter(sorted(actor.unit_ids)), None)
    )


def locate(
    problem: Problem,
    *,
    category_id: int | None,
    place: Place | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Fill in category or place where an import or a walk-in left them open.

    Another street is no filling in: raises Refused `place_fixed`.
    """
    require(policies.can_locate(actor, problem, now))
    if place is not None and problem.street_id not in {None, place.street_id}:
        raise Refused("place_fixed")
    if category_id is not None:
        problem.category_id = category_id
    if place is not None:
        problem.street_id, problem.community_id = place.street_id, place.community_id
        problem.grid_id, problem.building_id = place.grid_id, place.building_id
        problem.address = place.address or problem.address
        if place.latitude is not None:
            problem.latitude, problem.longitude = place.latitude, place.longitude
    log(
        events.ProblemLocated(
            problem_id=problem.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        audience=StepAudience.STAFF,
    )


def accept(
    problem: Problem,
    *,
    urgency: Urgency,
    category_id: int,
    actor: Actor,
    now: datetime,
    release: bool = True,
) -> None:
    """Take the problem up: its urgency sets the limit, and its text is released.

    `release=False` keeps it unreleased for a separate review. Photos are ticked one by one.
    """
    require(policies.can_accept(actor, problem, now))
    if problem.community_id is None:
        raise Refused("place_missing")
    book = rulebook.book(problem.edition_id)
    problem.category_id, problem.urgency = category_id, urgency
    problem.accepted_at = now
    problem.limit_at = rules.handling_due(book, urgency, now, problem.external_due_at)
    problem.due_at = problem.limit_at
    advance(problem, "accept")
    if release and problem.released_at is None and problem.audience is not Audience.STAFF:
        problem.released_at = now
    log(
        events.ProblemAccepted(
            problem_id=problem.id,
            urgency=urgency,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        )
    )


def decline(problem: Problem, *, elsewhere: str, reason: str, actor: Actor, now: datetime) -> None:
    """Say that this is another's matter; `elsewhere` is a route code with an address in labels."""
    require(policies.can_decline(actor, problem, now))
    advance(problem, "decline")
    log(
        events.ProblemDeclined(
            problem_id=problem.id,
            elsewhere=elsewhere,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        ),
        body=reason,
    )


def merge(problem: Problem, *, into: Problem, actor: Actor, now: datetime) -> None:
    """Merge a duplicate: reporter and supporters move along, are told, and may opt out.

    The original text stays readable. Raises Refused `merge_self`, `merge_ended`, `merge_street`,
    `merge_hidden`.
    """
    require(policies.can_merge(actor, problem, now))
    into = queries.lock(into.id)
    if into.id == problem.id:
        raise Refused("merge_self")
    if into.state in FINAL:
        raise Refused("merge_ended")
    if into.street_id != problem.street_id:
        raise Refused("merge_street")
    followers = _followers(problem)
    if followers and into.released_at is None:
        raise Refused("merge_hidden")  # following it would show them what is not released
    advance(problem, "merge")
    problem.merged_into_id = into.id
    for person_id, origin_id in followers:
        if person_id != into.reporter_id:
            add_supporter(into.id, person_id, origin_id, now)
    log(
        events.ProblemMerged(
            problem_id=problem.id,
            into_id=into.id,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        )
    )


def unmerge(problem: Problem, *, actor: Actor, now: datetime) -> None:
    """Undo a merge: those who came along go back; who joined the other by themselves stays.

    Where the other was merged on since, they come back from there too.
    """
    require(policies.can_unmerge(actor, problem, now))
    target_id = problem.merged_into_id
    origins = _merged_tree(problem.id)
    onward = target_id
    while onward is not None:
        onward = _take_back(onward, origins, now)
    advance(problem, "unmerge")
    problem.merged_into_id = None
    problem.due_at = rules.triage_due(rulebook.book(problem.edition_id), now)
    log(
        events.ProblemUnmerged(
            problem_id=problem.id,
            from_id=target_id or 0,
            at=now,
            actor_id=actor.person_id,
            unit_id=acting_unit(actor, problem),
        )
    )


def _take_back(target_id: int, origins: set[int], now: datetime) -> int | None:
    """Take those who came from `origins` off a problem; returns what it was merged into itself."""
    target = queries.lock(target_id)
    for supporter in db.session.scalars(
        select(Supporter).where(
            Supporter.problem_id == target.id,
            Supporter.origin_id.in_(origins),
            Supporter.left_at.is_(None),
        )
    ):
        supporter.left_at = now
        target.supporters -= 1
    return target.merged_into_id


def _merged_tree(problem_id: int) -> set[int]:
    """Return the problem and all that were merged into it, however often."""
    found, wave = {problem_id}, {problem_id}
    while wave:
        wave = set(db.session.scalars(select(Problem.id).where(Problem.merged_into_id.in_(wave))))
        found |= wave
    return found


def _followers(problem: Problem) -> list[tuple[int, int]]:
    """Return who follows a problem, each with the problem that they first joined."""
    people = [
        (person_id, origin_id)
        for person_id, origin_id in db.session.execute(
            select(Supporter.person_id, Supporter.origin_id)
            .where(Supporter.problem_id == problem.id, Supporter.left_at.is_(None))
            .order_by(Supporter.id)
        )
    ]
    if problem.reporter_id is not None:
        people.insert(0, (problem.reporter_id, problem.id))
    return people
