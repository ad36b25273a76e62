"""Who is told of what, once."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts import cast
from portal.accounts.models import Account, Person
from portal.core import uow, work
from portal.core.db import db
from portal.core.uow import transaction
from portal.core.work import WorkItem
from portal.notifications import jobs, services
from portal.notifications.models import Mail, Notice
from portal.problems import queries
from portal.problems import services as problems
from portal.problems.events import ProblemAccepted, ProblemWhistled
from portal.problems.models import Problem, Supporter
from tests.factories.problems import make
from tests.factories.world import World
from tests.support.page_client import PageClient


def person(key: str) -> int:
    """Return the number of somebody of the cast."""
    account_id = cast.account_of(key)
    return db.session.scalars(select(Account.person_id).where(Account.id == account_id)).one()


def told(matter: str) -> set[str]:
    """Return how those are called who were told of a matter."""
    return set(
        db.session.scalars(
            select(Person.public_name)
            .join(Notice, Notice.person_id == Person.id)
            .where(Notice.matter == matter)
        )
    )


def support(problem: Problem, key: str) -> None:
    """Let somebody say 我也遇到了."""
    with transaction():
        db.session.add(
            Supporter(
                problem_id=problem.id,
                person_id=person(key),
                origin_id=problem.id,
                joined_at=datetime.now(UTC),
            )
        )


def test_reporter_and_supporters_hear_that_it_was_taken_up(
    world: World, run_work: Callable[[], None]
) -> None:
    problem = make(world)
    support(problem, "li")
    make_accepted(world, problem)
    assert told("problems/accepted") == set()
    run_work()
    assert told("problems/accepted") == {"王女士", "李女士"}


def make_accepted(world: World, problem: Problem) -> None:
    """Record that it was taken up, as the service does."""
    with transaction():
        uow.record(
            ProblemAccepted(
                problem_id=problem.id, urgency="L3", at=datetime.now(UTC), actor_id=person("zhao")
            )
        )


def test_holder_is_told_with_mail_and_the_actor_is_not(
    world: World, run_work: Callable[[], None]
) -> None:
    make(world, "assigned", holder="cao")
    run_work()
    assert told("problems/assigned_to_us") == {"曹磊"}
    assert told("problems/assigned") == {"王女士"}
    mailed = set(
        db.session.scalars(
            select(Person.public_name)
            .join(Mail, Mail.person_id == Person.id)
            .where(Mail.matter == "problems/assigned_to_us")
        )
    )
    assert mailed == {"曹磊"}
    assert "赵敏" not in told("problems/assigned") | told("problems/accepted")


def test_nobody_outside_hears_of_a_quiet_whistle(
    world: World, run_work: Callable[[], None]
) -> None:
    problem = make(world, "accepted")
    run_work()
    with transaction():
        db.session.get_one(Problem, problem.id).quiet = True
        uow.record(ProblemWhistled(problem_id=problem.id, at=datetime.now(UTC)))
    run_work()
    assert told("problems/whistled") == set()


def test_expanding_twice_tells_once(world: World, run_work: Callable[[], None]) -> None:
    make(world, "accepted")
    run_work()
    before = (count(Notice), count(Mail))
    items = db.session.scalars(select(WorkItem).where(WorkItem.kind == services.EXPAND)).all()
    assert items
    with transaction():
        for item in items:
            services.expand(item.payload, datetime.now(UTC))
    assert (count(Notice), count(Mail)) == before


def count(kind: type[Any]) -> int:
    """Count the rows of a table."""
    return len(db.session.scalars(select(kind.id)).all())


def test_many_people_are_told_in_batches(world: World, run_work: Callable[[], None]) -> None:
    problem = make(world)
    now = datetime.now(UTC)
    with transaction():
        people = [Person(public_name=f"居民{n}", created_at=now) for n in range(450)]
        db.session.add_all(people)
        db.session.flush()
        db.session.add_all(
            Supporter(problem_id=problem.id, person_id=p.id, origin_id=problem.id, joined_at=now)
            for p in people
        )
    make_accepted(world, problem)
    run_work()
    assert len(told("problems/accepted")) == 451
    rounds = db.session.scalars(select(WorkItem.id).where(WorkItem.kind == services.EXPAND)).all()
    assert len(rounds) >= 3


def test_a_failed_act_tells_nobody(world: World, app: Flask) -> None:
    problem = make(world)
    before = count(WorkItem)
    with pytest.raises(ZeroDivisionError):
        broken_act(problem)
    assert count(WorkItem) == before
    assert not work.is_due()


def broken_act(problem: Problem) -> None:
    """Record a fact in an act that fails afterwards."""
    with transaction():
        uow.record(ProblemAccepted(problem_id=problem.id, urgency="L3", at=datetime.now(UTC)))
        1 / 0  # noqa: B018 - this is how it fails


def test_notices_are_read_in_the_readers_language(
    world: World, client: PageClient, run_work: Callable[[], None]
) -> None:
    problem = make(world, "accepted")
    run_work()
    page = client.sign_in("wang").get("/notices")
    assert f"The street took up “{problem.title}”." in page.main
    assert page.links()[f"The street took up “{problem.title}”."] == f"/p/{problem.ref}"
    client.cookie("lang", "zh")
    assert f"“{problem.title}”街道接下了。" in client.get("/notices").main


def test_marking_read_covers_what_was_on_the_page(
    world: World, client: PageClient, run_work: Callable[[], None]
) -> None:
    make(world, "accepted")
    run_work()
    page = client.sign_in("wang").get("/notices")
    assert "new" in page.main
    make(world, "accepted")
    run_work()
    page.form("Mark all as read").submit()
    unread = db.session.scalars(
        select(Notice).where(Notice.person_id == person("wang"), Notice.read_at.is_(None))
    ).all()
    assert len(unread) == 1


def test_another_persons_notice_is_not_found(
    world: World, client: PageClient, run_work: Callable[[], None]
) -> None:
    merged(world)
    run_work()
    key = db.session.scalars(select(Notice.key).where(Notice.matter == "problems/merged")).one()
    client.sign_in("chen").get(f"/notices/{key}/leave", expect=404)


def merged(world: World) -> tuple[Problem, Problem]:
    """Merge 李女士's problem into 王女士's."""
    into = make(world, "accepted")
    problem = make(world, reporter="li")
    with transaction():
        problems.merge(
            queries.lock(problem.id),
            into=queries.lock(into.id),
            actor=world.actor("zhao"),
            now=datetime.now(UTC),
        )
    return problem, into


def test_who_was_moved_by_a_merge_is_told_and_leaves_with_one_press(
    world: World, client: PageClient, run_work: Callable[[], None]
) -> None:
    _problem, into = merged(world)
    run_work()
    assert told("problems/merged") == {"李女士"}
    page = client.sign_in("li").get("/notices").click("Not the same thing?")
    assert into.title in page
    page.form("Take me off").submit()
    left = db.session.scalars(select(Supporter).where(Supporter.problem_id == into.id)).one()
    assert left.left_at is not None


def test_old_notices_go(world: World, run_work: Callable[[], None], travel: Any) -> None:
    make(world, "accepted")
    run_work()
    travel(days=181)
    with transaction():
        jobs.sweep()
    assert count(Notice) == 0
