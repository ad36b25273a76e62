"""One database a worker, brought back to a kept state before each test.

Acts commit, so nothing is rolled back: SQLite copies a file, PostgreSQL copies a template
database. Two states are kept: `empty` (the schema) and `cast` (the people of the demonstration).
"""

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import psycopg
from flask import Flask
from psycopg import sql

from portal.app import create_app
from portal.core.db import Model, db
from portal.core.settings import Mode, Settings
from portal.rulebook import queries as rulebook
from tests.support import postgres

ROOT = Path(__file__).resolve().parents[2]
SECRET = "only the tests know this secret, nobody else needs it"
FROZEN = """
CREATE SCHEMA test_clock;
CREATE TABLE test_clock.frozen (at timestamptz NOT NULL);
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
$$ SELECT coalesce((SELECT at FROM test_clock.frozen), pg_catalog.clock_timestamp()) $$;
"""


def settings(data_dir: Path, database_url: str, port: int = 5000) -> Settings:
    """Return the settings of an application under test."""
    return Settings(
        mode=Mode.TEST,
        host="127.0.0.1",
        port=port,
        data_dir=data_dir,
        database_url=database_url,
        redis_url=None,
        public_base_url=f"http://localhost:{port}",
        secret_key=SECRET,
        smtp_url=None,
    )


def build_schema(app: Flask) -> None:
    """Make the tables from the models (tests/migrations compares them with the revisions)."""
    with app.app_context():
        Model.metadata.create_all(db.engine)
        db.session.remove()
        db.engine.dispose()


class Sqlite:
    """A file, and copies of it."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "data" / "wufang.db"
        self.file.parent.mkdir(parents=True)
        self.app = create_app(settings(self.file.parent, self.url))

    @property
    def url(self) -> str:
        """Where the application finds it."""
        return f"sqlite:///{self.file}"

    def create(self) -> None:
        """Make it with all tables."""
        build_schema(self.app)

    def keep(self, state: str) -> None:
        """Remember what it holds now under a name."""
        with self.app.app_context():
            with db.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
            db.engine.dispose()
        shutil.copyfile(self.file, self.folder / f"{state}.db")

    def restore(self, state: str) -> None:
        """Bring back what it held under that name."""
        with self.app.app_context():
            db.engine.dispose()
        # A new file: a connection that a failed test still holds keeps its old one.
        for leftover in self.file.parent.glob("wufang.db*"):
            leftover.unlink()
        shutil.copyfile(self.folder / f"{state}.db", self.file)

    def freeze(self, at: datetime | None) -> None:
        """Follow Python's clock, which judges here anyway."""


class Postgres:
    """A database of the suite's server, and templates of it."""

    name = "postgresql"

    def __init__(self, folder: Path, uri: str, name: str) -> None:
        self.uri, self.database = uri, f"wufang_{name}"
        data = folder / "data"
        data.mkdir(parents=True)
        self.app = create_app(settings(data, self.url))

    @property
    def url(self) -> str:
        """Where the application finds it."""
        return postgres.at(self.uri, self.database).replace("postgresql:", "postgresql+psycopg:", 1)

    def create(self) -> None:
        """Make it with all tables and a clock that can stand still."""
        self._admin(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
        with psycopg.connect(postgres.at(self.uri, self.database), autocommit=True) as connection:
            connection.execute(FROZEN)
        build_schema(self.app)

    def keep(self, state: str) -> None:
        """Remember what it holds now under a name."""
        self._close()
        kept = f"{self.database}_{state}"
        self._admin(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(kept)))
        self._copy(self.database, kept)

    def restore(self, state: str) -> None:
        """Bring back what it held under that name."""
        self._close()
        name = sql.Identifier(self.database)
        self._admin(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
        self._copy(f"{self.database}_{state}", self.database)

    def freeze(self, at: datetime | None) -> None:
        """Let the database's clock stand at `at`, or run."""
        with psycopg.connect(postgres.at(self.uri, self.database), autocommit=True) as connection:
            connection.execute("DELETE FROM test_clock.frozen")
            if at is not None:
                connection.execute("INSERT INTO test_clock.frozen VALUES (%s)", [at])

    def _close(self) -> None:
        with self.app.app_context():
            db.engine.dispose()

    def _copy(self, source: str, target: str) -> None:
        self._admin(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(target), sql.Identifier(source)
            )
        )

    def _admin(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.uri, autocommit=True) as connection:
            connection.execute(statement)


Database = Sqlite | Postgres


def prepare(database: Database, settle: Callable[[], None]) -> Database:
    """Make the database and keep its two states; `settle` puts the cast in."""
    database.create()
    database.keep("empty")
    with database.app.app_context():
        settle()
        db.session.remove()
    database.keep("cast")
    return database


def reset(database: Database, state: str) -> None:
    """Bring database and data folder to a kept state."""
    database.restore(state)
    rulebook.forget()
    folder: Path = database.app.config["SETTINGS"].data_dir
    for path in folder.iterdir():
        if path.name.startswith("wufang.db"):
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
