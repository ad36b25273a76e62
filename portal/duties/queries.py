"""Place + matter -> who answers, citing item and version of the duty list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from portal.core.db import db
from portal.core.errors import NotFound
from portal.duties import rules
from portal.duties.models import Category, DutyItem, DutySupport
from portal.duties.states import ListKind, PowerHolder
from portal.organisations import queries as organisations
from portal.organisations.models import Unit
from portal.organisations.states import UnitKind


@dataclass(frozen=True)
class Place:
    """Where the matter is; ids as stored with a problem."""

    district_id: int
    street_id: int | None = None
    community_id: int | None = None


@dataclass(frozen=True)
class Suggestion:
    """Who answers, by which item.

    `why` is a code with a sentence in labels: `words` (the item's own words stand in the text),
    `category` (the first item of the category). `matched` holds those words.
    """

    item: DutyItem
    version: int
    lead: Unit | None
    supports: tuple[Unit, ...]
    list_kind: ListKind
    power_holder: PowerHolder
    why: str
    matched: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The item's number in the list."""
        return self.item.number

    @property
    def departments(self) -> tuple[Unit, ...]:
        """Those a whistle would call: never the street's own or a company in its communities."""
        return tuple(
            unit
            for unit in (self.lead, *self.supports)
            if unit is not None and unit.kind in {UnitKind.DEPARTMENT, UnitKind.UTILITY}
        )

    @property
    def street_alone(self) -> bool:
        """Whether the street can finish it alone: its own item, or its own power to enforce."""
        return self.list_kind is ListKind.OWN or self.power_holder is PowerHolder.STREET


def categories() -> Sequence[Category]:
    """Return the categories in the residents' order."""
    return db.session.scalars(select(Category).order_by(Category.position, Category.id)).all()


def category(category_id: int) -> Category:
    """Return a category; raises NotFound."""
    found = db.session.get(Category, category_id)
    if found is None:
        raise NotFound
    return found


def suggest_categories(text: str, limit: int = 3) -> list[Category]:
    """Return the categories whose words stand in the text, best first; no guess without words."""
    known = {row.id: row for row in categories()}
    found = rules.best(
        text, {key: f"{row.keywords} {row.name}" for key, row in known.items()}, limit
    )
    return [known[key] for key in found]


def items(district_id: int, on: date, category_id: int | None = None) -> Sequence[DutyItem]:
    """Return the list in force on a day, by number."""
    query = select(DutyItem).where(
        DutyItem.district_id == district_id,
        DutyItem.valid_from <= on,
        or_(DutyItem.valid_to.is_(None), DutyItem.valid_to > on),
    )
    if category_id is not None:
        query = query.where(DutyItem.category_id == category_id)
    return db.session.scalars(query.order_by(DutyItem.number)).all()


@dataclass(frozen=True)
class Line:
    """One item with its units and category, as the page shows it."""

    item: DutyItem
    category: Category
    lead: Unit | None
    supports: tuple[Unit, ...]


def lines(district_id: int, on: date, category_id: int | None = None) -> list[Line]:
    """Return the list in force with units: four statements, whatever its length."""
    rows = items(district_id, on, category_id)
    by_category = {row.id: row for row in categories()}
    supports = _supports([row.id for row in rows])
    leads = _units({row.lead_unit_id for row in rows if row.lead_unit_id is not None})
    return [
        Line(
            item=row,
            category=by_category[row.category_id],
            lead=leads.get(row.lead_unit_id) if row.lead_unit_id is not None else None,
            supports=supports.get(row.id, ()),
        )
        for row in rows
    ]


def suggest(
    place: Place, *, on: date, category_id: int | None = None, text: str = ""
) -> Suggestion | None:
    """Return who answers for a matter at a place on a day; None when the list has no item.

    Without a category it is taken from the text's words. Within a category the item whose own
    words fit the text wins, else its first item.
    """
    if category_id is None:
        found = suggest_categories(text, 1)
        if not found:
            return None
        category_id = found[0].id
    candidates = {row.id: row for row in items(place.district_id, on, category_id)}
    if not candidates:
        return None
    chosen = rules.best(text, {key: row.keywords for key, row in candidates.items()}, 1)
    item = candidates[chosen[0]] if chosen else next(iter(candidates.values()))
    return _suggestion(item, place, text, "words" if chosen else "category")


def suggestion_of(item_id: int, place: Place) -> Suggestion:
    """Return a chosen item as a suggestion for a place; raises NotFound."""
    item = db.session.get(DutyItem, item_id)
    if item is None or item.district_id != place.district_id:
        raise NotFound
    return _suggestion(item, place, "", "category")


def _suggestion(item: DutyItem, place: Place, text: str, why: str) -> Suggestion:
    lead = organisations.unit(item.lead_unit_id) if item.lead_unit_id is not None else None
    if lead is None and place.street_id is not None:
        lead = organisations.street_office(place.street_id)
    here = _here(lead, place) if lead is not None else None
    around = (_here(unit, place) for unit in _supports([item.id]).get(item.id, ()))
    return Suggestion(
        item=item,
        version=item.version,
        lead=here,
        supports=tuple(dict.fromkeys(unit for unit in around if unit is not here)),
        list_kind=item.list_kind,
        power_holder=item.power_holder,
        why=why,
        matched=tuple(word for word in rules.words(item.keywords) if word in text),
    )


def _here(unit: Unit, place: Place) -> Unit:
    """Return the unit of the same kind that serves this place; the street's office where none is.

    A list names one property company or one police station; elsewhere its counterpart answers.
    """
    elsewhere = unit.community_id is not None and place.community_id != unit.community_id
    if not elsewhere and unit.street_id in {None, place.street_id}:
        return unit
    if place.street_id is None:
        return unit
    query = select(Unit).where(
        Unit.kind == unit.kind, Unit.street_id == place.street_id, Unit.ended_at.is_(None)
    )
    if unit.community_id is not None:
        query = query.where(Unit.community_id == place.community_id)
    else:
        query = query.where(Unit.seal == unit.seal)
    counterpart = db.session.scalars(query.order_by(Unit.id).limit(1)).first()
    return counterpart or organisations.street_office(place.street_id) or unit


def _supports(item_ids: Sequence[int]) -> dict[int, tuple[Unit, ...]]:
    found: dict[int, tuple[Unit, ...]] = {}
    rows = db.session.execute(
        select(DutySupport.item_id, Unit)
        .join(Unit, Unit.id == DutySupport.unit_id)
        .where(DutySupport.item_id.in_(item_ids))
        .order_by(DutySupport.item_id, Unit.id)
    )
    for item_id, unit in rows:
        found[item_id] = (*found.get(item_id, ()), unit)
    return found


def _units(unit_ids: set[int]) -> dict[int, Unit]:
    rows = db.session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))
    return {unit.id: unit for unit in rows}
