"""The first page: a resident's own news, a visitor's one big button, a worker's way to the desk."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask import redirect, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.casework.labels import GREETINGS, VISITOR_GREETINGS
from portal.casework.queries import resident as queries
from portal.casework.queries.resident import Latest
from portal.casework.views import bp, timeline
from portal.core import ids
from portal.core.actor import Actor
from portal.organisations.states import Role, UnitKind
from portal.problems import labels
from portal.problems import queries as problems
from portal.problems.policies import STREET_ROLES
from portal.problems.states import FINAL, ProblemState
from portal.satisfaction import queries as satisfaction
from portal.satisfaction.queries import Change
from portal.supervision import labels as supervision_labels
from portal.supervision import queries as supervision
from portal.web import filters
from portal.web.auth import current_actor, moment, public

P = ProblemState
NO_BREAK_HYPHEN = "\u2011"
# Only these are ever called out: their day begins with the calls.
CALLED_KINDS = (UnitKind.DEPARTMENT, UnitKind.UTILITY)


@bp.get("/")
@public("the first page anybody sees; a resident's own news only after sign-in")
def home() -> str | Response:
    """Greet, tell the one piece of news, and offer the one thing to do."""
    actor, now = current_actor(), moment()
    if actor.is_staff:
        return redirect(desk_of(actor), code=303)
    latest = queries.latest(actor.person_id) if actor.person_id is not None else []
    asked = queries.asked(actor.person_id, now) if actor.person_id is not None else []
    visits = supervision.waiting_for(actor.person_id) if actor.person_id is not None else []
    return render_template(
        "casework/home.html",
        greeting=greeting(actor.name, now),
        news=_news(latest, len(asked)),
        mine=[_card(one) for one in latest[:1]],
        more=len(latest) > 1,
        asked=[
            {
                "href": url_for("satisfaction.rate", ref=one.ref),
                "title": one.title,
                "left": filters.duration(one.closes_at - now),
            }
            for one in asked
        ],
        visits=visits,
        visit_words=supervision_labels.STATE,
        changes=[_change(one) for one in _changes(latest, now)],
    )


def desk_of(actor: Actor) -> str:
    """Return where a worker begins the day."""
    if actor.sits(*STREET_ROLES):
        return url_for("casework.dispatch")
    if actor.sits(Role.DISTRICT_OFFICER):
        return url_for("problems.district")
    if actor.sits(Role.REVIEWER):
        return url_for("problems.review")
    if actor.sits(Role.AUDITOR):
        return url_for("accounts.me")
    if any(seat.unit_kind in CALLED_KINDS for seat in actor.seats):
        return url_for("casework.field")
    return url_for("problems.assignments")


def greeting(name: str, now: datetime) -> str:
    """Return the greeting of the hour."""
    hour = now.astimezone(ids.SHANGHAI).hour
    words = GREETINGS if name else VISITOR_GREETINGS
    return str(next(word for start, word in reversed(words) if hour >= start)) % {"name": name}


def _news(latest: Sequence[Latest], asked: int) -> str:
    """Return the one sentence under the greeting."""
    if asked:
        return str(_("Something is done. Are you satisfied?"))
    for one in latest:
        if one.problem.state in FINAL:
            continue
        if one.crew_arrived:
            return str(_("The crew is on site for what you reported."))
        return str(labels.HOME_NEWS[_seen(one)])
    return str(_("See something wrong? Take a photo, we take it from there."))


def _seen(one: Latest) -> ProblemState:
    quiet = one.problem.state is P.WHISTLED and one.problem.quiet
    return P.HANDLING if quiet else one.problem.state


def _card(one: Latest) -> dict[str, Any]:
    found, state = one.problem, _seen(one)
    word, tone = labels.STATES[state]
    if one.crew_arrived and state is P.WHISTLED:
        word, tone = labels.ON_SITE
    news = timeline.with_words(timeline.said(one.tag or "", one.slots or {}), one.body)
    title = f"{filters.datetime_local(one.at)} {one.unit or ''}".strip() + " "
    return {
        "href": url_for("casework.problem", ref=found.ref),
        "title": found.title,
        "meta": _(
            "Sent %(when)s · No. %(ref)s",
            when=filters.datetime_local(found.submitted_at),
            ref=filters.ref(found.ref).replace("-", NO_BREAK_HYPHEN),
        ),
        "tag_text": word,
        "tone": tone,
        "step": timeline.resident_step(state, crew_arrived=one.crew_arrived),
        "news_title": title if news else None,
        "news": news or None,
    }


def _changes(latest: Sequence[Latest], now: datetime) -> Sequence[Change]:
    """Return the newest change of the district where the reader's reports are."""
    if latest:
        return satisfaction.recent_changes(latest[0].problem.district_id, limit=1)
    districts = problems.served_districts(now.astimezone(ids.SHANGHAI).date())
    return satisfaction.recent_changes(districts[0].id, limit=1) if districts else []


def _change(one: Change) -> dict[str, Any]:
    def side(token: str, alt: str) -> dict[str, str]:
        return {
            "src": url_for("problems.photo", ref=one.ref, token=token, size="thumb"),
            "alt": alt,
        }

    parts = [one.address]
    if one.closed_at is not None:
        closed: date = one.closed_at.astimezone(ids.SHANGHAI).date()
        parts.append(_("closed on %(day)s", day=format_date(closed, "long")))
    if one.opinions:
        parts.append(_("%(yes)s of %(all)s are satisfied", yes=one.satisfied, all=one.opinions))
    return {
        "before": side(one.before_token, _("Before the work")),
        "after": side(one.after_token, _("After the work")),
        "title": one.title,
        "text": " · ".join(parts),
        "href": url_for("casework.problem", ref=one.ref),
    }
