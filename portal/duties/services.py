"""Publish the categories and a district's duty list. Each flushes and records its fact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.core import uow
from portal.core.db import db
from portal.duties.events import CategoriesSet, DutyListPublished
from portal.duties.models import Category, DutyItem, DutySupport
from portal.duties.states import ListKind, PowerHolder
from portal.organisations.models import Unit


class ListInvalid(ValueError):
    """The list can't be published; the message names the item and what is wrong."""


@dataclass(frozen=True)
class NewItem:
    """One item as a list gives it; units by code."""

    number: int
    title: str
    category: str
    list_kind: ListKind
    power_holder: PowerHolder
    power_from: date
    lead: str | None
    supports: tuple[str, ...]
    legal_basis: str
    keywords: str


@dataclass(frozen=True)
class NewCategory:
    """What residents choose from; keywords are separated by spaces."""

    code: str
    name: str
    name_en: str
    keywords: str


def set_categories(
    rows: Sequence[NewCategory], *, now: datetime, actor_id: int | None = None
) -> None:
    """Store categories in this order; known ones are brought up to date, none is removed."""
    known = {category.code: category for category in db.session.scalars(select(Category))}
    for position, row in enumerate(rows, 1):
        category = known.get(row.code)
        if category is None:
            category = Category(code=row.code)
            db.session.add(category)
        category.name, category.name_en = row.name, row.name_en
        category.keywords, category.position = row.keywords, position
    uow.record(CategoriesSet(at=now, actor_id=actor_id, categories=len(rows)))
    db.session.flush()


def publish_list(
    district_id: int,
    items: Sequence[NewItem],
    *,
    valid_from: date,
    now: datetime,
    actor_id: int | None = None,
) -> int:
    """Publish a district's next version, which ends the one before; returns its number.

    Raises ListInvalid. Earlier versions stay, so that a case can cite the one it began under.
    """
    categories = dict(db.session.execute(select(Category.code, Category.id)).all())
    units = dict(
        db.session.execute(
            select(Unit.code, Unit.id).where(
                Unit.district_id == district_id, Unit.ended_at.is_(None)
            )
        ).all()
    )
    checked = _checked(items, set(categories), set(units))
    version = (
        db.session.scalar(
            select(func.max(DutyItem.version)).where(DutyItem.district_id == district_id)
        )
        or 0
    ) + 1
    for old in db.session.scalars(
        select(DutyItem).where(DutyItem.district_id == district_id, DutyItem.valid_to.is_(None))
    ):
        old.valid_to = valid_from
    for item in checked:
        row = DutyItem(
            district_id=district_id,
            number=item.number,
            version=version,
            title=item.title,
            category_id=categories[item.category],
            list_kind=item.list_kind,
            power_holder=item.power_holder,
            power_from=item.power_from,
            lead_unit_id=units[item.lead] if item.lead else None,
            legal_basis=item.legal_basis,
            keywords=item.keywords,
            valid_from=valid_from,
        )
        db.session.add(row)
        db.session.flush()
        db.session.add_all(
            DutySupport(item_id=row.id, unit_id=units[code]) for code in item.supports
        )
    uow.record(
        DutyListPublished(
            at=now,
            actor_id=actor_id,
            district_id=district_id,
            version=version,
            items=len(checked),
        )
    )
    db.session.flush()
    return version


def _checked(items: Iterable[NewItem], categories: set[str], units: set[str]) -> list[NewItem]:
    """Return the items, or raise ListInvalid: numbers once, known names, a lead unless own."""
    seen: set[int] = set()
    found = []
    for item in items:
        if item.number in seen:
            raise ListInvalid(f"item {item.number} stands twice")
        seen.add(item.number)
        if item.category not in categories:
            raise ListInvalid(f"item {item.number}: unknown category {item.category}")
        for code in filter(None, (item.lead, *item.supports)):
            if code not in units:
                raise ListInvalid(f"item {item.number}: unknown unit {code}")
        if item.lead is None and item.list_kind is not ListKind.OWN:
            raise ListInvalid(f"item {item.number}: a lead unit is missing")
        if item.lead in item.supports:
            raise ListInvalid(f"item {item.number}: {item.lead} leads and supports")
        found.append(item)
    return found
