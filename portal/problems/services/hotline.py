"""Take work orders of the 12345 hotline in: an upsert by number, a batch a transaction.

The hotline is the master: its number, deadline and follow-up bind. An order it had answered enters
closed and starts no clock; any other enters submitted, for the street. Bulk statements, because a
year of orders comes at once; each batch is one act with one fact and one audit entry.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from portal.core import ids, uow, work
from portal.core.db import db
from portal.core.sealed import lookup_hash
from portal.core.work import WorkItem
from portal.problems import rules
from portal.problems.events import ProblemsImported
from portal.problems.importing.orders import Order
from portal.problems.models import Assignment, Problem, Step
from portal.problems.states import Audience, Outcome, ProblemState, Source, StepAudience
from portal.rulebook.rules import Rulebook

BATCH = 250
OVERDUE = "problems:overdue"
# While a problem is in these states the limit of the whole matter is its clock.
_LIMIT_RUNS = (
    ProblemState.ACCEPTED,
    ProblemState.HANDLING,
    ProblemState.WHISTLED,
    ProblemState.REOPENED,
)


@dataclass(frozen=True)
class Scope:
    """Where orders go: a district, or one street of it, with the names to find places by."""

    district_id: int
    street_id: int | None
    streets: Mapping[str, int]
    communities: Mapping[str, tuple[int, int]]
    categories: Mapping[str, int]

    def place(self, order: Order) -> tuple[int | None, int | None]:
        """Return street and community of an order, None where unknown."""
        found = self.communities.get(bare(order.community))
        if found is not None and (self.street_id is None or found[0] == self.street_id):
            return found
        return self.street_id or self.streets.get(bare(order.street)), None


@dataclass(frozen=True)
class Known:
    """What is stored of an order already."""

    problem_id: int
    district_id: int
    hash: str | None
    state: ProblemState


@dataclass
class Plan:
    """What a batch would do. `elsewhere` are numbers that another district holds."""

    new: list[tuple[Order, str]] = field(default_factory=list)
    changed: list[tuple[Order, str, Known]] = field(default_factory=list)
    unchanged: int = 0
    elsewhere: list[Order] = field(default_factory=list)


def names(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return ids by the bare name: 朝阳里 finds 朝阳里社区 and the other way round."""
    return {bare(name): key for name, key in rows}


def bare(name: str) -> str:
    """Return a place's name without what kind of place it is."""
    for ending in ("社区居委会", "居委会", "社区", "街道办事处", "街道"):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    return name


def plan(orders: Sequence[Order], scope: Scope, *, lock: bool = False) -> Plan:
    """Compare a batch with what is stored; reads only. `lock` keeps it so for the act under way."""
    query = (
        select(
            Problem.external_no,
            Problem.id,
            Problem.district_id,
            Problem.external_hash,
            Problem.state,
        )
        .where(
            Problem.source == Source.HOTLINE,
            Problem.external_no.in_([order.number for order in orders]),
        )
        .order_by(Problem.id)
    )
    known = {
        row.external_no: Known(row.id, row.district_id, row.external_hash, row.state)
        for row in db.session.execute(query.with_for_update() if lock else query)
    }
    found = Plan()
    for order in orders:
        digest = lookup_hash("hotline order", order.fingerprint())
        stored = known.get(order.number)
        if stored is None:
            found.new.append((order, digest))
        elif stored.district_id != scope.district_id:
            found.elsewhere.append(order)
        elif stored.hash == digest:
            found.unchanged += 1
        else:
            found.changed.append((order, digest, stored))
    return found


def take_in(
    orders: Sequence[Order],
    scope: Scope,
    *,
    book: Rulebook,
    now: datetime,
    actor_id: int | None = None,
) -> Plan:
    """Store a batch in the act under way and return what was done."""
    todo = plan(orders, scope, lock=True)
    if todo.new:
        _insert(todo.new, scope, book, now)
    if todo.changed:
        _update(todo.changed, now)
    if todo.new or todo.changed:
        uow.record(
            ProblemsImported(
                at=now, actor_id=actor_id, imported=len(todo.new), updated=len(todo.changed)
            )
        )
    return todo


def _insert(new: Sequence[tuple[Order, str]], scope: Scope, book: Rulebook, now: datetime) -> None:
    refs = iter(_free_refs(len(new), now))
    rows = [_problem(order, digest, next(refs), scope, book, now) for order, digest in new]
    db.session.execute(insert(Problem), rows)
    stored = dict(
        db.session.execute(
            select(Problem.external_no, Problem.id).where(
                Problem.source == Source.HOTLINE,
                Problem.external_no.in_([order.number for order, _digest in new]),
            )
        ).all()
    )
    db.session.execute(insert(Step), [_step(order, stored[order.number]) for order, _d in new])
    waiting = [
        {
            "kind": OVERDUE,
            "key": f"problem:{stored[row['external_no']]}:triage",
            "payload": {"problem_id": stored[row["external_no"]], "stage": "triage"},
            "due_at": row["due_at"],
        }
        for row in rows
        if row["state"] is ProblemState.SUBMITTED
    ]
    if waiting:
        db.session.execute(insert(WorkItem), waiting)


def _problem(
    order: Order, digest: str, ref: str, scope: Scope, book: Rulebook, now: datetime
) -> dict[str, Any]:
    street_id, community_id = scope.place(order)
    row: dict[str, Any] = {
        "ref": ref,
        "version": 1,
        "edition_id": book.edition_id,
        "district_id": scope.district_id,
        "street_id": street_id,
        "community_id": community_id,
        "address": order.address,
        "source": Source.HOTLINE,
        "external_no": order.number,
        "external_due_at": order.due_at,
        "external_follow_up": order.follow_up,
        "external_hash": digest,
        "category_id": scope.categories.get(order.category),
        "title": order.title,
        "body": order.body,
        "audience": Audience.STAFF,
        "submitted_at": order.submitted_at,
        "state": ProblemState.SUBMITTED,
        "due_at": min(filter(None, (rules.triage_due(book, now), order.due_at))),
        "review_due_at": rules.review_due(book, now),
        "closed_at": None,
        "outcome": None,
    }
    if order.is_answered:
        row |= _answered(order, now)
    return row


def _answered(order: Order, now: datetime) -> dict[str, Any]:
    closed_at = order.replied_at or now
    return {
        "state": ProblemState.CLOSED,
        "closed_at": closed_at,
        "outcome": Outcome.ANSWERED_BEFORE_IMPORT,
        "due_at": closed_at,
        "review_due_at": closed_at,
    }


def _step(order: Order, problem_id: int) -> dict[str, Any]:
    """Return the one line of the timeline; the hotline's answer stands in it, for staff.

    Releasing the problem releases its own words; nobody has read the answer with the public in
    mind.
    """
    return {
        "problem_id": problem_id,
        "at": order.replied_at or order.submitted_at,
        "tag": ProblemsImported.tag,
        "subject": f"problem:{problem_id}",
        "audience": StepAudience.STAFF,
        "body": order.reply,
        "slots": {"answered": order.is_answered},
    }


def _update(changed: Sequence[tuple[Order, str, Known]], now: datetime) -> None:
    """Bring stored problems up to date; what the street has taken up keeps its words and state.

    One still waiting takes the hotline's words, and its answer closes it. The hotline's deadline
    binds also while the matter is in hand.
    """
    answers = []
    for order, digest, known in changed:
        values: dict[str, Any] = {
            "version": Problem.version + 1,
            "external_hash": digest,
            "external_due_at": order.due_at,
            "external_follow_up": order.follow_up,
        }
        if known.state is ProblemState.SUBMITTED:
            values |= {"title": order.title, "body": order.body}
            if order.is_answered:
                values |= _answered(order, now)
        elif known.state in _LIMIT_RUNS and order.due_at is not None:
            values |= {"limit_at": order.due_at, "due_at": order.due_at}
            _move_limit(known.problem_id, order.due_at)
        db.session.execute(
            update(Problem).where(Problem.id == known.problem_id).values(values),
            execution_options={"synchronize_session": False},
        )
        if order.is_answered:
            answers.append((order, known.problem_id))
    told = _told({problem_id for _order, problem_id in answers})
    fresh = [
        _step(order, problem_id)
        for order, problem_id in answers
        if told.get(problem_id) != order.reply
    ]
    if fresh:
        db.session.execute(insert(Step), fresh)
    _stop_clocks([k.problem_id for o, _d, k in changed if o.is_answered], now)


def _move_limit(problem_id: int, limit_at: datetime) -> None:
    """Let who holds it, and who notices lateness, go by the hotline's new deadline."""
    db.session.execute(
        update(Assignment)
        .where(Assignment.problem_id == problem_id, Assignment.ended_at.is_(None))
        .values(due_at=limit_at),
        execution_options={"synchronize_session": False},
    )
    key = rules.limit_key(problem_id, limit_at)
    work.schedule(OVERDUE, key, limit_at, problem_id=problem_id, stage="limit")


def _told(problem_ids: set[int]) -> dict[int, str | None]:
    """Return the hotline's answer that a problem's timeline holds last."""
    rows = db.session.execute(
        select(Step.problem_id, Step.body)
        .where(Step.problem_id.in_(problem_ids), Step.tag == ProblemsImported.tag)
        .order_by(Step.id)
    )
    return dict(rows.all())


def _stop_clocks(problem_ids: Sequence[int], now: datetime) -> None:
    if not problem_ids:
        return
    keys = [f"problem:{problem_id}:triage" for problem_id in problem_ids]
    db.session.execute(
        update(WorkItem)
        .where(WorkItem.kind == OVERDUE, WorkItem.key.in_(keys), WorkItem.done_at.is_(None))
        .values(done_at=now, error="cancelled"),
        execution_options={"synchronize_session": False},
    )


def _free_refs(count: int, now: datetime) -> list[str]:
    """Return references that no problem has yet."""
    found: set[str] = set()
    while len(found) < count:
        more = {ids.new_ref(now) for _ in range(count - len(found))} - found
        taken = db.session.scalars(select(Problem.ref).where(Problem.ref.in_(more)))
        found |= more - set(taken)
    return sorted(found)
