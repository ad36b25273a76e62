"""The database: one metadata, honest times, and writers that never starve.

SQLite runs in WAL with full sync. Its busy handler alone lets a single writer wait for seconds,
so a file lock shared by all processes stands before every write transaction. PostgreSQL runs at
READ COMMITTED, with the aggregate's root locked by the service that changes it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CheckConstraint, DateTime, Engine, MetaData, String, event
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE = "wufang_write"
DEADLOCK = "40P01"


class Model(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(metadata=Model.metadata, disable_autonaming=True)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC; a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite has no zone, so it gets the bare UTC time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone can't be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


S = TypeVar("S", bound=StrEnum)


class EnumText(TypeDecorator[S], Generic[S]):
    """A StrEnum stored as its text."""

    impl = String(32)
    cache_ok = True

    def __init__(self, enum: type[S]) -> None:
        super().__init__(32)
        self.enum = enum

    def process_bind_param(self, value: S | None, dialect: Dialect) -> str | None:
        """Store the member's value; an unknown one is refused."""
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> S | None:
        """Give back the member."""
        return None if value is None else self.enum(value)


def one_of(column: str, enum: type[StrEnum]) -> CheckConstraint:
    """Return the CHECK that repeats an enum's values in the database."""
    listed = ", ".join(f"'{member.value}'" for member in enum)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def init_app(app: Flask, *, write_lock_path: Path) -> None:
    """Bind the database to the application and set up its engine."""
    app.config["WRITE_LOCK_PATH"] = write_lock_path
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Give SQLite its pragmas and explicit BEGINs; PostgreSQL needs neither."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "busy_timeout=20000",
            "foreign_keys=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get(WRITE)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def is_deadlock(error: DBAPIError) -> bool:
    """Tell whether PostgreSQL gave this act up because two waited for each other."""
    return getattr(error.orig, "sqlstate", None) == DEADLOCK


@contextmanager
def write_lock() -> Iterator[None]:
    """Hold the one writer's place of SQLite, shared by all threads and processes.

    Writers pass a turnstile first: who has just written queues behind those who wait. With one
    lock alone it is back before the next one wakes, and a wait may last many turns.
    """
    if db.engine.dialect.name != "sqlite":
        yield
        return
    path: Path = current_app.config["WRITE_LOCK_PATH"]
    place = _open_lock(path)
    try:
        turnstile = _open_lock(path.with_suffix(".next"))
        try:
            fcntl.flock(turnstile, fcntl.LOCK_EX)
            fcntl.flock(place, fcntl.LOCK_EX)
        finally:
            os.close(turnstile)
        yield
    finally:
        os.close(place)


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
