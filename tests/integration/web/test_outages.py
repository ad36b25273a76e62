"""What a reader sees when the database gives an act up, or is away."""

import threading
import time

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from portal.core import work
from portal.core.db import db
from portal.core.uow import transaction
from portal.core.work import Registry, WorkItem
from portal.problems import queries
from portal.web.desk import perform
from portal.web.fields import ActForm
from portal.web.transaction import Act
from tests.factories import problems
from tests.factories.world import World
from tests.support.moment import Clock
from tests.support.page_client import PageClient


def test_without_a_database_staff_read_a_page_that_says_so(
    world: World, client: PageClient
) -> None:
    client.sign_in("zhao")

    def away(*_args: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    engine = db.engine
    event.listen(engine, "before_cursor_execute", away)
    try:
        page = client.get("/dispatch", expect=503)
    finally:
        event.remove(engine, "before_cursor_execute", away)
    assert "Not sent yet" in page
    client.get("/dispatch")  # still signed in


def test_an_act_given_up_for_the_worker_is_done_after_all(
    app: Flask, world: World, travel: Clock
) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time can't meet another")
    problem_id = problems.make(world).id
    with transaction():
        work.schedule("mark", "case", travel.now)
    (claimed,) = work.claim(1)
    holding, tries = threading.Event(), []

    def late(_item: WorkItem, _now: object) -> None:
        holding.set()
        time.sleep(0.3)  # the act waits for this row meanwhile
        queries.lock(problem_id)

    def worker() -> None:
        with app.app_context():
            registry = Registry()
            registry.register("mark", late)
            work.run(claimed, registry)
            db.session.remove()

    thread = threading.Thread(target=worker)

    def act(unit: Act) -> None:
        tries.append(1)
        problem = queries.lock(problem_id)
        if not thread.is_alive() and len(tries) == 1:
            thread.start()
            assert holding.wait(10)
        work.cancel("mark", "case", travel.now)
        problem.address = "朝阳里 8 号楼"

    with app.test_request_context("/", method="POST"):
        answer = perform(ActForm(meta={"csrf": False}), act)
    thread.join(20)
    assert answer is not None
    assert queries.lock(problem_id).address == "朝阳里 8 号楼"
