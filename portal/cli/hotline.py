"""`flask import hotline`: work orders of the 12345 hotline, beside a live server."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from portal.cli import output
from portal.core import clock
from portal.core.db import db
from portal.core.ids import SHANGHAI
from portal.core.uow import transaction
from portal.duties import queries as duties
from portal.places import queries as places
from portal.places.models import Division
from portal.places.states import Level
from portal.problems.importing.orders import (
    Columns,
    ColumnsMissing,
    Field,
    Order,
    RowRefused,
    columns,
    order,
)
from portal.problems.importing.reading import BadRow, Table, Unreadable, open_table
from portal.problems.services import hotline
from portal.problems.services.hotline import BATCH, Plan, Scope
from portal.rulebook import queries as rulebook
from portal.rulebook import services as rulebook_services
from portal.rulebook.rules import Rulebook, RuleMissing

FIRST_ROW = 2


@dataclass
class Tally:
    """What happened so far."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def add(self, plan: Plan) -> None:
        """Count a batch."""
        self.imported += len(plan.new)
        self.updated += len(plan.changed)
        self.unchanged += plan.unchanged

    def refuse(self, row: int, reason: str) -> None:
        """Count a bad row and say which and why."""
        self.refused += 1
        output.progress(f"row {row}: {reason}")

    def line(self) -> str:
        """Return the result line."""
        return output.counts(
            imported=self.imported,
            updated=self.updated,
            unchanged=self.unchanged,
            refused=self.refused,
        )


def run(file: Path, division: Division, mapping: dict[str, Field], *, dry_run: bool) -> Tally:
    """Import a file and return the counts; raises ClickException with one clear line."""
    now = clock.now()
    try:
        with closing(open_table(file)) as table:
            where = columns(table.header, mapping)
            return _run(table, where, _scope(division, now), now, dry_run=dry_run)
    except (Unreadable, ColumnsMissing) as error:
        raise click.ClickException(str(error)) from None


def _run(table: Table, where: Columns, scope: Scope, now: datetime, *, dry_run: bool) -> Tally:
    for note in table.notes:
        output.progress(note)
    if where.ignored:
        output.progress(f"Ignored columns: {', '.join(where.ignored)}")
    book = _book(scope.district_id, now, dry_run=dry_run)
    tally = Tally()
    with _bar() as bar:
        task = bar.add_task("dry run" if dry_run else "importing", total=1.0)
        for batch in _batches(_orders(table, where, tally, now)):
            _take_in(batch, scope, book, tally, now)
            bar.update(task, completed=table.share())
        bar.update(task, completed=1.0)
    return tally


def _take_in(
    batch: list[Order], scope: Scope, book: Rulebook | None, tally: Tally, now: datetime
) -> None:
    if book is None:
        done = hotline.plan(batch, scope)
        db.session.rollback()
    else:
        with transaction():
            done = hotline.take_in(batch, scope, book=book, now=now)
    tally.add(done)
    for found in done.elsewhere:
        tally.refuse(found.row, f"number {found.number} belongs to another district")


def _orders(table: Table, where: Columns, tally: Tally, now: datetime) -> Iterator[Order]:
    for row, cells in enumerate(table.rows, FIRST_ROW):
        if isinstance(cells, BadRow):
            tally.refuse(row, cells.reason)
        elif any(str(cell).strip() for cell in cells if cell is not None):
            try:
                found = order(row, cells, where, now)
            except RowRefused as error:
                tally.refuse(row, str(error))
                continue
            before = tally.seen.setdefault(found.number, row)
            if before != row:
                tally.refuse(row, f"number {found.number} stands in row {before} already")
            else:
                yield found


def _batches(orders: Iterable[Order]) -> Iterator[list[Order]]:
    batch: list[Order] = []
    for found in orders:
        batch.append(found)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _scope(division: Division, now: datetime) -> Scope:
    today = now.astimezone(SHANGHAI).date()
    district_id = division.district_id or division.id
    inside = places.divisions(district_id, today)
    return Scope(
        district_id=district_id,
        street_id=division.id if division.level is Level.STREET else None,
        streets=hotline.names((d.name, d.id) for d in inside if d.level is Level.STREET),
        communities={
            hotline.bare(d.name): (d.parent_id, d.id)
            for d in inside
            if d.level is Level.COMMUNITY and d.parent_id is not None
        },
        categories={
            word: category.id
            for category in reversed(duties.categories())
            for word in (category.code, *category.keywords.split(), category.name)
        },
    )


def _book(district_id: int, now: datetime, *, dry_run: bool) -> Rulebook | None:
    """Return the rules that new problems start under, published first where there are none yet."""
    if dry_run:
        return None
    today = now.astimezone(SHANGHAI).date()
    try:
        return rulebook.current(district_id, today)
    except RuleMissing:
        toml = rulebook.DEFAULT.read_text(encoding="utf-8")
        with transaction():
            rulebook_services.set_calendar(
                district_id, first_year=now.year - 1, last_year=now.year + 1, now=now
            )
            rulebook_services.publish_edition(district_id, toml, now=now)
        output.progress("The district had no rules: the default edition was published.")
        return rulebook.current(district_id, today)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
