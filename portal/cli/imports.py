"""`flask import …`: rules, divisions, hotline work orders."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click
from flask.cli import AppGroup

from portal.cli import hotline, output
from portal.core import clock
from portal.core.ids import SHANGHAI
from portal.core.uow import transaction
from portal.places import queries as places
from portal.places import services as place_services
from portal.places.models import Division
from portal.places.rules import ListInvalid, community_key
from portal.places.services import DivisionRow
from portal.places.states import Level
from portal.problems.importing.orders import Field
from portal.rulebook import queries as rulebook
from portal.rulebook import services as rulebook_services

imports = AppGroup("import", help="Bring data in; the last line says what happened.")
DATA = Path(place_services.__file__).parent / "data"
# The lists say of which year they are; earlier changes of name or border are not in them.
LISTED_FROM = date(2023, 1, 1)


@imports.command("rulebook")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False
)
@click.option("--division", help="Key or code of the district; default: the installation's.")
def import_rulebook(file: Path | None, division: str | None) -> None:
    """Publish an edition of a district's rules from TOML (default: the shipped one)."""
    district = find_division(division)
    if district.district_id is not None:
        district = places.division(district.district_id)
    try:
        toml = (file or rulebook.DEFAULT).read_text(encoding="utf-8")
        now = clock.now()
        with transaction():
            edition = rulebook_services.publish_edition(district.id, toml, now=now)
            days = rulebook_services.set_calendar(
                district.id, first_year=2020, last_year=now.year + 1, now=now
            )
    except (rulebook_services.EditionInvalid, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    if edition is not None:
        output.progress(f"Edition {edition.number} of {district.name}, {days} calendar days added.")
    warn(district)
    output.result(
        output.counts(
            imported=int(edition is not None),
            updated=0,
            unchanged=int(edition is None),
            refused=0,
        )
    )


def warn(district: Division) -> None:
    """Say when the working calendar ends soon."""
    left = rulebook.calendar_warning(district.id, clock.now().astimezone(SHANGHAI).date())
    if left is not None:
        output.progress(
            f"The working calendar of {district.name} ends in {left} days: upgrade when the next"
            " year's holidays are announced, or enter them."
        )


def find_division(code: str | None) -> Division:
    """Return a division by key or code, or the installation's district.

    Raises ClickException with advice.
    """
    today = clock.now().astimezone(SHANGHAI).date()
    if code is not None:
        found = places.by_code(code, today)
        if found is None:
            raise click.ClickException(f"No division has the key or code {code}.")
        return found
    home = rulebook.home_district_id(today)
    if home is not None:
        return places.division(home)
    districts = places.districts(today)
    if not districts:
        raise click.ClickException("There is no district yet: run `flask import divisions` first.")
    return districts[0]


@imports.command("hotline")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--division", metavar="CODE", help="Key or code of the district or street.")
@click.option(
    "mappings",
    "--map",
    metavar="COLUMN=FIELD",
    multiple=True,
    help=f"Which column holds which field: {', '.join(Field)}.",
)
@click.option("--dry-run", is_flag=True, help="Read and compare only; write nothing.")
def import_hotline(
    file: Path, division: str | None, mappings: tuple[str, ...], *, dry_run: bool
) -> None:
    """Take in work orders of the 12345 hotline from CSV or XLSX."""
    chosen = {}
    for mapping in mappings:
        source, equals, target = mapping.rpartition("=")
        if not equals or not source or target not in set(Field):
            raise click.ClickException(
                f"--map {mapping}: write COLUMN=FIELD with one of {', '.join(Field)}."
            )
        chosen[source] = Field(target)
    place = find_division(division)
    if place.level is Level.COMMUNITY:
        raise click.ClickException("Give the code of a district or a street.")
    tally = hotline.run(file, place, chosen, dry_run=dry_run)
    output.result(tally.line())


@imports.command("divisions")
def import_divisions() -> None:
    """Load Beijing's districts and streets, and Dongcheng's communities."""
    rows = list(_shipped())
    output.progress(f"Reading {len(rows)} divisions ...")
    try:
        with transaction():
            counts = place_services.import_divisions(rows, now=clock.now())
    except ListInvalid as error:
        raise click.ClickException(str(error)) from None
    output.result(
        output.counts(
            imported=counts.imported,
            updated=counts.updated,
            unchanged=counts.unchanged,
            refused=0,
        )
    )


def _shipped() -> Iterator[DivisionRow]:
    labels = {row["code"]: row for row in _csv("dongcheng_streets.csv")}
    seen = set()
    for row in _csv("beijing_streets_townships_2023.csv"):
        if row["district_code"] not in seen:
            seen.add(row["district_code"])
            yield DivisionRow(
                row["district_code"],
                Level.DISTRICT,
                row["district_name"],
                LISTED_FROM,
                code=row["district_code"],
            )
        label = labels.get(row["street_code"])
        yield DivisionRow(
            row["street_code"],
            Level.STREET,
            row["street_name"],
            LISTED_FROM,
            code=row["street_code"],
            parent_key=row["district_code"],
            latitude=float(label["label_lat_wgs84"]) if label else None,
            longitude=float(label["label_lng_wgs84"]) if label else None,
        )
    for row in _csv("dongcheng_communities.csv"):
        yield community_row(row)


def community_row(row: dict[str, str]) -> DivisionRow:
    """Return a community of a list with columns valid_from, valid_to, successor.

    The successor is named as 'name@valid from', in the same street.
    """
    street, valid_from = row["street_code"], date.fromisoformat(row["valid_from"])
    successor = None
    if row["successor"]:
        name, _, since = row["successor"].partition("@")
        successor = community_key(street, name, date.fromisoformat(since))
    return DivisionRow(
        community_key(street, row["community_name"], valid_from),
        Level.COMMUNITY,
        row["community_name"],
        valid_from,
        code=row["nbs_code_if_known"] or None,
        parent_key=street,
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        successor_key=successor,
    )


def _csv(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file)
