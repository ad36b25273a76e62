"""A database of its own for each test, empty, without any table."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from portal.app import create_app
from portal.core.db import db
from tests.support import postgres
from tests.support.databases import settings


@pytest.fixture(params=["sqlite", "postgresql"])
def blank(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Flask]]:
    """An application on a database without tables."""
    name = f"wufang_blank_{tmp_path.name.lower().replace('-', '_')[-30:]}"
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'blank.db'}"
    else:
        uri = request.getfixturevalue("postgresql_uri")
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        url = postgres.at(uri, name).replace("postgresql:", "postgresql+psycopg:", 1)
    app = create_app(settings(tmp_path, url))

    @contextmanager
    def opened() -> Iterator[Flask]:
        with app.app_context():
            yield app
            db.session.remove()
            db.engine.dispose()

    with opened() as found:
        yield lambda: found
