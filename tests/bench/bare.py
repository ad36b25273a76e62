"""The other side: the least that a Flask program could do for the same pages and votes.

A page is signed in (one session read), selects the same rows with SQLAlchemy Core and fills one
flat template; its bytes are made equal to the portal's page. A vote is one durable INSERT, without
session, form, rule or record. Served by the same gunicorn on the same database.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template, request, session
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Row,
    Select,
    String,
    Table,
    create_engine,
    insert,
    or_,
    select,
)

from portal.accounts.models import BrowserSession
from portal.core import ids
from portal.core.db import WRITE, UtcDateTime, prepare_engine
from portal.duties.models import Category
from portal.organisations.models import Unit
from portal.places.models import Division, GridCell
from portal.problems.models import Problem, Step

Rows = Select[*tuple[Any, ...]]
METADATA = MetaData()
BARE_VOTES = Table(
    "bare_votes",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("voter", Integer, nullable=False),
    Column("choice", String(20), nullable=False),
    Column("cast_at", UtcDateTime, nullable=False),
)
QUEUE_ROWS, LIST_ROWS = 30, 20


def queue(street_id: int) -> Rows:
    """Return what the queue's cards show, as the portal asks it."""
    return (
        select(
            Problem.id,
            Problem.ref,
            Problem.title,
            Problem.state,
            Problem.source,
            Problem.due_at,
            Problem.submitted_at,
            Problem.reopenings,
            Problem.supporters,
            Category.name.label("category"),
            Division.name.label("community"),
            GridCell.number.label("grid"),
        )
        .outerjoin(Category, Category.id == Problem.category_id)
        .outerjoin(Division, Division.id == Problem.community_id)
        .outerjoin(GridCell, GridCell.id == Problem.grid_id)
        .where(
            Problem.street_id == street_id,
            Problem.state.in_(("submitted", "reopened", "resolved")),
        )
        .order_by(Problem.due_at, Problem.id)
        .limit(QUEUE_ROWS)
    )


def own(person_id: int) -> Rows:
    """Return a resident's problems, newest first."""
    return (
        select(
            Problem.ref,
            Problem.title,
            Problem.state,
            Problem.submitted_at,
            Problem.due_at,
            Problem.supporters,
        )
        .where(Problem.reporter_id == person_id)
        .order_by(Problem.submitted_at.desc(), Problem.id.desc())
        .limit(LIST_ROWS)
    )


def released(district_id: int) -> Rows:
    """Return a district's public problems, newest first."""
    return (
        select(
            Problem.ref,
            Problem.title,
            Problem.state,
            Problem.submitted_at,
            Problem.due_at,
            Problem.supporters,
        )
        .where(
            Problem.district_id == district_id,
            Problem.released_at.is_not(None),
            or_(Problem.audience == "public", Problem.audience == "public_unnamed"),
        )
        .order_by(Problem.released_at.desc(), Problem.id.desc())
        .limit(LIST_ROWS)
    )


def history(ref: str) -> Rows:
    """Return a problem's timeline."""
    return (
        select(Step.at, Step.tag, Step.body, Unit.short_name)
        .join(Problem, Problem.id == Step.problem_id)
        .outerjoin(Unit, Unit.id == Step.unit_id)
        .where(Problem.ref == ref, Step.audience == "public")
        .order_by(Step.at.desc(), Step.id.desc())
    )


def create() -> Flask:
    """Build the bare application from the same environment."""
    folder = Path(os.environ["DATA_DIR"])
    app = Flask("bare", template_folder=str(folder / "flat"))
    app.config.update(SECRET_KEY=os.environ["SECRET_KEY"], SESSION_COOKIE_NAME="wufang")
    engine = create_engine(os.environ["DATABASE_URL"])
    prepare_engine(engine)
    _open_pages(app, engine)
    _open_votes(app, engine, folder / "write.lock")
    return app


def _open_pages(app: Flask, engine: Engine) -> None:
    def page(name: str, ask: Callable[[Connection], dict[str, Any]]) -> str:
        with engine.connect() as connection:
            _signed_in(connection, app.config["SECRET_KEY"])
            return render_template(name, **ask(connection))

    @app.get("/queue/<int:street_id>")
    def queue_page(street_id: int) -> str:
        return page("queue.html", lambda c: {"rows": _all(c, queue(street_id))})

    @app.get("/board/<int:street_id>")
    def board_page(street_id: int) -> str:
        """The queue, and the first case of it with its history."""

        def ask(connection: Connection) -> dict[str, Any]:
            waiting = _all(connection, queue(street_id))
            return {
                "rows": waiting,
                "problem": _problem(connection, waiting[0].ref),
                "steps": _all(connection, history(waiting[0].ref)),
            }

        return page("board.html", ask)

    @app.get("/own/<int:person_id>")
    def own_page(person_id: int) -> str:
        return page("own.html", lambda c: {"rows": _all(c, own(person_id))})

    @app.get("/released/<int:district_id>")
    def released_page(district_id: int) -> str:
        return page("released.html", lambda c: {"rows": _all(c, released(district_id))})

    @app.get("/problem/<ref>")
    def problem_page(ref: str) -> str:
        return page(
            "problem.html", lambda c: {"problem": _problem(c, ref), "rows": _all(c, history(ref))}
        )


def _all(connection: Connection, query: Rows) -> list[Row[Any]]:
    return list(connection.execute(query))


def _problem(connection: Connection, ref: str) -> Row[Any]:
    table = Problem.__table__
    return connection.execute(select(table).where(table.c.ref == ref)).one()


def _open_votes(app: Flask, engine: Engine, lock: Path) -> None:
    @contextmanager
    def turn() -> Iterator[None]:
        """Wait at a file lock as the portal does: SQLite is faster with one than without."""
        if engine.dialect.name != "sqlite":
            yield
            return
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @app.post("/vote")
    def vote() -> tuple[str, int]:
        with turn(), engine.connect().execution_options(**{WRITE: True}) as connection:
            connection.execute(
                insert(BARE_VOTES).values(
                    voter=int(request.form["voter"]), choice="yes", cast_at=datetime.now(UTC)
                )
            )
            connection.commit()
        return "", 204


def _signed_in(connection: Connection, secret: str) -> int:
    """Read the session that the cookie names; 403 without one."""
    token = ids.keyed_hash(secret, "session", session.get("_user_id", ""))
    account: int | None = connection.scalar(
        select(BrowserSession.account_id).where(
            BrowserSession.token_hash == token,
            BrowserSession.ended_at.is_(None),
            BrowserSession.expires_at > datetime.now(UTC),
        )
    )
    return account if account is not None else abort(403)


_ROW = {
    "queue": (
        '<li><a href="/p/{{ row.ref }}">{{ row.title }}</a> {{ row.state }} {{ row.source }} '
        "{{ row.due_at }} {{ row.submitted_at }} {{ row.reopenings }} {{ row.supporters }} "
        "{{ row.category }} {{ row.community }} {{ row.grid }}</li>\n"
    ),
    "own": (
        '<li><a href="/p/{{ row.ref }}">{{ row.title }}</a> {{ row.state }} '
        "{{ row.submitted_at }} {{ row.due_at }} {{ row.supporters }}</li>\n"
    ),
    "problem": "<li>{{ row.at }} {{ row.tag }} {{ row.short_name }} {{ row.body or '' }}</li>\n",
}
_ROW |= {"released": _ROW["own"], "board": _ROW["queue"]}
_HEAD = {
    "problem": (
        "<h1>{{ problem.title }}</h1><p>{{ problem.body }}</p><p>{{ problem.address }} "
        "{{ problem.state }} {{ problem.due_at }} {{ problem.submitted_at }}</p>\n"
    )
}
_HEAD["board"] = _HEAD["problem"] + "{% for row in steps %}" + _ROW["problem"] + "{% endfor %}"


def flat_template(name: str, filler: int) -> str:
    """Return the flat template of a page, with `filler` bytes of fixed text."""
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>Bare</title></head>'
        f"<body>\n{_HEAD.get(name, '')}<ul>\n"
        "{% for row in rows %}" + _ROW[name] + "{% endfor %}</ul>\n"
        f"<p>{'fixed text ' * (filler // 11)}</p>\n</body></html>\n"
    )
