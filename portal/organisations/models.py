"""Offices are history: a membership or mandate is never edited, only ended and followed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import EnumText, Model, UtcDateTime, one_of
from portal.organisations.states import Affiliation, MandateKind, Party, Role, UnitKind


class Unit(Model):
    """An office, department, company, committee or organisation."""

    __tablename__ = "units"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    short_name: Mapped[str] = mapped_column(String(40))
    seal: Mapped[str] = mapped_column(String(2))
    kind: Mapped[UnitKind] = mapped_column(EnumText(UnitKind))
    party: Mapped[Party | None] = mapped_column(EnumText(Party))
    affiliation: Mapped[Affiliation] = mapped_column(EnumText(Affiliation))
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    street_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("divisions.id"))
    duty_phone: Mapped[str | None] = mapped_column(String(30))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        one_of("kind", UnitKind),
        one_of("party", Party),
        one_of("affiliation", Affiliation),
        CheckConstraint(
            "(kind = 'party_organisation') = (party IS NULL)", name="five_parties_or_convener"
        ),
        CheckConstraint(
            "kind NOT IN ('street_office', 'street_team') OR street_id IS NOT NULL",
            name="street_units_have_street",
        ),
        Index(None, "district_id", "kind"),
    )


class Membership(Model):
    """A person sits for a unit in a role, from a time until it ends."""

    __tablename__ = "memberships"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), index=True)
    role: Mapped[Role] = mapped_column(EnumText(Role))
    grid_id: Mapped[int | None] = mapped_column(ForeignKey("grid_cells.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    unit: Mapped[Unit] = relationship(lazy="raise")

    __table_args__ = (
        one_of("role", Role),
        Index(
            "uq_memberships_live",
            "person_id",
            "unit_id",
            "role",
            unique=True,
            sqlite_where=ended_at.is_(None),
            postgresql_where=ended_at.is_(None),
        ),
    )


class Mandate(Model):
    """A resident's mandate over an area; `declared_unit_id` is an interest that recuses."""

    __tablename__ = "mandates"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    kind: Mapped[MandateKind] = mapped_column(EnumText(MandateKind))
    area_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"), index=True)
    note: Mapped[str] = mapped_column(String(60), default="")
    declared_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (one_of("kind", MandateKind),)
