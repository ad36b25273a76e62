"""How whistles and visits are told in the demonstration's story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.cli.demo.stage import Stage
from portal.core import clock
from portal.duties import queries as duties
from portal.places.queries import Spot
from portal.problems import queries as problems
from portal.supervision import queries as visits
from portal.supervision import services as supervision
from portal.whistles import queries, services
from portal.whistles.models import Callout
from portal.whistles.services import Plan, PlannedUnit, Presence
from portal.whistles.states import Kind, Outcome

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Call:
    """What a whistle is about, as the street writes it down."""

    kind: Kind
    title: str
    matter: str
    grounds: str
    meeting_point: str
    units: Sequence[str]
    item: int
    appointed_at: datetime | None = None


def blow(stage: Stage, ago: timedelta, problem_id: int, spot: Spot, call: Call) -> int:
    """Write, approve and blow a whistle within the three minutes before `ago`."""
    item = next(i for i in duties.items(stage.district_id, stage.today) if i.number == call.item)
    plan = Plan(
        kind=call.kind,
        title=call.title,
        matter=call.matter,
        grounds=call.grounds,
        meeting_point=call.meeting_point,
        units=tuple(
            PlannedUnit(stage.units[code], is_lead=place == 0, task="到场处置")
            for place, code in enumerate(call.units)
        ),
        duty_item_id=item.id,
        latitude=spot.latitude,
        longitude=spot.longitude,
        appointed_at=call.appointed_at,
    )
    whistle_id = stage.act(
        ago + 3 * MINUTE,
        lambda now: (
            services.draft([problems.lock(problem_id)], plan, actor=stage.actor("zhao"), now=now).id
        ),
    )
    if call.kind is not Kind.EMERGENCY:
        stage.act(
            ago + 2 * MINUTE,
            lambda now: services.request_approval(
                queries.lock(whistle_id), actor=stage.actor("zhao"), now=now
            ),
        )
        stage.act(
            ago + MINUTE,
            lambda now: services.approve(
                queries.lock(whistle_id), actor=stage.actor("he"), now=now
            ),
        )
    stage.act(
        ago,
        lambda now: services.blow(queries.lock(whistle_id), actor=stage.actor("zhao"), now=now),
    )
    return whistle_id


class Line:
    """One department's line of a whistle."""

    def __init__(self, stage: Stage, whistle_id: int, unit: str, key: str) -> None:
        self.stage, self.whistle_id = stage, whistle_id
        self.unit_id, self.key = stage.units[unit], key

    def _callout(self) -> Callout:
        found = [c.id for c in queries.live_callouts(self.whistle_id) if c.unit_id == self.unit_id]
        return queries.lock_callout(found[0])

    def acknowledge(self, ago: timedelta) -> None:
        """签收; by the street after a call where nobody of the unit is in the cast."""
        self.stage.act(
            ago,
            lambda now: services.acknowledge(
                self._callout(), actor=self.stage.actor(self.key), now=now
            ),
        )

    def set_out(self, ago: timedelta, minutes: int) -> None:
        """On the way, there in so many minutes."""
        self.stage.act(
            ago,
            lambda now: services.set_out(
                self._callout(),
                eta_at=now + minutes * MINUTE,
                actor=self.stage.actor(self.key),
                now=now,
            ),
        )

    def report_in(self, ago: timedelta, spot: Spot, people: int) -> None:
        """报到 at the meeting point."""
        self.stage.act(
            ago,
            lambda now: services.report_in(
                self._callout(),
                presence=Presence(spot.latitude, spot.longitude),
                people=people,
                actor=self.stage.actor(self.key),
                now=now,
            ),
        )

    def record(
        self, ago: timedelta, words: str, scene: str, outcome: Outcome = Outcome.FIXED
    ) -> None:
        """Write down what was done."""
        self.stage.prepare(scene)
        self.stage.act(
            ago,
            lambda now: services.record_result(
                self._callout(),
                outcome=outcome,
                words=words,
                photos=self.stage.photos([scene], now),
                actor=self.stage.actor(self.key),
                now=now,
            ),
        )

    def stand_down(self, ago: timedelta) -> None:
        """Ask to stand down; the street signs five minutes later."""
        self.stage.act(
            ago,
            lambda now: services.ask_stand_down(
                self._callout(), actor=self.stage.actor(self.key), now=now
            ),
        )
        self.stage.act(
            ago - 5 * MINUTE,
            lambda now: services.sign_off(self._callout(), actor=self.stage.actor("zhao"), now=now),
        )


class Visiting:
    """刘师傅's visit to a problem."""

    def __init__(self, stage: Stage, ago: timedelta, problem_id: int) -> None:
        self.stage = stage
        self.visit_id = stage.act(
            ago,
            lambda now: (
                supervision.invite(
                    problems.lock(problem_id),
                    supervisor_id=stage.people["liu"],
                    actor=stage.actor("zhao"),
                    now=now,
                ).id
            ),
        )

    def accept(self, ago: timedelta) -> None:
        """He comes."""
        self.stage.act(
            ago,
            lambda now: supervision.accept(
                visits.lock(self.visit_id), actor=self.stage.actor("liu"), now=now
            ),
        )

    def sign_in(self, ago: timedelta, spot: Spot) -> None:
        """He is on site."""
        self.stage.act(
            ago,
            lambda now: supervision.sign_in(
                visits.lock(self.visit_id),
                presence=supervision.Presence(spot.latitude, spot.longitude),
                code="",
                secret="",
                actor=self.stage.actor("liu"),
                now=now,
            ),
        )

    def write(self, ago: timedelta, words: str, *scenes: str) -> None:
        """He writes down what he saw."""
        self.stage.prepare(*scenes)
        self.stage.act(
            ago,
            lambda now: supervision.write_finding(
                visits.lock(self.visit_id),
                words=words,
                photos=self.stage.photos(scenes, now),
                actor=self.stage.actor("liu"),
                now=now,
            ),
        )


def in_minutes(minutes: float) -> datetime:
    """Return a moment from now on, on this process's own clock."""
    return clock.now() + timedelta(minutes=minutes)
