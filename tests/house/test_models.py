"""Tables: honest times, named constraints, scopes that don't fall over each other."""

from flask import Flask
from sqlalchemy import DateTime

from portal.core.db import Model, UtcDateTime


def _columns(bare_app: Flask) -> list[object]:
    return [column for table in Model.metadata.sorted_tables for column in table.columns]


def test_no_time_is_naive(bare_app: Flask) -> None:
    naive = [
        str(column)
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, DateTime) and not isinstance(column.type, UtcDateTime)
    ]

    assert naive == []
    assert len(Model.metadata.tables) > 20


def test_every_constraint_has_a_name(bare_app: Flask) -> None:
    nameless = [
        f"{table.name}: {constraint!r}"
        for table in Model.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None and type(constraint).__name__ != "PrimaryKeyConstraint"
    ]

    assert nameless == []


def test_an_enum_is_repeated_as_a_check(bare_app: Flask) -> None:
    missing = [
        f"{table.name}.{column.name}"
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if type(column.type).__name__ == "EnumText"
        # A foreign key to a checked column is checked too.
        and not column.foreign_keys
        and not any(
            str(getattr(c, "sqltext", "")).startswith(f"{column.name} IN (")
            for c in table.constraints
        )
    ]

    assert missing == []


def test_names_fit_postgresql(bare_app: Flask) -> None:
    names = [
        str(thing.name)
        for table in Model.metadata.sorted_tables
        for thing in (*table.indexes, *table.constraints)
        if thing.name
    ]

    assert [name for name in names if len(name) > 63] == []


def test_nothing_hangs_on_audit_outbox_sessions_or_keys(bare_app: Flask) -> None:
    loose = {"audit_entries", "audit_chain", "browser_sessions", "idempotency_keys", "work_items"}
    found = [
        f"{table.name} -> {key.column.table.name}"
        for table in Model.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name in loose
    ]

    assert found == []
