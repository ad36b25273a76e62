"""A whistle's page: its clock, six steps, roll call, evidence, supervisors and live feed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template, url_for
from flask_babel import gettext

from portal.accounts import queries as accounts
from portal.casework.views import bp
from portal.casework.views import whistle_rows as say
from portal.core.actor import Actor
from portal.places import queries as places
from portal.rulebook import queries as rulebook
from portal.supervision import labels as supervision_labels
from portal.supervision import queries as supervision
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.fields import ActForm
from portal.whistles import labels, policies, queries
from portal.whistles.models import Callout, Whistle
from portal.whistles.states import LIVE, PREPARING

# The commander's verbs below the page, in order; `blow` and the district's stand by themselves.
VERBS = ("call_more", "cancel", "release", "review")


@bp.get("/whistles/<ref>")
@guarded_by(policies.can_see)
def whistle(ref: str) -> str:
    """Show one whistle to whoever may know of it; a draft as what it will be."""
    actor, now = current_actor(), moment()
    found = queries.get_visible(ref, actor)
    lines = queries.callouts(found.id)
    standing = queries.Standing(found, frozenset(one.unit_id for one in lines) & actor.unit_ids)
    authorise(standing)
    if found.state in PREPARING:
        return _preparing(found, actor, now)
    return _live(found, lines, actor, now, inside=policies.sees_inside(actor, standing))


def _preparing(found: Whistle, actor: Actor, now: datetime) -> str:
    """Show a draft: what the departments will read, the gate's answers, what may be done."""
    return render_template(
        "casework/whistle_draft.html",
        whistle=found,
        problems=queries.problems(found.id),
        planned=queries.planned(found.id),
        answers=queries.gate_answers(found.id),
        item=found.duty_item,
        author=found.author.public_name,
        overridden_by=accounts.person(found.override_by_id).public_name
        if found.override_by_id
        else "",
        feed=say.feed(queries.steps(found.id, inside=True), now),
        may={
            verb: bool(getattr(policies, f"can_{verb}")(actor, found, now))
            for verb in (
                "revise",
                "request_approval",
                "approve",
                "return_to_author",
                "override_gate",
                "blow",
                "cancel",
            )
        },
        form=ActForm(version=found.version),
        labels=labels,
    )


def _live(
    found: Whistle, lines: Sequence[Callout], actor: Actor, now: datetime, *, inside: bool
) -> str:
    """Show a blown whistle; outside without names, phones, staff lines and unticked photos."""
    book = rulebook.book(found.edition_id)
    problems = queries.problems(found.id)
    words = queries.last_words([one.id for one in lines]) if inside else {}
    signed = queries.signed_by_street(found.id) if inside else frozenset()
    own = next((one for one in lines if policies.answers_for(actor, one)), None)
    radius = book.number("whistles.presence.radius")
    buildings = places.buildings(found.community_id) if found.community_id else ()
    return render_template(
        "casework/whistle.html",
        whistle=found,
        inside=inside,
        clock=say.clock(found, lines, now),
        stages=say.steps(found, lines),
        rows=[
            say.row(one, words, book, actor, now, inside=inside, signed=one.id in signed)
            for one in lines
        ],
        facts=_facts(found, len(problems), inside=inside),
        problems=problems if inside else [one for one in problems if one.released_at],
        photos=_photos(found, actor, now, inside=inside),
        site=say.site_map(found, lines, buildings, radius),
        radius=radius,
        visits=supervision.of_problem(problems[0].id, whistle_id=found.id),
        visit_labels=supervision_labels.STATE,
        feed=say.feed(queries.steps(found.id, inside=inside), now),
        may=[
            (verb, url_for(f"whistles.{verb}", ref=found.ref))
            for verb in VERBS
            if getattr(policies, f"can_{verb}")(actor, found, now)
        ],
        shows_code=bool(policies.can_show_code(actor, found, now)),
        own=own,
        is_live=found.state in LIVE,
        labels=labels,
        form=ActForm(version=found.version),
    )


def _facts(found: Whistle, problems: int, *, inside: bool) -> list[str]:
    """Return the sentences under the title."""
    by = found.author_unit.short_name
    if inside:
        by = f"{by} {found.author.public_name}"
    sentences = [
        gettext("Blown by %(who)s", who=by),
        gettext("Meeting point: %(place)s", place=found.meeting_point),
    ]
    if found.duty_item is not None:
        cited = gettext("Duty list item %(number)s", number=found.duty_item.number)
        sentences.append(gettext("%(item)s, %(n)s reports", item=cited, n=problems))
    return [str(one) for one in sentences]


def _photos(found: Whistle, actor: Actor, now: datetime, *, inside: bool) -> dict[str, Any]:
    """Return the pictures, and for the commander those that may be made public."""
    rows = queries.photos(found.id, inside=inside)
    unticked = []
    if policies.commands(actor, found):
        unticked = [
            (photo, token, unit) for photo, token, unit in rows if photo.released_at is None
        ]
    return {"grid": say.pictures(found, rows, now), "unticked": unticked}
