"""The kit of the tests itself."""

from datetime import timedelta

from portal.core import clock
from portal.core.db import db
from portal.problems.models import Problem
from tests.factories.problems import make
from tests.support.moment import MOMENT


def test_a_page_is_read_and_a_form_sent(world, client) -> None:
    page = client.get("/sign-in")
    page = page.form("Send me the code").submit(phone="13900000001")

    assert page.h1


def test_the_cast_signs_in(world, client) -> None:
    client.sign_in("zhao")

    assert "赵敏" in client.get("/me").text


def test_each_test_begins_anew(world) -> None:
    assert db.session.query(Problem).count() == 0
    make(world, "verified")


def test_each_test_begins_anew_again(world) -> None:
    assert db.session.query(Problem).count() == 0
    make(world)


def test_the_clock_stands_still_in_the_database_too(app, travel) -> None:
    assert clock.db_now(db.session) == clock.now() == MOMENT

    travel(hours=3)

    assert clock.db_now(db.session) == clock.now() == MOMENT + timedelta(hours=3)
