"""The decision bar under a case: what the policies allow, and red on the whistle alone."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.casework.queries.street_case import Case
from portal.casework.views.dispatch_words import Test
from portal.core.actor import Actor
from portal.problems import policies
from portal.problems.models import Problem
from portal.problems.states import AssignmentState, ProblemState
from portal.whistles import policies as whistle_policies

Button = dict[str, Any]


@dataclass
class Decisions:
    """Buttons at the left and right, small links above them, and why checking is not possible."""

    small: list[tuple[str, str, str]] = field(default_factory=list)
    left: list[Button] = field(default_factory=list)
    right: list[Button] = field(default_factory=list)
    blocked: str = ""


def decisions(case: Case, actor: Actor, now: datetime, test: Test | None) -> Decisions:
    """Gather what may be done with a case now."""
    found = Decisions()
    _place(found, case.problem, actor, now)
    _elsewhere(found, case.problem, actor, now)
    _hand_back(found, case)
    _give(found, case.problem, actor, now, test)
    _check(found, case, actor, now)
    if policies.can_take_measure(actor, case.standing, now):
        words = gettext("Write down a measure")
        found.small.append((words, _link(case.problem, "take_measure"), ""))
    return found


def _link(problem: Problem, verb: str, **more: Any) -> str:
    """Return a verb's page, from which one comes back to the board."""
    back = url_for("casework.dispatch")
    return url_for(f"problems.{verb}", ref=problem.ref, next=back, **more)


def _place(found: Decisions, problem: Problem, actor: Actor, now: datetime) -> None:
    if not policies.can_locate(actor, problem, now):
        return
    if problem.community_id is None:
        words = gettext("Fill in the place")
        found.left.append({"text": words, "kind": "p", "href": _link(problem, "locate")})
    else:
        found.small.append((gettext("Place and kind"), _link(problem, "locate"), ""))


def _elsewhere(found: Decisions, problem: Problem, actor: Actor, now: datetime) -> None:
    if policies.can_merge(actor, problem, now):
        found.small.append((gettext("Join with another"), _link(problem, "merge"), "M"))
    if policies.can_decline(actor, problem, now):
        found.small.append((gettext("Not ours"), _link(problem, "decline"), ""))


def _hand_back(found: Decisions, case: Case) -> None:
    if case.holder_state is AssignmentState.HANDING_BACK:
        href = _link(case.problem, "refuse_hand_back")
        found.left.append({"text": gettext("Keep the holder"), "kind": "q", "href": href})


def _give(
    found: Decisions, problem: Problem, actor: Actor, now: datetime, test: Test | None
) -> None:
    """Self-handling stands left of the whistle; a new problem is accepted in the same act."""
    is_new = bool(policies.can_accept(actor, problem, now))
    if problem.community_id is None or not (is_new or policies.can_assign(actor, problem, now)):
        return
    verb = "accept" if is_new else "assign"
    found.small.insert(0, (gettext("To another unit"), _link(problem, verb, then="other"), ""))
    found.left += [
        {
            "text": gettext("To the community"),
            "kind": "q",
            "href": _link(problem, verb, then="community"),
            "shortcut": "C",
        },
        {
            "text": gettext("Handle it here"),
            "kind": "s",
            "href": _link(problem, verb, then="street"),
            "shortcut": "A",
        },
    ]
    composer = url_for("whistles.new", problem=problem.ref)
    if is_new:
        composer = url_for("problems.accept", ref=problem.ref, next=composer)
    elif not whistle_policies.can_draft(actor, problem, now):
        return
    words = {
        "enforcement": gettext("Blow for joint enforcement"),
        "key_work": gettext("Blow for key work"),
    }
    found.right.append(
        {
            "text": words[test.kind] if test else gettext("Blow the whistle"),
            "kind": "w",
            "href": composer,
            "icon_name": "whistle",
            "shortcut": "W",
        }
    )


def _check(found: Decisions, case: Case, actor: Actor, now: datetime) -> None:
    problem = case.problem
    if problem.state is not ProblemState.RESOLVED:
        return
    if policies.can_send_back(actor, case.standing, now):
        href = _link(problem, "send_back")
        found.left.append({"text": gettext("Not done yet"), "kind": "q", "href": href})
    may = policies.can_verify(actor, case.standing, now)
    if may:
        href = _link(problem, "verify")
        found.left.append(
            {"text": gettext("It is done"), "kind": "s", "href": href, "shortcut": "A"}
        )
    found.blocked = may.reason
