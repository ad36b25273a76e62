"""What every test may ask for.

`app`      the application under test, once on SQLite and once on PostgreSQL, its tables empty
`world`    the same with the cast of the demonstration in it (see tests/factories/world.py)
`client`   a reader at a browser (see tests/support/page_client.py)
`travel`   the clock: it stands still at MOMENT; `travel(hours=3)` moves it
`live`     web server and worker as real processes; the clock runs
`count_queries`  counts what is asked of the database

A test that takes `app` or `world` has an application context open.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings

from portal.core.db import db
from tests.factories.world import World, settle
from tests.support import counting, databases
from tests.support.databases import Database
from tests.support.live import Live
from tests.support.moment import Clock
from tests.support.page_client import PageClient
from tests.support.postgres import Server

hypothesis_settings.register_profile("suite", deadline=None, print_blob=True)
hypothesis_settings.load_profile("suite")

_SERVER = pytest.StashKey[Server]()


def _server(config: pytest.Config) -> Server:
    if _SERVER not in config.stash:
        config.stash[_SERVER] = Server()
    return config.stash[_SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Give each worker of xdist the one server's address."""
    node.workerinput["postgresql"] = _server(node.config).uri


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server with the run."""
    if _SERVER in config.stash:
        config.stash[_SERVER].stop()


@pytest.fixture(scope="session")
def postgresql_uri(request: pytest.FixtureRequest) -> str:
    """The address of the suite's PostgreSQL."""
    given = getattr(request.config, "workerinput", {}).get("postgresql")
    return str(given or _server(request.config).uri)


@pytest.fixture(autouse=True)
def travel(request: pytest.FixtureRequest) -> Iterator[Clock]:
    """The clock, standing still; with a live server it runs, as its processes' do."""
    clock = Clock()
    if "live" in request.fixturenames:
        yield clock
        return
    clock.start()
    yield clock
    clock.stop()


_prepared: dict[str, Database] = {}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """One of the two databases, fresh: with the cast where `world` is asked for, else empty."""
    kind = request.param
    if kind not in _prepared:
        folder = tmp_path_factory.mktemp(kind)
        made: Database
        if kind == "sqlite":
            made = databases.Sqlite(folder)
        else:
            uri = request.getfixturevalue("postgresql_uri")
            made = databases.Postgres(folder, uri, os.environ.get("PYTEST_XDIST_WORKER", "main"))
        _prepared[kind] = databases.prepare(made, settle)
    found = _prepared[kind]
    databases.reset(found, "cast" if "world" in request.fixturenames else "empty")
    yield found
    with found.app.app_context():
        db.engine.dispose()


@pytest.fixture
def app(database: Database, travel: Clock) -> Iterator[Flask]:
    """The application, its context open."""
    travel.follow(database.freeze)
    with database.app.app_context():
        yield database.app
        db.session.remove()


@pytest.fixture
def world(app: Flask) -> World:
    """The cast and their places."""
    return World()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A reader who is not signed in."""
    return PageClient(app)


@pytest.fixture
def live(world: World, database: Database) -> Iterator[Live]:
    """The portal as it really runs, with the cast in its database (see tests/support/live.py)."""
    running = Live(database).start()
    yield running
    running.stop()


@pytest.fixture
def count_queries() -> Callable[[], AbstractContextManager[counting.Counted]]:
    """Count statements: `with count_queries() as asked: …; assert asked.count <= 4`."""
    return counting.count_queries
