"""`make bench`: measure the promises about speed and print a table; it judges, it never fails.

make bench                          everything, on SQLite and PostgreSQL (about 8 minutes)
make bench ARGS="--quick"           small counts, to try
make bench ARGS="pages votes"       only these sections
make bench ARGS="--only SQLite"     only this database
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from portal.app import create_app
from portal.core.db import db
from portal.core.settings import load
from tests.bench import imports, pages, statements, votes, writers
from tests.bench.databases import POSTGRESQL, SQLITE, Database, Postgresql, Sqlite, home
from tests.bench.pages import Plan
from tests.bench.results import CannotMeasure, Line, table
from tests.bench.servers import WORKERS, environment
from tests.bench.visitors import Visitors
from tests.bench.world import World, build

SMALL, LARGE, LARGE_QUICK = 10_000, 1_000_000, 50_000
SECTIONS = ("statements", "pages", "votes", "scale", "writers", "import")


class Bench:
    """One run on one kind of database."""

    def __init__(self, place: Sqlite | Postgresql, plan: Plan, large: int) -> None:
        self.place, self.plan, self.large_size = place, plan, large
        self.small = self._city("small", SMALL)

    def _city(self, name: str, size: int) -> tuple[Database, World, Visitors, Flask]:
        database = self.place.create(name)
        app = create_app(load(environment(database, 5999)))
        start = time.monotonic()
        world = build(app, size)
        tell(f"{self.place.kind}: {size:,} problems loaded in {time.monotonic() - start:.0f} s")
        with app.app_context():
            db.engine.dispose()
        return database, world, Visitors(app), app

    def section(self, name: str) -> Iterator[Line]:
        """Measure one section."""
        database, world, visitors, app = self.small
        sections: dict[str, Callable[[], Iterator[Line]]] = {
            "statements": lambda: statements.per_page(app, database, world, visitors),
            "pages": lambda: pages.against_bare(database, world, visitors, self.plan),
            "votes": lambda: votes.against_bare(database, world, visitors, self.plan),
            "scale": self._scale,
            "writers": lambda: writers.worst_wait(database, self.plan.seconds * 5),
            "import": lambda: imports.hotline(database, self.plan.rows),
        }
        yield from sections[name]()

    def _scale(self) -> Iterator[Line]:
        large = self._city("large", self.large_size)
        yield from pages.small_and_large(self.small[:3], large[:3], self.plan)


def tell(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)


def run(kinds: list[str], sections: list[str], plan: Plan, large: int) -> list[Line]:
    """Measure the sections on each kind of database; what can't be measured says why."""
    lines: list[Line] = []
    for kind in kinds:
        folder = Path(tempfile.mkdtemp(prefix="wufang-bench-"))
        try:
            with home(kind, folder) as place:
                bench = Bench(place, plan, large)
                for name in sections:
                    start = time.monotonic()
                    try:
                        lines += bench.section(name)
                    except CannotMeasure as reason:
                        lines.append(Line(kind, name, 0.0, "", note=f"not measured: {reason}"))
                    tell(f"{kind}: {name} took {time.monotonic() - start:.0f} s")
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    return lines


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="make bench", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], default=[])
    parser.add_argument("--quick", action="store_true", help="small counts, to try")
    parser.add_argument("--only", choices=[SQLITE, POSTGRESQL], help="one kind of database")
    asked = parser.parse_args()
    plan = Plan(3, 0.5, 2_000) if asked.quick else Plan(5, 1.0, 10_000)
    large = LARGE_QUICK if asked.quick else LARGE
    start = time.monotonic()
    load_before = os.getloadavg()[0]
    lines = run(
        [asked.only] if asked.only else [SQLITE, POSTGRESQL],
        asked.sections or list(SECTIONS),
        plan,
        large,
    )
    print(
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {os.cpu_count()} cores "
        f"({platform.machine()}), Python {platform.python_version()}, gunicorn gthread with "
        f"{WORKERS} worker a side, load {load_before:.1f} before; {plan.rounds} rounds of "
        f"{plan.seconds:g} s a side, alternated, medians; {time.monotonic() - start:.0f} s in all."
    )
    if load_before > 0.5:
        print("The machine was busy: shares hold better than rates, and neither is a verdict.")
    print()
    print(table(lines))


if __name__ == "__main__":
    main()
