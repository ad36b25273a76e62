"""One act, one transaction: all of it, or nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from portal.audit.models import AuditEntry
from portal.core import uow
from portal.core.db import db
from portal.core.events import Event
from portal.core.uow import transaction
from portal.places.models import Compound
from portal.problems import services
from portal.problems.models import Problem, Step
from portal.web.models import IdempotencyKey
from tests.factories.problems import NewProblemFactory, make


@dataclass(frozen=True, kw_only=True)
class SomethingDone(Event):
    tag: ClassVar[str] = "tests:thing:do"

    @property
    def subject(self) -> str:
        return "thing:1"


def counts() -> dict[str, int]:
    found = {
        model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Problem, Step, AuditEntry, IdempotencyKey, Compound)
    }
    db.session.rollback()
    return found


def test_an_exception_undoes_everything(world) -> None:
    before, now = counts(), datetime.now(UTC)
    new = NewProblemFactory.build(**vars(world.home()))

    def submit_and_fail() -> None:
        with transaction():
            services.submit(
                new, reporter_id=world.person("wang"), actor=world.actor("wang"), now=now
            )
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        submit_and_fail()

    assert counts() == before


def test_a_failing_reaction_undoes_the_act(app, world) -> None:
    before = counts()

    def break_down(_event: SomethingDone) -> None:
        raise ZeroDivisionError

    reactions = app.extensions["bus"]._reactions
    reactions[SomethingDone].append(break_down)
    try:
        with pytest.raises(ZeroDivisionError), transaction():
            uow.record(SomethingDone(at=datetime.now(UTC)))
    finally:
        del reactions[SomethingDone]

    assert counts() == before


def test_all_facts_of_an_act_carry_its_id_and_the_first_is_the_root(world) -> None:
    now = datetime.now(UTC)
    with transaction() as act:
        uow.record(SomethingDone(at=now, actor_id=1))
        uow.record(SomethingDone(at=now, actor_id=1))

    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.tag == "tests:thing:do").order_by(AuditEntry.id)
    ).all()
    assert [entry.is_root for entry in entries] == [True, False]
    assert {entry.act_id for entry in entries} == {act.act_id}


def test_a_fact_needs_an_act(app) -> None:
    with pytest.raises(RuntimeError, match="an act needs"):
        uow.record(SomethingDone(at=datetime.now(UTC)))


def test_an_act_does_not_stand_inside_another(app) -> None:
    with transaction(), pytest.raises(RuntimeError, match="inside another"), transaction():
        pass


def test_after_a_failed_act_the_next_one_works(world) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        raise ZeroDivisionError
    with transaction():
        db.session.add(Compound(community_id=world.community, name="after"))

    assert db.session.scalar(select(Compound.id).where(Compound.name == "after"))


def test_a_time_without_a_zone_is_refused(world) -> None:
    with pytest.raises(StatementError, match="a time without a zone"), transaction():
        uow.record(SomethingDone(at=datetime(2026, 11, 25)))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    "change",
    [
        {"state": "closed"},
        {"closed_at": datetime.now(UTC)},
        {"state": "merged"},
        {"state": "accepted"},
        {"outcome": "satisfied"},
        {"audience": "staff", "released_at": datetime.now(UTC)},
        {"latitude": None},
    ],
)
def test_the_database_refuses_impossible_states_even_if_the_code_is_wrong(world, change) -> None:
    problem_id = make(world).id
    table = Problem.__table__

    with pytest.raises(IntegrityError), transaction():
        db.session.execute(table.update().where(table.c.id == problem_id).values(**change))


def test_the_database_knows_no_other_state(world) -> None:
    make(world)

    with pytest.raises(IntegrityError), transaction():
        db.session.execute(text("UPDATE problems SET state = 'nowhere'"))
