"""Pure arithmetic of whistles: clocks, the ladder, the gate, presence and the rotating code.

Kinds, clocks, rungs and questions are the texts of `states`.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from portal.core import ids
from portal.duties.states import ListKind, PowerHolder
from portal.problems.rules import is_late, metres
from portal.rulebook.rules import Rulebook

WHOLE = 100
CODE_DIGITS = 6


# --- clocks -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Clocks:
    """Until when a department acknowledges, makes contact, arrives and is done."""

    acknowledge: datetime
    arrive: datetime
    resolve: datetime
    contact: datetime | None = None


def clocks(book: Rulebook, kind: str, called_at: datetime, appointed_at: datetime | None) -> Clocks:
    """Return a callout's clocks (product §2).

    An enforcement arrives at its appointed time, the others within their limit; nobody has longer
    to acknowledge than to arrive, nor to arrive than to be done.
    """
    if kind == "enforcement" and appointed_at is not None:
        arrive = max(appointed_at, called_at)
    else:
        arrive = book.due(f"whistles.arrive.{kind}", called_at)
    return Clocks(
        acknowledge=min(book.due(f"whistles.acknowledge.{kind}", called_at), arrive),
        arrive=arrive,
        resolve=max(book.due(f"whistles.resolve.{kind}", called_at), arrive),
        contact=book.due("whistles.contact.key_work", called_at) if kind == "key_work" else None,
    )


@dataclass(frozen=True)
class LadderStep:
    """One step of the ladder: who is told when; red once the limit is used up, else amber."""

    rung: str
    at: datetime
    is_red: bool


def ladder(book: Rulebook, start: datetime, due: datetime) -> tuple[LadderStep, ...]:
    """Return the steps of one clock.

    The rule lists [rung, percent of the span]; times are exact to the second and never before
    `start`, in the rule's order.
    """
    span = int(max(due - start, timedelta(0)).total_seconds())
    return tuple(
        LadderStep(
            rung=str(rung),
            at=start + timedelta(seconds=span * int(percent) // WHOLE),
            is_red=int(percent) >= WHOLE,
        )
        for rung, percent in book.items("whistles.escalate.ladder")
    )


def left_share(start: datetime, due: datetime, now: datetime) -> float:
    """Return how much of the span is left, from 1 down to 0."""
    whole = (due - start).total_seconds()
    return 0.0 if whole <= 0 else min(1.0, max(0.0, (due - now).total_seconds() / whole))


def absent_at(book: Rulebook, arrive_due_at: datetime) -> datetime:
    """Return when a department that has not come is marked absent."""
    return book.due("whistles.absent.after", arrive_due_at)


def nudge_opens_at(book: Rulebook, last: datetime | None, now: datetime) -> datetime:
    """Return from when the street may nudge (催一次) again."""
    return now if last is None else book.due("whistles.nudge.gap", last)


# --- the gate -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class GateFacts:
    """What the six questions are answered from."""

    kind: str
    in_street: bool
    list_kind: ListKind | None = None
    power_holder: PowerHolder | None = None
    measures_with_evidence: int = 0
    duplicate_ref: str = ""
    urgencies: tuple[str, ...] = ()
    emergency_urgencies: tuple[str, ...] = ()
    departments: int = 0
    refused_units: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True)
class Answer:
    """One question's answer; `note` is a slot for its sentence, not a sentence."""

    question: str
    passed: bool
    note: str = ""


def gate(facts: GateFacts) -> tuple[Answer, ...]:
    """Answer the six questions (防止吹哨简单化). Source: product §2."""
    return (
        Answer("in_street", facts.in_street),
        Answer("beyond_street", is_beyond_street(facts.list_kind, facts.power_holder)),
        Answer(
            "tried",
            facts.kind == "emergency" or facts.measures_with_evidence > 0,
            str(facts.measures_with_evidence),
        ),
        Answer("not_duplicate", not facts.duplicate_ref, facts.duplicate_ref),
        Answer("kind_fits", kind_fits(facts)),
        Answer(
            "resolved",
            facts.departments > 0 and not facts.refused_units,
            str(facts.departments),
        ),
    )


def is_beyond_street(list_kind: ListKind | None, power_holder: PowerHolder | None) -> bool:
    """Tell whether the duty list says that the street can't finish alone.

    Supporting or taken-back duties are led elsewhere, unless the power to enforce was given to the
    street (京政发〔2020〕9号). Without an item the list says nothing: no.
    """
    if list_kind is None:
        return False
    return list_kind is not ListKind.OWN and power_holder is not PowerHolder.STREET


def kind_fits(facts: GateFacts) -> bool:
    """Tell whether the kind suits the matter.

    An emergency needs an urgency that the rulebook lists, an enforcement a department's power;
    key work is for whatever presses and is neither.
    """
    if facts.kind == "emergency":
        return any(urgency in facts.emergency_urgencies for urgency in facts.urgencies)
    if facts.kind == "enforcement":
        return facts.power_holder is PowerHolder.DEPARTMENT
    return True


def refuse_unit(book: Rulebook, kind: str, affiliation: str) -> str:
    """Return why a unit can't be called out (a reason code), or "" when it can.

    The street's own team is assigned, never called out; a unit that the district does not command
    needs the district's request (提级请求). The rule lists [kind, affiliation] pairs.
    """
    callable_ = {(str(one), str(other)) for one, other in book.items("whistles.callable")}
    if kind == "street_team":
        return "own_team_assigned"
    if kind not in {one for one, _other in callable_}:
        return "not_a_department"
    return "" if (kind, affiliation) in callable_ else "not_commanded"


# --- presence -----------------------------------------------------------------------------------


def distance_m(
    lat: float | None, lng: float | None, site_lat: float | None, site_lng: float | None
) -> int | None:
    """Return the whole metres between a phone and the site; None when either is not known."""
    if lat is None or lng is None or site_lat is None or site_lng is None:
        return None
    return round(metres(lat, lng, site_lat, site_lng))


def code_window(now: datetime, seconds: int) -> int:
    """Return the number of the time window that `now` is in."""
    return int(now.timestamp()) // seconds


def site_code(secret: str, whistle_id: int, window: int) -> str:
    """Return the commander's code of one window: six digits under the installation's key."""
    digest = ids.keyed_hash(secret, "whistle-site-code", f"{whistle_id}:{window}")
    return f"{int(digest[:15], 16) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"


def is_site_code(
    secret: str, whistle_id: int, typed: str, now: datetime, seconds: int, grace: int
) -> bool:
    """Tell whether `typed` is the code shown now, or was until at most `grace` seconds ago."""
    digits = "".join(char for char in typed if char.isdigit())
    windows = {code_window(now, seconds), code_window(now - timedelta(seconds=grace), seconds)}
    return any(site_code(secret, whistle_id, window) == digits for window in windows)


__all__ = [
    "Answer",
    "Clocks",
    "GateFacts",
    "LadderStep",
    "absent_at",
    "clocks",
    "code_window",
    "distance_m",
    "gate",
    "is_beyond_street",
    "is_late",
    "is_site_code",
    "kind_fits",
    "ladder",
    "left_share",
    "nudge_opens_at",
    "refuse_unit",
    "site_code",
]
