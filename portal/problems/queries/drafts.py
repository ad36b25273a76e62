"""What a browser has typed and uploaded so far on its way to submitting."""

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from sqlalchemy import select

from portal.core.db import db
from portal.problems.models import Draft


@dataclass
class Typed:
    """The report under way. Photos are upload tokens; the phone is never kept here."""

    body: str = ""
    danger: bool = False
    photos: list[str] = field(default_factory=list)
    category_id: int | None = None
    community_id: int | None = None
    building_id: int | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    audience: str = ""
    public_name: str = ""

    def as_data(self) -> dict[str, Any]:
        """Return the values as they are stored."""
        return asdict(self)


def typed(browser: str | None) -> Typed:
    """Return what the browser with this hash has typed; empty when there is nothing."""
    if browser is None:
        return Typed()
    data = db.session.scalar(select(Draft.data).where(Draft.browser == browser)) or {}
    known = {one.name for one in fields(Typed)}
    return Typed(**{name: value for name, value in data.items() if name in known})
