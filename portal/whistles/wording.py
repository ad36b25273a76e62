"""A line of the feed as a sentence, in the reader's language: the tag's words with its slots."""

from datetime import datetime

from flask_babel import format_date

from portal.whistles import labels
from portal.whistles.models import WhistleStep
from portal.whistles.states import Arrival, Clock, Outcome, Proof, Rung

ESCALATE = "whistles:callout:escalate"


def sentence(step: WhistleStep, unit: str | None) -> str:
    """Return the line's sentence; `unit` is the short name of the called department, if any.

    The words that people wrote (`step.body`) are not part of it.
    """
    slots = step.slots
    words: dict[str, object] = {"unit": unit or ""}
    if step.tag == ESCALATE:
        words |= {"clock": labels.CLOCK[Clock(slots["clock"])]}
        words |= {"rung": labels.RUNG[Rung(slots["rung"])]}
        template = labels.LADDER_RED if slots["is_red"] else labels.LADDER_AMBER
        return str(template) % words
    if "called" in slots:
        words["called"] = slots["called"]
    if "proof" in slots:
        words["proof"] = labels.PROOF[Proof(slots["proof"])]
    if "method" in slots:
        words["method"] = labels.ARRIVAL[Arrival(slots["method"])]
    if "outcome" in slots:
        words["outcome"] = labels.OUTCOME[Outcome(slots["outcome"])]
    if "next_visit_at" in slots:
        words["next_visit_at"] = format_date(
            datetime.fromisoformat(slots["next_visit_at"]), "medium"
        )
    text = str(labels.STEP[step.tag]) % words
    return f"{text} {labels.LATE}" if slots.get("late") else text
