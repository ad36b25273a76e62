"""How many statements a page sends to the database, counted at the real engine."""

from collections.abc import Iterator

from flask import Flask

from tests.bench.databases import Database
from tests.bench.pages import measured_pages
from tests.bench.results import Line
from tests.bench.visitors import Visitors
from tests.bench.world import World
from tests.support.counting import count_queries

MOST = {"/mine": 4, "/problems": 4, "/p/": 8}


def per_page(app: Flask, database: Database, world: World, visitors: Visitors) -> Iterator[Line]:
    """Count the statements of each measured page, sign-in included, everything read once before."""
    for page in measured_pages(world):
        client = app.test_client(use_cookies=False)
        headers = {"Cookie": visitors.cookie(page.who), "Host": "127.0.0.1"}
        client.get(page.path, headers=headers)
        with app.app_context(), count_queries() as counted:
            answer = client.get(page.path, headers=headers)
        if answer.status_code != 200:
            yield Line(database.kind, page.title, 0, "", note=f"not measured: {answer.status_code}")
            continue
        most = next((most for path, most in MOST.items() if page.path.startswith(path)), None)
        yield Line(
            database.kind,
            f"{page.title}: statements",
            counted.count,
            "",
            most,
            at_least=False,
            note="session and memberships included",
        )
