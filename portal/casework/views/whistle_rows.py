"""How a whistle's page words what it asked: the clock, the six steps, the roll call, the feed."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import format_date, gettext, ngettext

from portal.core.actor import Actor
from portal.core.ids import SHANGHAI
from portal.places.models import Building
from portal.rulebook.rules import Rulebook
from portal.web import filters
from portal.whistles import labels, policies, rules, wording
from portal.whistles.events import CalloutCalled, WhistleBlown
from portal.whistles.models import Callout, CalloutPhoto, Whistle, WhistleStep
from portal.whistles.states import (
    ARRIVED,
    AWAITED,
    CALLOUT_LIVE,
    OVER,
    CalloutState,
    Kind,
    WhistleState,
    stage,
)

Row = dict[str, Any]
MINUTE, HOUR = 60, 3600
BLOW, CALL = WhistleBlown.tag, CalloutCalled.tag
MAP_WIDTH, MAP_HEIGHT, MAP_RANGE, BLOCK = 396, 218, 70, 14
METRES_PER_DEGREE = 111_195


def counting(callouts: Sequence[Callout]) -> list[Callout]:
    """Return the lines that count in the roll call: the live ones and those that stood down."""
    return [
        one for one in callouts if one.state in CALLOUT_LIVE or one.state is CalloutState.STOOD_DOWN
    ]


def lasted(start: datetime, end: datetime) -> str:
    """Write how long something took: seconds below an hour, else its two largest parts."""
    seconds = max(0, int((end - start).total_seconds()))
    if seconds >= HOUR:
        return filters.duration(seconds)
    minutes, rest = divmod(seconds, MINUTE)
    return str(gettext("%(m)s min %(s)s s", m=minutes, s=f"{rest:02d}"))


def day_or_time(at: datetime, now: datetime) -> str:
    """Write a time of today by its minute, another day's with its date."""
    same_day = at.astimezone(SHANGHAI).date() == now.astimezone(SHANGHAI).date()
    return filters.time_local(at) if same_day else filters.datetime_local(at)


def clock(whistle: Whistle, callouts: Sequence[Callout], now: datetime) -> Row:
    """Return the big clock: until the next arrival, then until the last is done."""
    live = [one for one in callouts if one.state in CALLOUT_LIVE]
    awaited = [one for one in live if one.state in AWAITED]
    if awaited:
        due = min(one.arrive_due_at for one in awaited)
        start = min(one.called_at for one in awaited)
        note = {
            Kind.ENFORCEMENT: gettext("Appointed arrival · %(time)s", time=day_or_time(due, now)),
            Kind.EMERGENCY: gettext(
                "On site within %(span)s · %(time)s",
                span=filters.duration(due - start),
                time=day_or_time(due, now),
            ),
            Kind.KEY_WORK: gettext("Report in by %(time)s", time=day_or_time(due, now)),
        }[whistle.kind]
        text = gettext("there by %(time)s", time=day_or_time(due, now))
    elif live:
        due = min(one.resolve_due_at for one in live)
        start = whistle.blown_at or now
        note = gettext("To be done by %(time)s", time=day_or_time(due, now))
        text = gettext("done by %(time)s", time=day_or_time(due, now))
    else:
        word, _tone = labels.STATE[whistle.state]
        return {"stopped": True, "at": now, "share": 1.0, "note": "", "text": str(word)}
    return {
        "stopped": False,
        "at": due,
        "share": rules.left_share(start, due, now),
        "text": text,
        "note": note,
    }


def steps(whistle: Whistle, callouts: Sequence[Callout], electors: str = "") -> Row:
    """Return the six steps with their notes, and which is current."""
    lines = counting(callouts)
    called = len(lines)
    acknowledged = sum(one.acknowledged_at is not None for one in lines)
    arrived = sum(one.reported_in_at is not None for one in lines)
    notes = (
        filters.time_local(whistle.blown_at),
        gettext("%(n)s of %(all)s departments", n=acknowledged, all=called),
        gettext("%(n)s of %(all)s on site", n=arrived, all=called),
        gettext("nobody leaves before it is done"),
        electors or gettext("after the check"),
        gettext("after the rating"),
    )
    over = whistle.state in OVER
    current = stage(over=over, called=called, acknowledged=acknowledged, arrived=arrived)
    if whistle.state is WhistleState.RATED:
        current = 6
    elif whistle.state is WhistleState.ARCHIVED:
        current = 7
    return {
        "items": [(str(word), note) for word, note in zip(labels.STAGES, notes, strict=True)],
        "current": current,
        "arrived": arrived,
        "called": called,
    }


def row(
    callout: Callout,
    words: dict[int, str],
    book: Rulebook,
    actor: Actor,
    now: datetime,
    *,
    inside: bool,
    signed: bool,
) -> Row:
    """Return one department's row of the roll call, with the commander's buttons.

    `signed` tells that the street has signed already and others are awaited.
    """
    word, tone = _state(callout, now)
    return {
        "callout_id": callout.id,
        "code": callout.unit.code,
        "name": callout.unit.name,
        "seal": callout.unit.seal,
        "lead": callout.is_lead,
        "text": _text(callout, words, now, inside=inside),
        "state": word,
        "tone": tone,
        "actions": _actions(callout, book, actor, now, signed=signed),
        "phone": callout.unit.duty_phone if inside and callout.state in AWAITED else None,
        **_time(callout, book, now),
    }


def _state(callout: Callout, now: datetime) -> tuple[str, str]:
    word, tone = labels.CALLOUT[callout.state]
    if callout.state in AWAITED:
        if callout.absent_at is not None:
            word, tone = labels.ABSENT
        elif callout.state is CalloutState.ACKNOWLEDGED and callout.set_out_at is not None:
            word, tone = labels.ON_THE_WAY
        if rules.is_late(callout.arrive_due_at, now) or (
            callout.acknowledged_at is None and rules.is_late(callout.acknowledge_due_at, now)
        ):
            tone = "late"
    return str(word), tone


def _text(callout: Callout, words: dict[int, str], now: datetime, *, inside: bool) -> str:
    parts = []
    if callout.people:
        people = ngettext("%(num)d person", "%(num)d people", callout.people)
        parts.append(people)
    if callout.state is CalloutState.CALLED:
        due = day_or_time(callout.acknowledge_due_at, now)
        parts.append(gettext("to acknowledge by %(time)s", time=due))
    elif callout.state is CalloutState.ACKNOWLEDGED and callout.acknowledged_at is not None:
        at = day_or_time(callout.acknowledged_at, now)
        parts.append(gettext("acknowledged %(time)s", time=at))
        if callout.set_out_at is None:
            parts.append(gettext("not set out yet"))
    elif callout.state is CalloutState.RECESSED and callout.recess_next_on is not None:
        day = format_date(callout.recess_next_on, "medium")
        parts.append(gettext("off site, back on %(day)s", day=day))
    if callout.recess_asked_at is not None:
        parts.append(gettext("asks to leave the site"))
    said = words.get(callout.id, "")
    parts.append(said if said and inside else callout.task)
    return " · ".join(part for part in parts if part)


def _time(callout: Callout, book: Rulebook, now: datetime) -> Row:
    """Return the row's clock: how long it took, when it comes, or what happens next."""
    start, due = callout.called_at, callout.arrive_due_at
    if callout.reported_in_at is not None:
        used = 1 - rules.left_share(start, due, callout.reported_in_at)
        late = rules.is_late(due, callout.reported_in_at)
        return {
            "time": lasted(start, callout.reported_in_at),
            "time_before": None,
            "time_after": gettext("reported in, late") if late else gettext("reported in"),
            "share": used,
        }
    share = 1 - rules.left_share(start, due, now)
    if callout.set_out_at is not None and callout.eta_at is not None and callout.eta_at >= now:
        return {
            "time_before": gettext("expected"),
            "time": filters.time_local(callout.eta_at),
            "time_after": None,
            "share": share,
        }
    if callout.state not in AWAITED:
        return {"time": None, "time_before": None, "time_after": None, "share": None}
    if rules.is_late(due, now):
        after = gettext("late by %(span)s", span=filters.duration(now - due))
    else:
        after = _next_step(callout, book, now)
    waiting = gettext("on the way") if callout.set_out_at else gettext("not there yet")
    return {"time": waiting, "time_before": None, "time_after": after, "share": share}


def _next_step(callout: Callout, book: Rulebook, now: datetime) -> str:
    for step in rules.ladder(book, callout.called_at, callout.arrive_due_at):
        if step.at > now and step.is_red:
            span = filters.duration(step.at - now + timedelta(seconds=MINUTE - 1))
            return str(gettext("told upwards in %(span)s", span=span))
    return ""


def _actions(
    callout: Callout, book: Rulebook, actor: Actor, now: datetime, *, signed: bool
) -> list[Row]:
    """Return the buttons that this reader may press on a row, the most pressing first."""
    found: list[Row] = []

    def add(verb: str, text: str, kind: str = "q", *, asks: bool = False, why: str = "") -> None:
        if getattr(policies, f"can_{verb}")(actor, callout, now):
            url = url_for(f"whistles.{verb}", ref=callout.whistle.ref, unit=callout.unit.code)
            found.append({"url": url, "text": text, "kind": kind, "asks": asks, "why": why})

    opens = rules.nudge_opens_at(book, callout.last_nudged_at, now)
    wait = gettext("again at %(time)s", time=filters.time_local(opens)) if opens > now else ""
    if not signed:
        add("sign_off", gettext("Sign off"), "s")
    add("grant_recess", gettext("Agree to leaving"), "s")
    add("reroute", gettext("Call another instead"), "s", asks=True)
    add("overrule_hand_back", gettext("Keeps the duty"), "s", asks=True)
    add("uphold_hand_back", gettext("Not its duty"), "q", asks=True)
    add("nudge", gettext("Nudge once"), "w", why=wait)
    if not policies.answers_for(actor, callout):
        add("acknowledge", gettext("Acknowledged by phone"))
    add("refuse_sign_off", gettext("Not done yet"), asks=True)
    add("refuse_recess", gettext("Has to stay"), asks=True)
    add("hand_over", gettext("Hand over"), asks=True)
    add("correct_absence", gettext("Correct the absence"), asks=True)
    return found


def feed(lines: Sequence[tuple[WhistleStep, str | None, str | None]], now: datetime) -> list[Row]:
    """Return the live feed: time and sentence with the words that people wrote.

    Those who were called when it was blown stand in the roll call, so the feed leaves them out.
    """
    blown = {step.at for step, _by, _of in lines if step.tag == BLOW}
    lines = [one for one in lines if not (one[0].tag == CALL and one[0].at in blown)]
    return [
        {
            "at": step.at,
            "when": day_or_time(step.at, now),
            "text": " ".join(part for part in (wording.sentence(step, of), step.body) if part),
        }
        for step, _by, of in lines
    ]


def pictures(
    whistle: Whistle, found: Sequence[tuple[CalloutPhoto, str, str]], now: datetime
) -> list[Row]:
    """Return the photos for the grid, with time and unit below each."""
    return [
        {
            "src": url_for("whistles.photo", ref=whistle.ref, token=token, size="thumb"),
            "href": url_for("whistles.photo", ref=whistle.ref, token=token, size="large"),
            "alt": gettext("Photo from the site by %(unit)s", unit=unit),
            "caption": f"{day_or_time(photo.added_at, now)} {unit}",
        }
        for photo, token, unit in found
    ]


def site_map(
    whistle: Whistle, callouts: Sequence[Callout], buildings: Sequence[Building], radius_m: int
) -> Row | None:
    """Return the picture of the site: buildings, the sign-in range, who is there.

    Never live positions: who is there stands in the range, who is on the way at its edge.
    """
    if whistle.latitude is None or whistle.longitude is None:
        return None
    east = math.cos(math.radians(whistle.latitude))
    scale = MAP_RANGE / radius_m

    def project(lat: float, lng: float) -> tuple[int, int]:
        dx = (lng - (whistle.longitude or 0)) * METRES_PER_DEGREE * east
        dy = (lat - (whistle.latitude or 0)) * METRES_PER_DEGREE
        return round(MAP_WIDTH / 2 + dx * scale), round(MAP_HEIGHT / 2 - dy * scale)

    areas = []
    for one in buildings:
        x, y = project(one.latitude, one.longitude)
        if -BLOCK <= x <= MAP_WIDTH + BLOCK and -BLOCK <= y <= MAP_HEIGHT + BLOCK:
            w, h = BLOCK, BLOCK // 2
            points = f"{x - w},{y - h} {x + w},{y - h} {x + w},{y + h} {x - w},{y + h}"
            areas.append((points, "map-block"))
    there = [one for one in callouts if one.state in ARRIVED]
    coming = [one for one in callouts if one.state in AWAITED and one.set_out_at is not None]
    dots = [
        (*_around(n, len(there), MAP_RANGE * 0.5), "map-done", one.unit.seal)
        for n, one in enumerate(there)
    ]
    dots += [
        (*_around(n, len(coming), MAP_RANGE * 1.25), "map-soon", one.unit.seal)
        for n, one in enumerate(coming)
    ]
    if not there:
        dots.append((MAP_WIDTH // 2, MAP_HEIGHT // 2, "map-pin", ""))
    return {
        "label": gettext(
            "%(place)s: %(n)s departments on site, %(m)s on the way",
            place=whistle.meeting_point,
            n=len(there),
            m=len(coming),
        ),
        "areas": areas,
        "dots": dots,
        "range": (MAP_WIDTH // 2, MAP_HEIGHT // 2, MAP_RANGE),
        "key": [
            ("map-done", gettext("on site")),
            ("map-soon", gettext("on the way")),
            ("map-range", gettext("sign-in range, %(n)s m", n=radius_m)),
        ],
    }


def _around(place: int, of: int, distance: float) -> tuple[int, int]:
    """Return a place on a circle around the site, so that seals don't cover each other."""
    if of == 1 and distance < MAP_RANGE:
        return MAP_WIDTH // 2, MAP_HEIGHT // 2
    angle = 2 * math.pi * place / max(of, 1) + math.pi
    return (
        round(MAP_WIDTH / 2 + distance * math.cos(angle)),
        round(MAP_HEIGHT / 2 + distance * math.sin(angle) * 0.8),
    )
