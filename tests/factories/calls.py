"""Whistles in every state, made the way they come about: through services, by the cast.

    whistle = make(world)                          # an emergency, blown by 赵敏: gas and police
    whistle = make(world, "enforcement")           # approved by 何平
    line = callout(whistle, "yunhu-gas")
    go(world, line, "done")                        # acknowledged … asks to stand down

Each call is one act after another at the clock's moment.
"""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from portal.core.db import db
from portal.core.uow import transaction
from portal.duties.models import DutyItem
from portal.organisations.models import Unit
from portal.problems import queries as problem_queries
from portal.problems import services as problem_services
from portal.problems.models import Problem
from portal.problems.states import Urgency
from portal.whistles import queries, services
from portal.whistles.models import Callout, Whistle
from portal.whistles.services import Plan, PlannedUnit, Presence
from portal.whistles.states import Kind, Outcome
from tests.factories import problems
from tests.factories.world import HERE, World

NEAR = Presence(*HERE)
MATTER = {
    "emergency": ("gas", Urgency.L1, 5, ("yunhu-gas", "wanghu-power")),
    "enforcement": ("noise", Urgency.L3, 2, ("yunhu-chengguan", "yunhu-huanbao")),
    "key_work": ("building", Urgency.L4, 4, ("yunhu-zhujian", "yunhu-chengguan")),
}
WAY = (
    "called", "acknowledged", "set_out", "reported_in", "result", "done", "stood_down",
)  # fmt: skip


def now() -> datetime:
    """Return the clock's moment."""
    return datetime.now(UTC)


def unit(code: str) -> Unit:
    """Return a unit of the cast."""
    return db.session.scalars(select(Unit).where(Unit.code == code)).one()


def item(number: int) -> int:
    """Return the id of an item of the duty list."""
    return db.session.scalars(select(DutyItem.id).where(DutyItem.number == number)).one()


def problem(world: World, kind: str = "emergency", *, tried: bool = True) -> Problem:
    """Return a problem that suits a kind of whistle, with a measure on file."""
    category, urgency, _number, _units = MATTER[kind]
    found = problems.make(
        world, "accepted", category=category, urgency=urgency, latitude=HERE[0], longitude=HERE[1]
    )
    if tried:
        with transaction():
            problem_services.take_measure(
                problem_queries.lock(found.id), unit_id=world.unit_of("zhou"), method="visit",
                words="上门劝停过。", taken_at=now(), photos=[problems.photo(world)],
                actor=world.actor("zhou"), now=now(),
            )  # fmt: skip
    return db.session.get_one(Problem, found.id)


def plan(kind: str = "emergency", **changes: object) -> Plan:
    """Return what the street writes down; `changes` replace fields."""
    _category, _urgency, number, units = MATTER[kind]
    fields: dict[str, object] = {
        "kind": Kind(kind),
        "title": "朝阳里 7 号楼外有燃气味",
        "matter": "居民反映 7 号楼外有燃气味，请到场处置。",
        "grounds": "街道没有处置燃气泄漏的权限。",
        "meeting_point": "朝阳里 7 号楼东侧",
        "units": tuple(
            PlannedUnit(unit(code).id, is_lead=code == units[0], task="到场处置") for code in units
        ),
        "duty_item_id": item(number),
        "latitude": HERE[0],
        "longitude": HERE[1],
        "appointed_at": now() + timedelta(hours=2) if kind == "enforcement" else None,
    }
    return Plan(**(fields | changes))


def draft(world: World, kind: str = "emergency", matter: Problem | None = None) -> Whistle:
    """Return a whistle that 赵敏 wrote down."""
    about = matter or problem(world, kind)
    with transaction():
        made = services.draft(
            [problem_queries.lock(about.id)], plan(kind), actor=world.actor("zhao"), now=now()
        )
        whistle_id = made.id
    return db.session.get_one(Whistle, whistle_id)


def make(world: World, kind: str = "emergency", matter: Problem | None = None) -> Whistle:
    """Return a whistle that was blown."""
    whistle_id = draft(world, kind, matter).id
    if kind != "emergency":
        with transaction():
            services.request_approval(
                queries.lock(whistle_id), actor=world.actor("zhao"), now=now()
            )
        with transaction():
            services.approve(queries.lock(whistle_id), actor=world.actor("he"), now=now())
    if queries.failed_answers(whistle_id):
        with transaction():
            services.override_gate(
                queries.lock(whistle_id), reason="仍要吹。", actor=world.actor("he"), now=now()
            )
    with transaction():
        services.blow(queries.lock(whistle_id), actor=world.actor("zhao"), now=now())
    return db.session.get_one(Whistle, whistle_id)


def callout(whistle: Whistle, code: str) -> Callout:
    """Return the newest line to a unit."""
    found = db.session.scalars(
        select(Callout)
        .join(Unit, Unit.id == Callout.unit_id)
        .where(Callout.whistle_id == whistle.id, Unit.code == code)
        .order_by(Callout.id.desc())
        .limit(1)
    ).one()
    return queries.lock_callout(found.id)


def officer(line: Callout) -> str:
    """Return who answers for a line."""
    return {
        "yunhu-gas": "ma", "wanghu-power": "xu", "yunhu-chengguan": "zhang",
        "yunhu-huanbao": "zheng", "yunhu-zhujian": "feng",
    }[line.unit.code]  # fmt: skip


def go(world: World, line: Callout, upto: str) -> Callout:
    """Take a line from where it is to `upto` (see WAY)."""
    line_id = line.id
    mine, street = world.actor(officer(line)), world.actor("zhao")
    acts = {
        "acknowledged": lambda c: services.acknowledge(c, actor=mine, now=now()),
        "set_out": lambda c: services.set_out(c, eta_at=None, actor=mine, now=now()),
        "reported_in": lambda c: services.report_in(
            c, presence=NEAR, people=2, actor=mine, now=now()
        ),
        "result": lambda c: services.record_result(
            c, outcome=Outcome.FIXED, words="已处置。", photos=[problems.photo(world)],
            actor=mine, now=now(),
        ),
        "done": lambda c: services.ask_stand_down(c, actor=mine, now=now()),
        "stood_down": lambda c: services.sign_off(c, actor=street, now=now()),
    }  # fmt: skip
    for stage in WAY[WAY.index(_stage(line)) + 1 : WAY.index(upto) + 1]:
        with transaction():
            acts[stage](queries.lock_callout(line_id))
    return queries.lock_callout(line_id)


def _stage(line: Callout) -> str:
    if line.state == "acknowledged" and line.set_out_at is not None:
        return "set_out"
    if line.state == "acting":
        return "result" if line.result_at else "reported_in"
    return str(line.state)
