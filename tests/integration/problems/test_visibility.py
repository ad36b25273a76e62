"""The policy and its SQL twin give the same answer about any problem, for anybody."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.core.actor import VISITOR, Actor, Seat
from portal.core.db import db
from portal.organisations.states import Role
from portal.problems import policies, queries
from portal.problems.models import Grant, Problem, Supporter
from portal.problems.states import Audience, ProblemState, Source

NOW = datetime(2026, 11, 25, 1, 30, tzinfo=UTC)
EXAMPLES = 60


def worlds(world) -> st.SearchStrategy[tuple[list[dict[str, Any]], Actor]]:
    """Problems of any place, audience and release, and somebody in any seats."""
    people = [world.person(key) for key in ("wang", "li", "chen")]
    units = [world.unit("wanghu-team"), world.unit("yunhu-chengguan")]
    places = st.sampled_from(
        [
            (world.place("望湖街道"), world.place("朝阳里")),
            (world.place("望湖街道"), world.place("槐荫里")),
            (world.place("望湖街道"), None),
            (world.place("东升街道"), world.place("东升里")),
            (None, None),
        ]
    )
    problem = st.fixed_dictionaries(
        {
            "place": places,
            "audience": st.sampled_from(Audience),
            "released": st.booleans(),
            "source": st.sampled_from(Source),
            "reporter_id": st.sampled_from([None, *people]),
            "quiet": st.booleans(),
            "granted": st.sets(st.sampled_from(units)),
            "supporters": st.dictionaries(st.sampled_from(people), st.booleans()),
        }
    )
    seat = st.builds(
        lambda role, unit, place: Seat(unit, "unit", role, world.district, *place),
        st.sampled_from(Role),
        st.sampled_from(units),
        places,
    )
    actor = st.builds(
        lambda person, seats, areas: replace(
            VISITOR if person is None else Actor(person_id=person, seats=tuple(seats)),
            area_ids=frozenset(areas),
        ),
        st.sampled_from([None, *people]),
        st.lists(seat, max_size=2),
        st.sets(st.sampled_from([world.place("朝阳里"), world.place("东升里")])),
    )
    return st.tuples(st.lists(problem, min_size=1, max_size=5), actor)


def store(world, number: int, given_: dict[str, Any]) -> Problem:
    street_id, community_id = given_["place"]
    staff_only = given_["audience"] is Audience.STAFF
    problem = Problem(
        ref=f"{number:012d}", edition_id=world.book.edition_id, district_id=world.district,
        street_id=street_id, community_id=community_id, source=given_["source"], title="x",
        body="x", audience=given_["audience"], state=ProblemState.SUBMITTED, submitted_at=NOW,
        released_at=NOW if given_["released"] and not staff_only else None,
        due_at=NOW, review_due_at=NOW, reporter_id=given_["reporter_id"], quiet=given_["quiet"],
    )  # fmt: skip
    db.session.add(problem)
    db.session.flush()
    for unit_id in given_["granted"]:
        db.session.add(Grant(problem_id=problem.id, unit_id=unit_id, granted_at=NOW))
    for person_id, left in given_["supporters"].items():
        db.session.add(
            Supporter(
                problem_id=problem.id, person_id=person_id, origin_id=problem.id, joined_at=NOW,
                left_at=NOW if left else None,
            )
        )  # fmt: skip
    db.session.flush()
    return problem


def test_policy_and_query_agree(world) -> None:
    seen: set[bool] = set()

    @settings(max_examples=EXAMPLES)
    @given(worlds(world), st.booleans())
    def agree(generated: tuple[list[dict[str, Any]], Actor], opened: bool) -> None:
        rows, actor = generated
        try:
            problems = [store(world, number, row) for number, row in enumerate(rows)]
            if opened:
                actor = replace(actor, opened_refs=frozenset({problems[0].ref}))
            by_query = set(db.session.scalars(select(Problem.id).where(queries.visible_to(actor))))
            by_policy = {
                problem.id
                for problem in problems
                if policies.can_see(actor, queries.standing(problem, actor), NOW)
            }
            scope = set(db.session.scalars(select(Problem.id).where(queries.staff_scope(actor))))
            inside = {p.id for p in problems if policies.is_staff_for(actor, p)}
        finally:
            db.session.rollback()
        assert by_query == by_policy
        assert scope == inside
        seen.update(problem in by_policy for problem in range(2))

    agree()
