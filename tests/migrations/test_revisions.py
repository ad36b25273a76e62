"""The revisions make exactly the tables of the models, on both databases, and take them back."""

import re
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect

from portal.core.db import Model, db

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def _tables() -> set[str]:
    return set(inspect(db.engine).get_table_names()) - {"alembic_version"}


def test_there_is_one_head_and_it_is_written_down() -> None:
    script = ScriptDirectory(str(FOLDER))

    heads = script.get_heads()
    assert len(heads) == 1
    written = (FOLDER / "HEAD").read_text(encoding="utf-8").strip()
    assert written == Path(script.get_revision(heads[0]).path).stem


def test_a_revision_names_day_number_and_subject() -> None:
    for path in (FOLDER / "versions").glob("*.py"):
        day, hour, number, *words = path.stem.split("_")
        assert day.isdigit()
        assert hour.isdigit()
        assert number
        assert words


def test_a_revision_imports_nothing_of_todays_code() -> None:
    for path in (FOLDER / "versions").glob("*.py"):
        assert not re.search(r"^(?:from|import) portal", path.read_text("utf-8"), re.MULTILINE)


def test_up_makes_the_tables_of_the_models(blank) -> None:
    blank()
    upgrade()

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Model.metadata) == []
    assert _tables() == set(Model.metadata.tables)


def test_down_takes_everything_back_and_up_comes_again(blank) -> None:
    blank()
    upgrade()
    downgrade(revision="base")
    assert _tables() == set()

    upgrade()
    assert _tables() == set(Model.metadata.tables)
