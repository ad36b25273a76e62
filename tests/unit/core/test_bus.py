"""Who subscribed hears it, in order; the audit hears everything first."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from portal.core.bus import Bus
from portal.core.events import Event

NOW = datetime(2026, 11, 25, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LampLit(Event):
    tag: ClassVar[str] = "lamps:lamp:light"
    lamp_id: int
    until: datetime

    @property
    def subject(self) -> str:
        return f"lamp:{self.lamp_id}"


@dataclass(frozen=True, kw_only=True)
class LampOut(Event):
    tag: ClassVar[str] = "lamps:lamp:put-out"


def test_each_hears_what_it_subscribed_to() -> None:
    bus, heard = Bus(), []
    bus.subscribe(LampLit, lambda event: heard.append(("first", event.lamp_id)))
    bus.subscribe(LampLit, lambda event: heard.append(("second", event.lamp_id)))
    bus.subscribe_to_all(lambda event, act: heard.append((act, event.tag)))

    bus.publish(LampLit(at=NOW, lamp_id=3, until=NOW), "act-1")
    bus.publish(LampOut(at=NOW), "act-2")

    assert heard == [
        ("act-1", "lamps:lamp:light"),
        ("first", 3),
        ("second", 3),
        ("act-2", "lamps:lamp:put-out"),
    ]
    assert len(bus.subscriptions()[LampLit]) == 2


def test_slots_are_the_facts_own_fields_ready_for_json() -> None:
    event = LampLit(at=NOW, actor_id=1, unit_id=2, lamp_id=3, until=NOW)

    assert event.slots() == {"lamp_id": 3, "until": NOW.isoformat()}
    assert event.subject == "lamp:3"
