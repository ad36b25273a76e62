"""The two tables that pictures need, in a SQLite file, without the rest of the application."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.core import db as database
from portal.core.bus import Bus
from portal.core.db import db
from portal.core.work import WorkItem
from portal.media.models import Media


@pytest.fixture
def app_context(tmp_path: Path) -> Iterator[None]:
    app = Flask("pictures")
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'pictures.db'}"
    app.extensions["bus"] = Bus()
    database.init_app(app, write_lock_path=tmp_path / "write.lock")
    with app.app_context():
        tables = [db.metadata.tables[model.__tablename__] for model in (Media, WorkItem)]
        db.metadata.create_all(db.engine, tables=tables)
        yield
        db.session.remove()
        db.engine.dispose()
