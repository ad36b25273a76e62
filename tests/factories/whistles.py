"""Whistles and visits in every stage, made the way they come about: through services, by the cast.

whistle = blow(world, problem)                       # key work, written, approved and blown
whistle = called(world, problem, "acting")           # the department's line has gone so far
visit = visited(world, problem, "findings")
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from portal.core.db import db
from portal.core.uow import transaction
from portal.problems import queries as problems
from portal.problems.models import Problem
from portal.supervision import queries as visits
from portal.supervision import services as supervision
from portal.supervision.models import Visit
from portal.whistles import queries, services
from portal.whistles.models import Callout, Whistle
from portal.whistles.services import Plan, PlannedUnit, Presence
from portal.whistles.states import Kind, Outcome
from tests.factories.problems import photo
from tests.factories.world import HERE, World

PREPARED = ("drafted", "screening", "approved", "blown")
LINE = ("called", "acknowledged", "set_out", "reported_in", "acting", "done", "stood_down")
VISITED = ("invited", "accepted", "on_site", "findings", "rectification", "rechecked", "closed")


def now() -> datetime:
    """The moment at which the clock stands."""
    return datetime.now(UTC)


def blow(
    world: World,
    problem: Problem,
    upto: str = "blown",
    *,
    kind: Kind = Kind.KEY_WORK,
    departments: tuple[str, ...] = ("zhang",),
) -> Whistle:
    """Return a whistle that has gone as far as `upto`; the first department leads.

    Written by 赵敏, approved by 何平, who also overrides what the gate refuses.
    """
    plan = Plan(
        kind=kind,
        title="夜间施工噪声",
        matter="工地夜里一点还在施工，请到现场查处。",
        grounds="街道已上门劝阻两次，无执法权。",
        meeting_point="朝阳里 7 号楼南门",
        units=tuple(
            PlannedUnit(world.unit_of(key), is_lead=n == 0, task="到场查处")
            for n, key in enumerate(departments)
        ),
        latitude=HERE[0],
        longitude=HERE[1],
        appointed_at=now() + timedelta(days=3) if kind is Kind.ENFORCEMENT else None,
    )
    problem_id = problem.id
    with transaction():
        whistle = services.draft(
            [problems.lock(problem_id)], plan, actor=world.actor("zhao"), now=now()
        )
        whistle_id = whistle.id
    with transaction():
        if queries.failed_answers(whistle_id):
            services.override_gate(
                queries.lock(whistle_id), reason="情况紧急。", actor=world.actor("he"), now=now()
            )
    steps: dict[str, Callable[[Whistle], None]] = {
        "screening": lambda w: services.request_approval(w, actor=world.actor("zhao"), now=now()),
        "approved": lambda w: services.approve(w, actor=world.actor("he"), now=now()),
        "blown": lambda w: services.blow(w, actor=world.actor("zhao"), now=now()),
    }
    for step in PREPARED[1 : PREPARED.index(upto) + 1]:
        if kind is Kind.EMERGENCY and step != "blown":
            continue
        with transaction():
            steps[step](queries.lock(whistle_id))
    return db.session.get_one(Whistle, whistle_id)


def line(whistle: Whistle, unit_id: int) -> Callout:
    """Return a department's line, locked for the act under way."""
    found = [c.id for c in queries.live_callouts(whistle.id) if c.unit_id == unit_id]
    return queries.lock_callout(found[0])


def called(
    world: World,
    problem: Problem,
    upto: str = "called",
    *,
    kind: Kind = Kind.KEY_WORK,
    key: str = "zhang",
    others: tuple[str, ...] = (),
) -> Whistle:
    """Return a blown whistle on which the department of `key` has gone as far as `upto`."""
    whistle_id = blow(world, problem, kind=kind, departments=(key, *others)).id
    for step in LINE[1 : LINE.index(upto) + 1]:
        go(world, db.session.get_one(Whistle, whistle_id), step, key)
    return db.session.get_one(Whistle, whistle_id)


def go(world: World, whistle: Whistle, step: str, key: str = "zhang") -> None:
    """Take one step of a department's line in an act of its own."""
    officer = world.actor(key)
    steps: dict[str, Callable[[Callout], object]] = {
        "acknowledged": lambda c: services.acknowledge(c, actor=officer, now=now()),
        "set_out": lambda c: services.set_out(c, eta_at=None, actor=officer, now=now()),
        "reported_in": lambda c: services.report_in(
            c, presence=Presence(*HERE), people=2, actor=officer, now=now()
        ),
        "acting": lambda c: services.record_result(
            c,
            outcome=Outcome.FIXED,
            words="已责令停工。",
            photos=[photo(world, "blue")],
            actor=officer,
            now=now(),
        ),
        "done": lambda c: services.ask_stand_down(c, actor=officer, now=now()),
        "stood_down": lambda c: services.sign_off(c, actor=world.actor("zhao"), now=now()),
        "handed_back": lambda c: services.hand_back(
            c, cited_item_id=world.duty(2), reason="不属本单位职责。", actor=officer, now=now()
        ),
        "recess_asked": lambda c: services.ask_recess(
            c,
            next_on=(now() + timedelta(days=1)).date(),
            person="张磊",
            reason="等检测结果。",
            actor=officer,
            now=now(),
        ),
        "recessed": lambda c: services.grant_recess(c, actor=world.actor("zhao"), now=now()),
    }
    with transaction():
        steps[step](line(whistle, world.unit_of(key)))


def visited(world: World, problem: Problem, upto: str = "invited") -> Visit:
    """Return 刘师傅's visit that has gone as far as `upto`."""
    problem_id, liu = problem.id, world.actor("liu")
    with transaction():
        visit_id = supervision.invite(
            problems.lock(problem_id),
            supervisor_id=world.person("liu"),
            actor=world.actor("zhao"),
            now=now(),
        ).id
    steps: dict[str, Callable[[Visit], object]] = {
        "accepted": lambda v: supervision.accept(v, actor=liu, now=now()),
        "on_site": lambda v: supervision.sign_in(
            v,
            presence=supervision.Presence(*HERE),
            code="",
            secret="tests",
            actor=liu,
            now=now(),
        ),
        "findings": lambda v: supervision.write_finding(
            v, words="噪声还在。", photos=[photo(world, "grey")], actor=liu, now=now()
        ),
        "rectification": lambda v: supervision.object(v, reason="没有停工。", actor=liu, now=now()),
        "rechecked": lambda v: supervision.answer(
            v, words="已再次责令停工。", actor=world.actor("zhao"), now=now()
        ),
        "closed": lambda v: supervision.sign_off(v, actor=liu, now=now()),
    }
    for step in VISITED[1 : VISITED.index(upto) + 1]:
        with transaction():
            steps[step](visits.lock(visit_id))
    return db.session.get_one(Visit, visit_id)
