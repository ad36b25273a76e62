"""Facts in the past tense: what an act did, with ids and slots, never free text."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact that an act records; its `tag` is also the audit tag (`scope:resource:verb`).

    `subject` names the thing it happened to as opaque text (`problem:12`).
    """

    tag: ClassVar[str]
    at: datetime
    actor_id: int | None = None
    unit_id: int | None = None

    @property
    def subject(self) -> str:
        """The thing this happened to."""
        raise NotImplementedError

    def slots(self) -> dict[str, int | str | bool | None]:
        """Return the fact's own fields, ready to be stored as JSON."""
        out: dict[str, int | str | bool | None] = {}
        for field in fields(self):
            if field.name not in {"at", "actor_id", "unit_id"}:
                value = getattr(self, field.name)
                out[field.name] = value.isoformat() if isinstance(value, datetime) else value
        return out
