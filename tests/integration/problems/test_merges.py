"""Merges in a row: who comes along goes back to where they came from, and nobody is left behind."""

import pytest
from sqlalchemy import select

from portal.core.db import db
from portal.core.errors import Refused
from portal.core.uow import transaction
from portal.problems import queries, services
from portal.problems.models import Problem, Supporter
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock


@pytest.fixture
def chain(world: World, travel: Clock) -> tuple[int, int, int]:
    """王女士's report merged into 李女士's, and that into 陈先生's."""
    first, second, third = (problems.make(world, reporter=who).id for who in ("wang", "li", "chen"))
    for released in (second, third):
        publish(world, released, travel)
    for one, into in ((first, second), (second, third)):
        with transaction():
            services.merge(
                queries.lock(one), into=db.session.get_one(Problem, into),
                actor=world.actor("zhao"), now=travel.now,
            )  # fmt: skip
    return first, second, third


def publish(world: World, problem_id: int, travel: Clock) -> None:
    with transaction():
        services.publish(
            queries.lock(problem_id), photo_ids=[], actor=world.actor("zhao"), now=travel.now
        )


def test_nobody_is_led_to_what_is_not_public(world: World, travel: Clock) -> None:
    mine = problems.make(world, reporter="wang").id
    hidden = problems.make(world, reporter="li").id
    with pytest.raises(Refused, match="merge_hidden"), transaction():
        services.merge(
            queries.lock(mine), into=db.session.get_one(Problem, hidden),
            actor=world.actor("zhao"), now=travel.now,
        )  # fmt: skip


def supporters(problem_id: int) -> set[int]:
    found = set(
        db.session.scalars(
            select(Supporter.person_id).where(
                Supporter.problem_id == problem_id, Supporter.left_at.is_(None)
            )
        )
    )
    assert len(found) == db.session.get_one(Problem, problem_id).supporters
    return found


def unmerge(world: World, problem_id: int, travel: Clock) -> None:
    with transaction():
        services.unmerge(queries.lock(problem_id), actor=world.actor("zhao"), now=travel.now)


def test_undoing_the_first_takes_its_people_back_from_the_end(
    world: World, travel: Clock, chain: tuple[int, int, int]
) -> None:
    first, second, third = chain
    wang, li = world.person("wang"), world.person("li")
    assert supporters(third) == {wang, li}

    unmerge(world, first, travel)

    assert supporters(second) == set()
    assert supporters(third) == {li}


def test_undoing_the_last_takes_all_back_who_came_with_it(
    world: World, travel: Clock, chain: tuple[int, int, int]
) -> None:
    first, second, third = chain

    unmerge(world, second, travel)

    assert supporters(third) == set()
    assert supporters(second) == {world.person("wang")}
    unmerge(world, first, travel)
    assert supporters(second) == set()
