"""How the dispatch board words what it asked: cards, time left, decisions, the whistle test."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext

from portal.casework.queries.dispatch import Board, QueueRow
from portal.casework.queries.street_case import Case, PastStep
from portal.core.ids import SHANGHAI
from portal.duties import labels as duty_labels
from portal.duties.queries import Suggestion
from portal.duties.states import PowerHolder
from portal.problems import labels
from portal.problems.models import Problem
from portal.problems.states import ProblemState
from portal.rulebook import queries as rulebook
from portal.rulebook.rules import overdue_share
from portal.web.filters import datetime_local
from portal.whistles import labels as whistle_labels
from portal.whistles import rules as whistle_rules
from portal.whistles.queries import Card
from portal.whistles.states import Kind, WhistleState

S = ProblemState
COUNTED_DOWN = timedelta(hours=2)
LAST_STEPS = 4
MAP, EDGE = (330, 190), 24
HOUR, DAY = 3600, 86400
TAKE_MEASURE = "problems:problem:take-measure"


def left(due_at: datetime, now: datetime) -> str:
    """Say how much time is left, counted down in the last hours, else as a time of the clock."""
    minutes = int(abs((due_at - now).total_seconds()) // 60)
    if due_at <= now:
        return _span(minutes, late=True)
    if due_at - now <= COUNTED_DOWN:
        return _span(minutes, late=False)
    return str(gettext("by %(time)s", time=datetime_local(due_at)))


def _span(minutes: int, *, late: bool) -> str:
    days, hours = minutes // 1440, minutes // 60
    if days >= 2:  # noqa: PLR2004 - below two days, hours say more
        text = gettext("%(d)s days late") if late else gettext("%(d)s days left")
        return str(text % {"d": days})
    if hours:
        text = gettext("%(h)s h %(n)s min late") if late else gettext("%(h)s h %(n)s min left")
        return str(text % {"h": hours, "n": minutes % 60})
    text = gettext("%(n)s min late") if late else gettext("%(n)s min left")
    return str(text % {"n": minutes})


def tone(row: QueueRow | Problem, now: datetime) -> str:
    """Return late, soon or nothing; soon from the rulebook's share of the present clock on."""
    if row.due_at <= now:
        return "late"
    started = {S.SUBMITTED: row.submitted_at, S.RESOLVED: row.resolved_at}.get(row.state)
    if started is None:
        return ""
    top, bottom = rulebook.book(row.edition_id).share("problems.warn.share")
    return "soon" if overdue_share(started, row.due_at, now) * bottom >= top else ""


def tag(state: ProblemState, mood: str, *, handing_back: bool) -> tuple[str, str]:
    """Return the word and tone of a card's tag: what is to be done, or that it is late."""
    if mood == "late":
        return gettext("Overdue"), "late"
    if handing_back:
        return gettext("Asks to hand back"), "soon"
    if state is S.RESOLVED:
        return gettext("To check"), "site"
    if state is S.REOPENED:
        return gettext("Not solved, again"), "rate"
    if mood == "soon":
        return gettext("Nearly due"), "soon"
    return gettext("New"), "new"


def place(community: str | None, grid: int | None) -> str:
    """Write where something is, as the street says it: community and grid number."""
    if community is None:
        return str(gettext("Place unknown"))
    if grid is None:
        return community
    return str(gettext("%(community)s · grid %(grid)s", community=community, grid=grid))


def source(row: QueueRow) -> str:
    """Write where a problem came from and what makes it weigh more."""
    text = str(labels.SOURCES[row.source])
    if row.reopenings:
        return str(gettext("time %(n)s", n=row.reopenings + 1))
    if row.supporters:
        return str(gettext("%(source)s · %(n)s alike", source=text, n=row.supporters + 1))
    return text


def card(row: QueueRow, now: datetime, link: dict[str, Any]) -> dict[str, Any]:
    """Return a queue card's values (see templates/components/queue_card.html)."""
    mood = tone(row, now)
    word, colour = tag(row.state, mood, handing_back=row.handing_back)
    return {
        "id": f"case-{row.ref}",
        "ref": row.ref,
        "href": url_for("casework.dispatch", case=row.ref, **link),
        "title": row.title,
        "tag_text": word,
        "tone": colour,
        "left": left(row.due_at, now),
        "left_tone": mood,
        "place": place(row.community, row.grid),
        "source": source(row),
        "mark": f"{row.state}{row.handing_back}{row.due_at:%s}{row.supporters}{mood}",
    }


@dataclass(frozen=True)
class Test:
    """Whether a whistle would pass the gate, and what is missing."""

    met: bool
    missing: Sequence[str]
    kind: str


def whistle_test(found: Suggestion, evidence: int) -> Test:
    """Ask the gate's questions that can be answered before a whistle is drafted."""
    kind = "enforcement" if found.power_holder == "department" else "key_work"
    says = {
        "beyond_street": gettext("The list says the street can finish it alone."),
        "tried": gettext("No own measure with evidence is on file yet."),
        "resolved": gettext("The list names no department to call."),
    }
    answers = whistle_rules.gate(
        whistle_rules.GateFacts(
            kind=kind,
            in_street=True,
            list_kind=found.list_kind,
            power_holder=found.power_holder,
            measures_with_evidence=evidence,
            departments=len(found.departments),
        )
    )
    missing = [says[one.question] for one in answers if not one.passed and one.question in says]
    return Test(not missing, missing, kind)


@dataclass(frozen=True)
class Duty:
    """The duty list's answer in words."""

    title: str
    words: str
    lead: str
    supports: Sequence[str]
    tried: str
    met: bool
    missing: Sequence[str]


def duty(found: Suggestion, test: Test, measures: int, evidence: int) -> Duty:
    """Word which item answers, who leads, what was tried and whether a whistle is justified."""
    power = str(duty_labels.POWER_HOLDERS[found.power_holder])
    if found.power_holder is PowerHolder.STREET:
        power = power % {"day": found.item.power_from.isoformat()}
    return Duty(
        title=duty_labels.cited(found),
        words=f"{duty_labels.LIST_KINDS[found.list_kind]} · {power}",
        lead=found.lead.short_name if found.lead else "",
        supports=[unit.short_name for unit in found.supports],
        tried=gettext("Tried %(n)s times, %(proved)s with evidence.", n=measures, proved=evidence),
        met=test.met,
        missing=test.missing,
    )


def facts(case: Case, same_place: int, days: int, measures: int) -> list[tuple[str, str, str]]:
    """Return what is known about a case, each with its tone; empty ones are not drawn."""
    problem = case.problem
    grid = place(case.community, case.grid)
    if case.grid_worker:
        grid = gettext("%(grid)s · %(name)s", grid=grid, name=case.grid_worker)
    alike = ngettext(
        "%(num)d of this kind here in %(days)s days",
        "%(num)d of this kind here in %(days)s days",
        same_place,
        days=days,
    )
    return [
        (gettext("Grid"), grid, "" if case.community else "soon"),
        (gettext("Holder"), case.holder or "", ""),
        (gettext("Hotline"), problem.external_no or "", ""),
        (gettext("Limit"), datetime_local(problem.limit_at) if problem.limit_at else "", ""),
        (gettext("History"), alike if same_place else gettext("first of its kind here"), ""),
        (gettext("Tried"), gettext("%(n)s times", n=measures) if measures else "", ""),
        (
            gettext("Came back"),
            gettext("%(n)s times", n=problem.reopenings) if problem.reopenings else "",
            "soon",
        ),
    ]


def grid_map(case: Case) -> dict[str, Any] | None:
    """Return the grid's outline and the problem's point, projected to the mini map's box."""
    problem = case.problem
    if case.polygon is None or problem.latitude is None or problem.longitude is None:
        return None
    ring = [(float(x), float(y)) for x, y in json.loads(case.polygon)["coordinates"][0]]
    points = [*ring, (problem.longitude, problem.latitude)]
    west, east = min(x for x, _y in points), max(x for x, _y in points)
    south, north = min(y for _x, y in points), max(y for _x, y in points)
    # A degree of longitude is shorter than one of latitude; one scale keeps the shape.
    squeeze = math.cos(math.radians((south + north) / 2))
    width, height = max((east - west) * squeeze, 1e-6), max(north - south, 1e-6)
    scale = min((MAP[0] - 2 * EDGE) / width, (MAP[1] - 2 * EDGE) / height)
    left_, top = (MAP[0] - width * scale) / 2, (MAP[1] - height * scale) / 2

    def project(lng: float, lat: float) -> tuple[float, float]:
        x, y = left_ + (lng - west) * squeeze * scale, top + (north - lat) * scale
        return round(x, 1), round(y, 1)

    outline = " ".join(f"{x},{y}" for x, y in (project(*point) for point in ring))
    pin = project(problem.longitude, problem.latitude)
    return {
        "label": gettext("Where it is: %(place)s", place=problem.address or case.community),
        "areas": [(outline, "map-area")],
        "dots": [(*pin, "map-pin", "")],
    }


def log(steps: Sequence[PastStep]) -> list[dict[str, str]]:
    """Return the last steps for the strip, oldest first."""
    return [
        {
            "when": datetime_local(step.at),
            "title": step_title(step),
            "text": shortened(step.body) or step.unit or "",
        }
        for step in steps[-LAST_STEPS:]
    ]


def step_title(step: PastStep) -> str:
    """Word one step; a measure by what was done."""
    if step.method is not None:
        return str(labels.METHODS.get(step.method, step.method))
    slots = {
        "urgency": step.slots.get("urgency", ""),
        "elsewhere": labels.ELSEWHERE.get(str(step.slots.get("elsewhere")), ""),
        "outcome": step.slots.get("outcome", ""),
    }
    return str(labels.STEPS.get(step.tag, step.tag)) % slots


def shortened(text: str | None, most: int = 40) -> str:
    """Cut words that are too long for the strip."""
    text = " ".join((text or "").split())
    return text if len(text) <= most else text[: most - 1] + "…"


def chart(board: Board) -> list[tuple[str, int, int]]:
    """Return the bars: day of the month, all cases, whistled ones."""
    rows = [
        (f"{day.at.astimezone(SHANGHAI):%-d}", day.own + day.whistled, day.whistled)
        for day in board.week
    ]
    return [*rows[:-1], (gettext("today"), *rows[-1][1:])]


def whistle_share(board: Board) -> int | None:
    """Return the week's share of whistles in whole percent; None without any case."""
    whistled = sum(day.whistled for day in board.week)
    everything = whistled + sum(day.own for day in board.week)
    return round(100 * whistled / everything) if everything else None


def whistle(card: Card, now: datetime) -> dict[str, Any]:
    """Return a live whistle's values (see templates/components/whistle_card.html)."""
    due = card.arrive_due_at
    values: dict[str, Any] = {
        "href": url_for("casework.whistle", ref=card.ref),
        "title": card.title,
        "kind": whistle_labels.KIND[Kind(card.kind)],
        "arrived": card.arrived,
        "called": card.called,
        "missing": card.late,
    }
    if due is None:
        word = whistle_labels.STATE[WhistleState(card.state)][0]
        news = gettext("waits for the street") if card.waits else word
        return values | {"tone": "rate" if card.waits else "site", "news": news}
    share = whistle_rules.left_share(card.blown_at, due, now)
    top, bottom = rulebook.default().share("problems.warn.share")
    mood = "late" if card.late else "soon" if (1 - share) * bottom >= top else ""
    news = (
        gettext("%(n)s not here yet", n=card.called - card.arrived)
        if card.late
        else gettext("%(n)s acknowledged", n=card.acknowledged)
    )
    return values | {"tone": mood, "news": news, "share": share, "clock": clock(due, now)}


def clock(due_at: datetime, now: datetime) -> str:
    """Write the time left for a ring: minutes and seconds below the hour, else hours or days."""
    seconds = int((due_at - now).total_seconds())
    sign, rest = ("+", -seconds) if seconds < 0 else ("", seconds)
    if rest < HOUR:
        return f"{sign}{rest // 60}:{rest % 60:02d}"
    if rest < 2 * DAY:
        return sign + str(gettext("%(h)s h", h=rest // HOUR))
    return sign + str(gettext("%(d)s d", d=rest // DAY))
