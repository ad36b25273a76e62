"""Votes a second through HTTP, against one bare durable INSERT, under the ceiling of a raw loop."""

import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
from sqlalchemy import create_engine, func, make_url, select
from sqlalchemy.orm import Session

from portal.ballots.models import Vote
from tests.bench.bare import METADATA
from tests.bench.client import Side, duel, get, post
from tests.bench.databases import Database
from tests.bench.pages import BARE, Plan
from tests.bench.results import CannotMeasure, Line
from tests.bench.servers import serve
from tests.bench.visitors import Visitors
from tests.bench.world import World

LIKE_BARE = 0.3


def ballots(world: World, visitors: Visitors, port: int) -> Callable[[], Iterator[bytes]]:
    """Return a stream of first votes, each by another elector; it goes on where it stopped."""

    def forms() -> Iterator[bytes]:
        for vote in world.votes:
            yield post(
                port,
                f"/p/{vote.ref}/rate",
                visitors.cookie(vote.who),
                visitors.form(vote.who, solved="yes", grade="5"),
            )

    waiting = forms()
    return lambda: waiting


def bare_votes(port: int) -> Callable[[], Iterator[bytes]]:
    """Return a stream of bare votes."""

    def forms() -> Iterator[bytes]:
        number = 0
        while True:
            number += 1
            yield post(port, "/vote", "none=", f"voter={number}")

    waiting = forms()
    return lambda: waiting


def against_bare(
    database: Database, world: World, visitors: Visitors, plan: Plan
) -> Iterator[Line]:
    """Measure votes in turns with bare INSERTs; every vote must stand in the database after."""
    engine = create_engine(database.url)
    METADATA.create_all(engine)
    with (
        serve(database) as server,
        serve(database, BARE) as bare,
    ):
        first = world.votes[0]
        form = Side(
            "portal",
            server,
            lambda: iter([get(server.port, f"/p/{first.ref}/rate", visitors.cookie(first.who))]),
        ).ask()
        if b"csrf_token" not in form.body:
            raise CannotMeasure("the rating form did not open")
        ours = Side("portal", server, ballots(world, visitors, server.port), expect=303)
        theirs = Side("bare", bare, bare_votes(bare.port), expect=204)
        found = duel(ours, theirs, rounds=plan.rounds, seconds=plan.seconds)
    with Session(engine) as session:
        stored = session.scalar(select(func.count()).select_from(Vote)) or 0
    engine.dispose()
    if stored != ours.answered:
        raise CannotMeasure(f"{ours.answered} votes were answered, {stored} are stored")
    yield Line(
        database.kind,
        "votes / bare durable INSERTs",
        found.ratio,
        "%",
        LIKE_BARE,
        note=f"{found.text('portal', 'bare')}; {stored:,} votes, all stored",
    )
    yield Line(
        database.kind,
        "votes a second through HTTP",
        statistics.median(found.ours),
        "/s",
        note="first votes of signed-in electors with CSRF, idempotency, audit entry",
    )
    yield Line(
        database.kind,
        "ceiling: raw loop of durable INSERTs",
        raw_loop(database, plan.seconds),
        "/s",
        note="one connection, no server, a commit each",
    )


def raw_loop(database: Database, seconds: float) -> float:
    """Return durable single-row INSERTs a second of a bare driver loop."""
    insert = "INSERT INTO bare_votes (voter, choice, cast_at) VALUES ({0}, 'yes', {0})"
    now = datetime.now(UTC)
    count, start = 0, time.monotonic()
    if database.url.startswith("sqlite"):
        connection = sqlite3.connect(make_url(database.url).database or "", isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        while time.monotonic() < start + seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(insert.format("?"), (count, str(now)))
            connection.execute("COMMIT")
            count += 1
        connection.close()
    else:
        address = database.url.replace("postgresql+psycopg:", "postgresql:", 1)
        with psycopg.connect(address) as server:
            statement = insert.format("%s").encode()
            while time.monotonic() < start + seconds:
                server.execute(statement, (count, now))
                server.commit()
                count += 1
    return count / (time.monotonic() - start)
