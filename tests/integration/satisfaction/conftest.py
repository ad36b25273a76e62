"""What tests of rating do again and again: more neighbours, an answer, the worker's turn."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select

from portal.accounts.models import Account, Person, Residence
from portal.accounts.states import CheckLevel
from portal.core import work
from portal.core.actor import Actor
from portal.core.db import db
from portal.core.uow import transaction
from portal.organisations import queries as organisations
from portal.problems import queries as problem_queries
from portal.problems import services as problems
from portal.problems.models import Problem
from portal.satisfaction import queries, services
from portal.satisfaction.models import RatingRound
from portal.satisfaction.rules import Answer, Complaint, Grade, Solved
from tests.factories import problems as factory
from tests.factories.world import World
from tests.support.moment import Clock

WEEK = timedelta(days=7)


class Rounds:
    """The cast, with neighbours of their own making."""

    def __init__(self, world: World, travel: Clock) -> None:
        self.world, self.travel = world, travel
        self.extra: dict[str, int] = {}

    @property
    def now(self) -> datetime:
        return self.travel.now

    def person(self, who: str) -> int:
        return self.extra.get(who) or self.world.person(who)

    def actor(self, who: str) -> Actor:
        return organisations.actor_of(self.person(who), who, datetime.now(UTC))

    def resident(self, who: str, level: CheckLevel = CheckLevel.CONFIRMED) -> str:
        """Let somebody more live in the cast's grid, with an account."""
        home = self.world.home()
        with transaction():
            person = Person(public_name=who, created_at=self.now)
            db.session.add(person)
            db.session.flush()
            db.session.add_all(
                [
                    Account(person_id=person.id, created_at=self.now),
                    Residence(
                        person_id=person.id,
                        community_id=home.community_id,
                        grid_id=home.grid_id,
                        check_level=int(level),
                        valid_from=date(2026, 1, 1),
                    ),
                ]
            )
            self.extra[who] = person.id
        return who

    def account(self, who: str) -> int:
        query = select(Account.id).where(Account.person_id == self.person(who))
        return db.session.scalars(query).one()

    def rating(self, *supporters: str, **fields: Any) -> int:
        """Return the id of a problem about which residents are asked."""
        problem_id = factory.make(self.world, "accepted", **fields).id
        self.join(problem_id, *supporters)
        self.handle(problem_id)
        return problem_id

    def join(self, problem_id: int, *people: str) -> None:
        for who in people:
            with transaction():
                problems.join(problem_queries.lock(problem_id), actor=self.actor(who), now=self.now)

    def handle(self, problem_id: int, holder: str = "cao") -> RatingRound:
        """Assign, finish and check: the round opens by itself."""
        with transaction():
            problems.assign(
                problem_queries.lock(problem_id),
                holder_unit_id=self.world.unit_of(holder),
                actor=self.actor("zhao"),
                now=self.now,
            )
        for verb in ("acknowledge", "finish"):
            with transaction():
                held = problem_queries.live_assignment(problem_id)
                assert held is not None
                if verb == "acknowledge":
                    problems.acknowledge(held, actor=self.actor(holder), now=self.now)
                else:
                    problems.finish(
                        held,
                        result="修好了。",
                        photos=[factory.photo(self.world, "green")],
                        actor=self.actor(holder),
                        now=self.now,
                    )
        with transaction():
            problems.verify(
                problem_queries.lock(problem_id),
                finding="看过了，灯亮了。",
                actor=self.actor("zhou"),
                now=self.now,
            )
        return self.round(problem_id)

    def round(self, problem_id: int) -> RatingRound:
        db.session.rollback()
        found = queries.latest_round(problem_id)
        assert found is not None
        return found

    def problem(self, problem_id: int) -> Problem:
        db.session.rollback()
        return db.session.get_one(Problem, problem_id, populate_existing=True)

    def rate(
        self,
        problem_id: int,
        *people: str,
        solved: Solved = Solved.YES,
        grade: Grade = Grade.SATISFIED,
        complaints: tuple[Complaint, ...] = (),
        words: str = "",
    ) -> None:
        for who in people:
            with transaction():
                services.rate(
                    db.session.get_one(Problem, problem_id),
                    answer=Answer(solved, grade, complaints),
                    words=words,
                    actor=self.actor(who),
                    now=self.now,
                )

    def work(self) -> int:
        """Let the worker do what is due."""
        db.session.rollback()
        return work.run_due(current_app.extensions["work"])

    def end(self) -> None:
        """Let the time to answer run out, and the worker notice."""
        self.travel(days=WEEK.days)
        self.work()


@pytest.fixture
def rounds(world: World, travel: Clock) -> Rounds:
    """The cast, as tests of rating use them."""
    return Rounds(world, travel)
