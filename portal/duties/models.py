"""The duty list, first version: dated items with lead, support, power and legal basis."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import EnumText, Model, one_of
from portal.duties.states import ListKind, PowerHolder


class Category(Model):
    """What a problem is about. Residents see `name`; English readers `name_en`."""

    __tablename__ = "categories"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(40))
    name_en: Mapped[str] = mapped_column(String(60))
    keywords: Mapped[str] = mapped_column(String(400), default="")
    position: Mapped[int]


class DutyItem(Model):
    """One item of a district's list in one version; exactly one lead."""

    __tablename__ = "duty_items"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    number: Mapped[int]
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(120))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    list_kind: Mapped[ListKind] = mapped_column(EnumText(ListKind))
    power_holder: Mapped[PowerHolder] = mapped_column(EnumText(PowerHolder))
    power_from: Mapped[date]
    lead_unit_id: Mapped[int | None] = mapped_column(ForeignKey("units.id"))
    legal_basis: Mapped[str] = mapped_column(String(300))
    keywords: Mapped[str] = mapped_column(String(300), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]

    __table_args__ = (
        one_of("list_kind", ListKind),
        one_of("power_holder", PowerHolder),
        UniqueConstraint("district_id", "number", "version"),
        CheckConstraint("list_kind = 'own' OR lead_unit_id IS NOT NULL", name="lead_unless_own"),
        Index(None, "district_id", "category_id", "valid_from"),
    )


class DutySupport(Model):
    """A unit that supports the lead of an item."""

    __tablename__ = "duty_supports"

    item_id: Mapped[int] = mapped_column(ForeignKey("duty_items.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("units.id"), primary_key=True)
