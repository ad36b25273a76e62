"""Divisions, map, rules, units, duty list and people of the demonstration, in one act."""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.accounts import services as accounts
from portal.accounts.models import ContactPoint, Person, Residence
from portal.accounts.states import CheckLevel, ContactKind
from portal.core.db import db
from portal.core.sealed import lookup_hash
from portal.core.uow import transaction
from portal.duties import services as duties
from portal.duties.services import NewItem
from portal.duties.states import ListKind, PowerHolder
from portal.organisations import services as organisations
from portal.organisations.models import Unit
from portal.organisations.services import NewUnit
from portal.organisations.states import Affiliation, MandateKind, Party, Role, UnitKind
from portal.places import queries as places
from portal.places import services as map_services
from portal.places.models import Division
from portal.places.rules import community_key
from portal.places.services import DivisionRow, NewBuilding, NewGrid
from portal.places.states import Level
from portal.rulebook import services as rulebook
from portal.rulebook.queries import DEFAULT

HERE = Path(__file__).parent
DUTIES = Path(duties.__file__).parent / "data"
SINCE = date(2020, 1, 1)
DISTRICT = "990101"
PASSWORD = "wufang-demo"  # noqa: S105 - the demonstration's, printed in the README
GRID_WIDTH, GRID_HEIGHT = 0.0015, 0.0020
IN_OFFICE = timedelta(days=400)


@dataclass(frozen=True)
class Loaded:
    """What the seed stored."""

    units: int
    people: int
    buildings: int
    items: int

    def line(self) -> str:
        """Say it in one line."""
        return (
            f"{self.units} units, {self.people} people, {self.buildings} buildings,"
            f" {self.items} duty items"
        )


def is_there() -> bool:
    """Tell whether the demonstration was loaded before."""
    return places.by_key(DISTRICT) is not None


def district_id() -> int:
    """Return the invented district; raises LookupError before it was loaded."""
    found = places.by_key(DISTRICT)
    if found is None:
        raise LookupError("the demonstration is not loaded")
    return found.id


def load(now: datetime) -> Loaded:
    """Store the invented district in one act: wholly or not at all."""
    cast = tomllib.loads((HERE / "cast.toml").read_text(encoding="utf-8"))
    towns = tomllib.loads((HERE / "map.toml").read_text(encoding="utf-8"))["communities"]
    # Slow on purpose, so before the transaction; one for all, since the README prints it.
    hashed = accounts.hash_password(PASSWORD)
    with transaction():
        divisions = _divisions(cast["district"], towns, now)
        district = divisions[cast["district"]["name"]]
        buildings = _map(towns, divisions, now)
        rulebook.set_calendar(district.id, first_year=SINCE.year, last_year=now.year + 1, now=now)
        rulebook.publish_edition(district.id, DEFAULT.read_text(encoding="utf-8"), now=now)
        units = _units(cast, divisions, now)
        duties.set_categories(list(_categories()), now=now)
        items = list(_items())
        duties.publish_list(district.id, items, valid_from=SINCE, now=now)
        _staff(cast["staff"], units, hashed, divisions, now)
        _residents(cast["residents"], divisions, now)
    return Loaded(
        units=len(units),
        people=len(cast["staff"]) + len(cast["residents"]),
        buildings=buildings,
        items=len(items),
    )


def _divisions(
    names: dict[str, str], towns: list[dict[str, Any]], now: datetime
) -> dict[str, Division]:
    rows = [
        DivisionRow(names["key"], Level.DISTRICT, names["name"], SINCE, code=names["key"]),
        DivisionRow(
            names["street_key"],
            Level.STREET,
            names["street"],
            SINCE,
            code=names["street_key"],
            parent_key=names["key"],
            phone=names["street_phone"],
        ),
    ]
    for town in towns:
        south, west = town["south"], town["west"]
        rows.append(
            DivisionRow(
                community_key(names["street_key"], town["name"], SINCE),
                Level.COMMUNITY,
                town["name"],
                SINCE,
                parent_key=names["street_key"],
                phone=town["phone"],
                latitude=round(south + town["rows"] * GRID_HEIGHT / 2, 6),
                longitude=round(west + town["columns"] * GRID_WIDTH / 2, 6),
            )
        )
    map_services.import_divisions(rows, now=now)
    found = (places.by_key(row.key) for row in rows)
    return {division.name: division for division in found if division is not None}


def _map(towns: list[dict[str, Any]], divisions: dict[str, Division], now: datetime) -> int:
    total = 0
    for town in towns:
        grids, centres = _grids(town)
        buildings = [
            NewBuilding(town["compound"], name, *_beside(centres[i % len(centres)], i))
            for i, name in enumerate(town["buildings"])
        ]
        map_services.map_community(
            divisions[town["name"]], grids=grids, buildings=buildings, on=SINCE, now=now
        )
        total += len(buildings)
    return total


def _grids(town: dict[str, Any]) -> tuple[list[NewGrid], list[tuple[float, float]]]:
    """Cut a community's rectangle into grids; also return their centres as (lat, lng)."""
    grids, centres = [], []
    north = town["south"] + town["rows"] * GRID_HEIGHT
    for number in range(1, town["rows"] * town["columns"] + 1):
        row, column = divmod(number - 1, town["columns"])
        west = round(town["west"] + column * GRID_WIDTH, 6)
        east = round(town["west"] + (column + 1) * GRID_WIDTH, 6)
        top = round(north - row * GRID_HEIGHT, 6)
        bottom = round(north - (row + 1) * GRID_HEIGHT, 6)
        ring = ((west, bottom), (east, bottom), (east, top), (west, top))
        grids.append(NewGrid(number, f"{town['name']} {number} 格", ring))
        centres.append(((top + bottom) / 2, (west + east) / 2))
    return grids, centres


def _beside(centre: tuple[float, float], index: int) -> tuple[float, float]:
    """Return a point near a grid's centre, so that no two buildings stand on one spot."""
    return round(centre[0] + 0.0003 * (index % 3 - 1), 6), round(centre[1] - 0.0002, 6)


def _units(cast: dict[str, Any], divisions: dict[str, Division], now: datetime) -> dict[str, Unit]:
    district = divisions[cast["district"]["name"]]
    street = divisions[cast["district"]["street"]]
    found = {}
    for row in cast["units"]:
        community = divisions[row["community"]] if "community" in row else None
        in_street = community is not None or row.get("in_street", False)
        found[row["code"]] = organisations.open_unit(
            NewUnit(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                seal=row["seal"],
                kind=UnitKind(row["kind"]),
                party=Party(row["party"]) if "party" in row else None,
                affiliation=Affiliation(row["affiliation"]),
                district_id=district.id,
                street_id=street.id if in_street else None,
                community_id=community.id if community else None,
                duty_phone=row.get("duty_phone"),
            ),
            now=now,
        )
    return found


def _categories() -> Iterator[duties.NewCategory]:
    for row in _csv("categories.csv"):
        yield duties.NewCategory(row["code"], row["name"], row["name_en"], row["keywords"])


def _items() -> Iterator[NewItem]:
    for row in _csv("duty_items.csv"):
        yield NewItem(
            number=int(row["number"]),
            title=row["title"],
            category=row["category"],
            list_kind=ListKind(row["list_kind"]),
            power_holder=PowerHolder(row["power_holder"]),
            power_from=date.fromisoformat(row["power_from"]),
            lead=row["lead"] or None,
            supports=tuple(row["supports"].split()),
            legal_basis=row["legal_basis"],
            keywords=row["keywords"],
        )


def _csv(name: str) -> Iterator[dict[str, str]]:
    with (DUTIES / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _staff(
    rows: list[dict[str, Any]],
    units: dict[str, Unit],
    hashed: str,
    divisions: dict[str, Division],
    now: datetime,
) -> None:
    grids = {grid.number: grid.id for grid in places.grids(divisions["朝阳里"].id, now.date())}
    for row in rows:
        person = _person(row["key"], row["name"], row["name"], now)
        account = accounts.open_account(person, now=now, actor_id=None, login=row["key"])
        accounts.set_password(account, hashed, actor_id=None, now=now)
        organisations.appoint(
            person.id,
            units[row["unit"]].id,
            Role(row["role"]),
            now=now - IN_OFFICE,
            grid_id=grids[row["grid"]] if "grid" in row else None,
        )


def _residents(rows: list[dict[str, Any]], divisions: dict[str, Division], now: datetime) -> None:
    for row in rows:
        person = _person(row["key"], row["name"], row["public_name"], now)
        accounts.open_account(person, now=now, actor_id=None)
        db.session.add(
            ContactPoint(
                person_id=person.id,
                kind=ContactKind.PHONE,
                value=row["phone"],
                value_hash=lookup_hash("contact", row["phone"]),
                verified_at=now,
                signs_in=True,
            )
        )
        community = divisions[row["community"]]
        building = next(b for b in places.buildings(community.id) if b.name == row["building"])
        db.session.add(
            Residence(
                person_id=person.id,
                community_id=community.id,
                grid_id=building.grid_id,
                building_id=building.id,
                check_level=int(CheckLevel.CONFIRMED),
                valid_from=SINCE,
            )
        )
        if row.get("supervises"):
            organisations.give_mandate(
                person.id,
                MandateKind.SUPERVISOR,
                area_id=community.id,
                now=now - IN_OFFICE,
                note=row["note"],
            )
    db.session.flush()


def _person(key: str, full_name: str, public_name: str, now: datetime) -> Person:
    person = Person(full_name=full_name, public_name=public_name, created_at=now)
    db.session.add(person)
    db.session.flush()
    accounts.set_mail(person.id, f"{key}@example.cn", actor_id=person.id, now=now)
    return person
