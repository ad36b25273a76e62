"""Guesses at the same time gain nothing; two first sign-ins make one person."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from portal.accounts import rules, services
from portal.accounts.models import ContactPoint, Person
from portal.core.db import db
from portal.core.uow import transaction
from portal.rulebook.queries import default
from tests.factories.world import World

PHONE = "13911112222"
LIMITS = rules.limits(default())


def at_once(app: Flask, act: Callable[[], Any], times: int) -> list[Any]:
    """Run an act many times at the same time, each in a transaction of its own."""

    def one(_number: int) -> Any:
        with app.app_context(), transaction():
            return act()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, range(times)))


def test_forty_guesses_at_once_are_ten(world: World, app: Flask) -> None:
    now = datetime.now(UTC)
    with transaction():
        code = services.send_code(PHONE, "sign-in", address="a", limits=LIMITS, now=now)
    guess = f"{(int(code) + 1) % 10**6:06d}"
    answers = at_once(
        app,
        lambda: (
            services.check_code(PHONE, "sign-in", guess, address="a", limits=LIMITS, now=now).reason
        ),
        40,
    )
    assert answers.count("wrong_code") == 10
    assert answers.count("locked_out") == 30


def test_one_code_lets_one_in(world: World, app: Flask) -> None:
    now = datetime.now(UTC)
    with transaction():
        code = services.send_code(PHONE, "sign-in", address="a", limits=LIMITS, now=now)
    answers = at_once(
        app,
        lambda: (
            services.check_code(PHONE, "sign-in", code, address="a", limits=LIMITS, now=now).allowed
        ),
        8,
    )
    assert answers.count(True) == 1


def test_two_first_sign_ins_make_one_person(world: World, app: Flask) -> None:
    now = datetime.now(UTC)
    before = db.session.scalar(select(func.count()).select_from(Person)) or 0
    db.session.rollback()
    people = at_once(app, lambda: services.person_for_phone(PHONE, limits=LIMITS, now=now).id, 16)
    assert len(set(people)) == 1
    assert db.session.scalar(select(func.count()).select_from(Person)) == before + 1
    assert (
        len(
            db.session.scalars(
                select(ContactPoint).where(ContactPoint.person_id == people[0])
            ).all()
        )
        == 1
    )
