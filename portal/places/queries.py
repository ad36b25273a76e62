"""Questions about the map: which divisions on a day, which grid at a point, what to pick from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, or_, select

from portal.core.db import db
from portal.core.errors import NotFound
from portal.places import rules
from portal.places.models import Building, Compound, Division, GridCell
from portal.places.states import Level


def _valid(query: Select[Division], on: date) -> Select[Division]:
    return query.where(
        Division.valid_from <= on, or_(Division.valid_to.is_(None), Division.valid_to > on)
    )


def division(division_id: int) -> Division:
    """Return a division; raises NotFound."""
    found = db.session.get(Division, division_id)
    if found is None:
        raise NotFound
    return found


def by_key(key: str) -> Division | None:
    """Return the division with this key."""
    return db.session.scalar(select(Division).where(Division.key == key))


def by_code(code: str, on: date) -> Division | None:
    """Return the division with this key or code that is valid on a day."""
    return (
        by_key(code)
        or db.session.scalars(
            _valid(select(Division).where(Division.code == code), on).order_by(Division.id).limit(1)
        ).first()
    )


def districts(on: date) -> Sequence[Division]:
    """Return the districts, those set up first first."""
    return db.session.scalars(
        _valid(select(Division).where(Division.level == Level.DISTRICT), on).order_by(Division.id)
    ).all()


def streets(district_id: int, on: date) -> Sequence[Division]:
    """Return the streets of a district on a day."""
    return db.session.scalars(
        _valid(
            select(Division).where(
                Division.parent_id == district_id, Division.level == Level.STREET
            ),
            on,
        ).order_by(Division.key)
    ).all()


def communities(street_id: int, on: date) -> Sequence[Division]:
    """Return the communities of a street on a day."""
    return db.session.scalars(
        _valid(
            select(Division).where(
                Division.parent_id == street_id, Division.level == Level.COMMUNITY
            ),
            on,
        ).order_by(Division.id)
    ).all()


def divisions(district_id: int, on: date) -> Sequence[Division]:
    """Return everything inside a district on a day."""
    return db.session.scalars(
        _valid(select(Division).where(Division.district_id == district_id), on).order_by(
            Division.id
        )
    ).all()


def grid_of(latitude: float, longitude: float, on: date) -> GridCell | None:
    """Return the grid at a WGS-84 point; on a shared edge the one that was drawn first."""
    candidates = db.session.scalars(
        select(GridCell)
        .where(
            GridCell.min_lng <= longitude,
            GridCell.max_lng >= longitude,
            GridCell.min_lat <= latitude,
            GridCell.max_lat >= latitude,
            GridCell.valid_from <= on,
            or_(GridCell.valid_to.is_(None), GridCell.valid_to > on),
        )
        .order_by(GridCell.id)
    )
    return next(
        (grid for grid in candidates if rules.covers(grid.polygon, latitude, longitude)), None
    )


def grid(grid_id: int) -> GridCell:
    """Return a grid; raises NotFound."""
    found = db.session.get(GridCell, grid_id)
    if found is None:
        raise NotFound
    return found


def grids(community_id: int, on: date) -> Sequence[GridCell]:
    """Return a community's grids on a day, by number."""
    return db.session.scalars(
        select(GridCell)
        .where(
            GridCell.community_id == community_id,
            GridCell.valid_from <= on,
            or_(GridCell.valid_to.is_(None), GridCell.valid_to > on),
        )
        .order_by(GridCell.number)
    ).all()


def buildings(community_id: int) -> Sequence[Building]:
    """Return a community's buildings in the order in which they were entered."""
    return db.session.scalars(
        select(Building).where(Building.community_id == community_id).order_by(Building.id)
    ).all()


def building(building_id: int) -> Building:
    """Return a building; raises NotFound."""
    found = db.session.get(Building, building_id)
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Spot:
    """A place to pick: a community, or a building in it."""

    district_id: int
    street_id: int
    community_id: int
    community: str
    building_id: int | None = None
    building: str = ""
    compound: str = ""
    grid_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None

    @property
    def address(self) -> str:
        """The place in words, as people say it: '朝阳里 3 号楼'."""
        return f"{self.compound or self.community} {self.building}".strip()


def picker(district_id: int, on: date) -> list[Spot]:
    """Return what a resident may pick: each community, then its buildings.

    Two statements, whatever the size; a district of today has some thousand buildings.
    """
    places = _valid(
        select(Division).where(
            Division.district_id == district_id, Division.level == Level.COMMUNITY
        ),
        on,
    ).order_by(Division.id)
    found = db.session.scalars(places).all()
    by_community: dict[int, list[Spot]] = {d.id: [_spot(d)] for d in found}
    names = {d.id: d for d in found}
    rows = db.session.execute(
        select(Building, Compound.name)
        .join(Compound, Compound.id == Building.compound_id)
        .where(Building.community_id.in_(names))
        .order_by(Building.id)
    )
    for row, compound in rows:
        by_community[row.community_id].append(_spot(names[row.community_id], row, compound))
    return [spot for spots in by_community.values() for spot in spots]


def spot(community_id: int, building_id: int | None = None) -> Spot:
    """Return one place to store with a problem; raises NotFound, also when they don't belong."""
    place = division(community_id)
    if place.level is not Level.COMMUNITY:
        raise NotFound
    if building_id is None:
        return _spot(place)
    row = building(building_id)
    if row.community_id != community_id:
        raise NotFound
    return _spot(place, row, db.session.get_one(Compound, row.compound_id).name)


def spot_at(latitude: float, longitude: float, on: date) -> Spot | None:
    """Return the community at a point, by its grid; None outside every grid."""
    cell = grid_of(latitude, longitude, on)
    if cell is None:
        return None
    place = _spot(division(cell.community_id))
    return Spot(
        district_id=place.district_id,
        street_id=place.street_id,
        community_id=place.community_id,
        community=place.community,
        grid_id=cell.id,
        latitude=latitude,
        longitude=longitude,
    )


def _spot(place: Division, row: Building | None = None, compound: str = "") -> Spot:
    if place.district_id is None or place.parent_id is None:
        raise NotFound
    return Spot(
        district_id=place.district_id,
        street_id=place.parent_id,
        community_id=place.id,
        community=place.name,
        building_id=row.id if row else None,
        building=row.name if row else "",
        compound=compound,
        grid_id=row.grid_id if row else None,
        latitude=row.latitude if row else None,
        longitude=row.longitude if row else None,
    )
