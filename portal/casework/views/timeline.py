"""Words the timeline of a problem: every step in the reader's language, with its rule."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from portal.casework.queries.resident import Case, Line, Shown
from portal.problems import labels
from portal.problems.states import RESIDENT_STEP, PhotoKind, ProblemState, StepAudience
from portal.rulebook.rules import Allowance, Rulebook
from portal.supervision import labels as supervision_labels
from portal.web import filters
from portal.whistles import labels as whistle_labels
from portal.whistles import wording
from portal.whistles.models import WhistleStep

P = ProblemState
ON_SITE, ALL_DONE = 4, 6
WHISTLE_TAGS = {"problems:problem:whistle", "problems:problem:leave-whistle"}
Entry = dict[str, Any]


def shown_state(case: Case, *, veiled: bool) -> ProblemState:
    """Return the state as this reader sees it: a quiet whistle of others reads as handling."""
    state = case.problem.state
    return P.HANDLING if veiled and state is P.WHISTLED else state


def told(lines: Sequence[Line], *, veiled: bool) -> Sequence[Line]:
    """Return the problem's lines without those that give a quiet whistle away."""
    return [line for line in lines if not (veiled and line.step.tag in WHISTLE_TAGS)]


def resident_step(state: ProblemState, *, crew_arrived: bool) -> int | None:
    """Return where the five-step tracker stands; None where it has no meaning any more."""
    if state in {P.DECLINED, P.MERGED, P.WITHDRAWN}:
        return None
    if state is P.CLOSED:
        return ALL_DONE
    if state is P.WHISTLED and crew_arrived:
        return ON_SITE
    return RESIDENT_STEP[state]


def what_now(case: Case, state: ProblemState, book: Rulebook, now: datetime) -> Entry:
    """Return who has it, what comes next, until when, whom to call and by which rule."""
    problem, holder = case.problem, case.holder
    street = case.street or str(_("The street"))
    handles = holder.name if holder is not None else street
    who = handles if state in {P.HANDLING, P.WHISTLED} else street
    if state is P.WHISTLED:
        who = street
    due_at = problem.limit_at if state in {P.HANDLING, P.WHISTLED} else problem.due_at
    worded = labels.DUE.get(state)
    phone = holder.duty_phone if holder is not None and state is P.HANDLING else None
    return {
        "who": who,
        "sentence": labels.NOW[state] % {"unit": handles},
        "due": worded % {"time": filters.datetime_local(due_at)} if worded else None,
        "phone": phone or case.community_phone,
        "late": worded is not None and due_at is not None and now >= due_at,
        "rule": rule(case, state, book),
    }


def rule(case: Case, state: ProblemState, book: Rulebook) -> str:
    """Return the sentence of the rule that set the time of a state; empty without one."""
    key = labels.DUE_RULE.get(state, "").format(urgency=case.problem.urgency)
    if case.problem.reopenings and state in {P.HANDLING, P.WHISTLED}:
        key = "problems.rework.limit"
    return rule_sentence(key, book) if key in labels.RULES else ""


def rule_sentence(key: str, book: Rulebook) -> str:
    """Return a rule as residents read it."""
    return str(labels.RULES[key]) % {"span": span(book.allowance(key))}


def span(allowance: Allowance) -> str:
    """Write a span that a rule grants."""
    if allowance.unit == "working_days":
        return str(_("%(number)s working days", number=allowance.amount))
    return filters.duration(allowance.span())


def entries(
    case: Case,
    lines: Sequence[Line],
    whistle_lines: Sequence[Entry],
    photos: Sequence[Shown],
    book: Rulebook,
) -> list[Entry]:
    """Return the timeline's entries, newest first, with quiet stretches marked."""
    by_step: dict[int | None, list[Shown]] = {}
    for shown in photos:
        by_step.setdefault(shown.step_id, []).append(shown)
    found = [
        entry
        for line in lines
        if (entry := _entry(case, line, by_step.get(line.step.id, []), book)) is not None
    ]
    found = sorted([*found, *whistle_lines], key=lambda entry: entry["at"], reverse=True)
    return _with_gaps(found, book.allowance("problems.timeline.gap").span())


def _entry(case: Case, line: Line, photos: Sequence[Shown], book: Rulebook) -> Entry | None:
    step = line.step
    sentence = _with_rule(said(step.tag, step.slots), step.tag, step.slots, book)
    if not sentence and not step.body:
        return None
    return {
        "at": step.at,
        "when": filters.datetime_local(step.at),
        "unit": line.unit or _who(step.tag),
        "to_unit": line.to_unit if step.tag == "problems:problem:assign" else None,
        "text": with_words(sentence, step.body),
        "photos": grid(case.problem.ref, photos),
        "tone": labels.STEP_TONES.get(step.tag) or supervision_labels.STEP_TONES.get(step.tag, ""),
        "staff": step.audience is StepAudience.STAFF,
    }


def whistle_entries(
    lines: Sequence[tuple[WhistleStep, str, str | None, str | None]],
) -> list[Entry]:
    """Return the whistles' lines as entries: who was called, who came, who is done."""
    return [
        {
            "at": step.at,
            "when": filters.datetime_local(step.at),
            "unit": acting or "",
            "to_unit": None,
            "text": with_words(wording.sentence(step, called), step.body),
            "photos": [],
            "tone": whistle_labels.STEP_TONES.get(step.tag, ""),
            "staff": step.audience is StepAudience.STAFF,
        }
        for step, _ref, acting, called in lines
    ]


def _who(tag: str) -> str:
    if tag in {
        "problems:problem:submit",
        "problems:problem:withdraw",
        "problems:problem:nudge",
        "problems:problem:join",
        "problems:problem:leave",
    }:
        return str(_("Resident"))
    if tag.startswith("supervision:"):
        return str(_("Resident supervisor"))
    return ""


def said(tag: str, slots: dict[str, Any]) -> str:
    """Return a step's sentence with its slots; empty for a step that has none."""
    sentence = labels.STEPS.get(tag) or supervision_labels.STEP.get(tag)
    if sentence is None:
        return ""
    values = dict(slots)
    if "outcome" in slots:
        values["outcome"] = labels.OUTCOMES[slots["outcome"]]
    if "elsewhere" in slots:
        values["elsewhere"] = labels.ELSEWHERE.get(slots["elsewhere"], slots["elsewhere"])
    return str(sentence) % values


def _with_rule(sentence: str, tag: str, slots: dict[str, Any], book: Rulebook) -> str:
    key = labels.STEP_RULES.get(tag, "").format(**slots)
    if key not in labels.RULES:
        return sentence
    return str(_("%(what)s. %(rule)s", what=sentence, rule=rule_sentence(key, book)))


def with_words(sentence: str, words: str | None) -> str:
    """Return a sentence with the words that somebody wrote."""
    if not words or not sentence:
        return sentence or words or ""
    return str(_("%(what)s: %(words)s", what=sentence.rstrip(":：。."), words=words))


def _with_gaps(found: list[Entry], quiet: timedelta) -> list[Entry]:
    out: list[Entry] = []
    for newer, older in zip(found, [*found[1:], None], strict=True):
        out.append(newer)
        if older is not None and newer["at"] - older["at"] > quiet:
            length = filters.duration(newer["at"] - older["at"])
            out.append({"gap": str(_("No news for %(span)s", span=length))})
    return out


def grid(ref: str, photos: Sequence[Shown]) -> list[Entry]:
    """Return photos as the photo grid draws them; unreleased ones say so."""
    return [
        {
            "src": url_for("problems.photo", ref=ref, token=one.token, size="thumb"),
            "href": url_for("problems.photo", ref=ref, token=one.token, size="large"),
            "alt": _("%(kind)s, photo %(number)s", kind=kind(one), number=number),
            "caption": str(kind(one)) if one.released_at else _("Not public"),
        }
        for number, one in enumerate(photos, 1)
    ]


def kind(photo: Shown) -> Any:
    """Return the word for what a photo shows."""
    return labels.PHOTO_KINDS[PhotoKind(photo.kind)]
