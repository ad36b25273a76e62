"""How many photos one address or one person may bring; what is over the limit fills no disk."""

from datetime import timedelta

from flask import current_app
from sqlalchemy import update

from portal.core import clock
from portal.core.db import db
from portal.core.uow import transaction
from portal.rulebook import queries as rulebook
from portal.rulebook.models import Rule
from tests.factories.problems import make
from tests.support.pictures import picture


def allow(most: int) -> None:
    """Let an address, and a person, bring this many photos an hour."""
    with transaction():
        db.session.execute(
            update(Rule).where(Rule.key == "problems.visitor.hourly").values(value=most)
        )
    rulebook.forget()


def files() -> int:
    """Count what lies in the store, with or without a row."""
    storage = current_app.extensions["storage"]
    return sum(1 for _ in storage.written_before(clock.now() + timedelta(days=3650)))


def bring(client, count: int, expect: int) -> None:
    """Send a report's photos without its words, in a browser of its own."""
    form = client.again().get("/report").form("Next")
    form.submit(photos=[picture() for _ in range(count)], body="", expect=expect)


def test_a_visitors_photos_over_the_limit_are_not_stored(world, client):
    allow(4)
    before = files()
    bring(client, 2, 422)
    kept = files() - before
    assert kept > 0
    for _ in range(3):
        bring(client, 2, 429)
    assert files() - before <= 2 * kept


def test_a_signed_in_persons_photos_are_counted_too(world, client):
    matter = make(world, "accepted", reporter="wang")
    client.sign_in("wang")
    allow(2)
    for expect in (200, 200, 429):
        before = files()
        client.get(f"/p/{matter.ref}/photos").form("photos").submit(
            photos=[picture()], expect=expect
        )
        assert (files() > before) == (expect == 200)
