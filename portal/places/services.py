"""Put divisions, grids, compounds and buildings on the map. Each flushes and records its fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.core import uow
from portal.core.db import db
from portal.places import queries, rules
from portal.places.events import CommunityMapped, DivisionsImported
from portal.places.models import Building, Compound, Division, GridCell
from portal.places.rules import LngLat
from portal.places.states import Level


@dataclass
class Counts:
    """What a list brought."""

    imported: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class DivisionRow:
    """One division as a list gives it; parent and successor by key."""

    key: str
    level: Level
    name: str
    valid_from: date
    code: str | None = None
    parent_key: str | None = None
    valid_to: date | None = None
    successor_key: str | None = None
    phone: str | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class NewGrid:
    """A grid of a community; `ring` is its outline in WGS-84."""

    number: int
    name: str
    ring: Sequence[LngLat]


@dataclass(frozen=True)
class NewBuilding:
    """A building with its point in WGS-84."""

    compound: str
    name: str
    latitude: float
    longitude: float


def import_divisions(
    rows: Iterable[DivisionRow], *, now: datetime, actor_id: int | None = None
) -> Counts:
    """Store or bring up to date a list of divisions, parents before children.

    Successors are tied at the end, so they may stand anywhere in the list. Raises ListInvalid
    when a parent or successor is unknown.
    """
    counts = Counts()
    known = {division.key: division for division in db.session.scalars(select(Division))}
    with_successor = []
    for row in rows:
        found = known.get(row.key)
        if found is None:
            known[row.key] = _add(row, known)
            counts.imported += 1
        elif _bring_up_to_date(found, row):
            counts.updated += 1
        else:
            counts.unchanged += 1
        if row.successor_key is not None:
            with_successor.append(row)
    for row in with_successor:
        successor = known.get(row.successor_key or "")
        if successor is None:
            raise rules.ListInvalid(f"{row.key}: the successor {row.successor_key} is unknown")
        known[row.key].successor_id = successor.id
    if counts.imported or counts.updated:
        uow.record(
            DivisionsImported(
                at=now, actor_id=actor_id, imported=counts.imported, updated=counts.updated
            )
        )
    db.session.flush()
    return counts


def _add(row: DivisionRow, known: dict[str, Division]) -> Division:
    parent = known.get(row.parent_key) if row.parent_key else None
    if parent is None and row.level is not Level.DISTRICT:
        raise rules.ListInvalid(f"{row.key}: the parent {row.parent_key} is unknown")
    division = Division(key=row.key, level=row.level)
    division.parent_id = parent.id if parent else None
    division.district_id = (parent.district_id or parent.id) if parent else None
    _bring_up_to_date(division, row)
    db.session.add(division)
    db.session.flush()
    return division


def _bring_up_to_date(division: Division, row: DivisionRow) -> bool:
    changed = False
    for name in ("code", "name", "valid_from", "valid_to", "phone", "latitude", "longitude"):
        if getattr(division, name) != getattr(row, name):
            setattr(division, name, getattr(row, name))
            changed = True
    return changed


def map_community(
    community: Division,
    *,
    grids: Sequence[NewGrid],
    buildings: Sequence[NewBuilding],
    on: date,
    now: datetime,
    actor_id: int | None = None,
) -> None:
    """Draw a community's grids and put its buildings into them. Raises ListInvalid."""
    for grid in grids:
        polygon = rules.geojson(grid.ring)
        west, south, east, north = rules.bounds(polygon)
        db.session.add(
            GridCell(
                community_id=community.id,
                number=grid.number,
                name=grid.name,
                polygon=polygon,
                min_lng=west,
                max_lng=east,
                min_lat=south,
                max_lat=north,
                valid_from=on,
            )
        )
    db.session.flush()
    compounds: dict[str, Compound] = {}
    for building in buildings:
        compound = compounds.get(building.compound)
        if compound is None:
            compound = Compound(community_id=community.id, name=building.compound)
            compounds[building.compound] = compound
            db.session.add(compound)
            db.session.flush()
        grid_found = queries.grid_of(building.latitude, building.longitude, on)
        db.session.add(
            Building(
                compound_id=compound.id,
                community_id=community.id,
                grid_id=grid_found.id if grid_found else None,
                name=building.name,
                latitude=building.latitude,
                longitude=building.longitude,
            )
        )
    uow.record(
        CommunityMapped(
            at=now,
            actor_id=actor_id,
            community_id=community.id,
            grids=len(grids),
            buildings=len(buildings),
        )
    )
    db.session.flush()
