"""Divisions change: communities merge, so each row has dates and, once ended, a successor."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import EnumText, Model, one_of
from portal.places.states import Level


class Division(Model):
    """A district, street or community during its validity.

    `key` is stable: the statistical code for districts and streets; street code + name + valid
    from for communities, whose codes are not always known.
    """

    __tablename__ = "divisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    level: Mapped[Level] = mapped_column(EnumText(Level))
    code: Mapped[str | None] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(60))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"), index=True)
    district_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    phone: Mapped[str | None] = mapped_column(String(30))
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    __table_args__ = (
        one_of("level", Level),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates_in_order"),
        CheckConstraint("successor_id IS NULL OR valid_to IS NOT NULL", name="successor_ended"),
        CheckConstraint("(level = 'district') = (parent_id IS NULL)", name="parent_by_level"),
    )


class GridCell(Model):
    """A grid: a polygon (GeoJSON, WGS-84) inside one community, with its bounding box indexed."""

    __tablename__ = "grid_cells"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    polygon: Mapped[str] = mapped_column(Text)
    min_lng: Mapped[float]
    max_lng: Mapped[float]
    min_lat: Mapped[float]
    max_lat: Mapped[float]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (
        UniqueConstraint("community_id", "number", "valid_from"),
        Index("ix_grid_cells_box", "min_lng", "max_lng", "min_lat", "max_lat"),
    )


class Compound(Model):
    """小区: what residents name when asked where."""

    __tablename__ = "compounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))


class Building(Model):
    """A building with its point, so that a place can be picked without a map."""

    __tablename__ = "buildings"

    id: Mapped[int] = mapped_column(primary_key=True)
    compound_id: Mapped[int] = mapped_column(ForeignKey("compounds.id"), index=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"), index=True)
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid_cells.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    latitude: Mapped[float]
    longitude: Mapped[float]


class Dwelling(Model):
    """One front door."""

    __tablename__ = "dwellings"

    id: Mapped[int] = mapped_column(primary_key=True)
    building_id: Mapped[int] = mapped_column(ForeignKey("buildings.id"))
    number: Mapped[str] = mapped_column(String(20))

    __table_args__ = (UniqueConstraint("building_id", "number"),)
