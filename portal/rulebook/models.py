"""An edition belongs to a district and never changes once published; a case keeps its edition."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Model, UtcDateTime


class Edition(Model):
    """One published state of a district's rules."""

    __tablename__ = "rule_editions"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    number: Mapped[int]
    valid_from: Mapped[date]
    source: Mapped[str] = mapped_column(String(300))
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (UniqueConstraint("district_id", "number"),)


class Rule(Model):
    """One value with its unit and where it comes from."""

    __tablename__ = "rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    edition_id: Mapped[int] = mapped_column(ForeignKey("rule_editions.id"))
    key: Mapped[str] = mapped_column(String(80))
    value: Mapped[Any] = mapped_column(JSON)
    unit: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("edition_id", "key"),)


class CalendarDay(Model):
    """A day that differs from its weekday: a holiday, or a working weekend (调休)."""

    __tablename__ = "calendar_days"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    day: Mapped[date]
    is_working: Mapped[bool]
    note: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("district_id", "day"),)


class CalendarYear(Model):
    """A year whose calendar is complete; clocks that reach past the last one are warned of."""

    __tablename__ = "calendar_years"

    id: Mapped[int] = mapped_column(primary_key=True)
    district_id: Mapped[int] = mapped_column(ForeignKey("divisions.id"))
    year: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))

    __table_args__ = (UniqueConstraint("district_id", "year"),)
