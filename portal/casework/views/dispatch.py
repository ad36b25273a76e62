"""The street's dispatch board: queue by time left, one case whole, live whistles."""

from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from flask import current_app, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.casework.queries import dispatch as asked
from portal.casework.queries import street_case, street_search
from portal.casework.queries.street_case import Case
from portal.casework.views import bp
from portal.casework.views import dispatch_words as say
from portal.casework.views.dispatch_decisions import decisions
from portal.core import ids
from portal.core.decisions import deny
from portal.core.errors import Forbidden
from portal.duties import queries as duties
from portal.problems import labels, policies
from portal.problems import queries as problems
from portal.problems.models import Problem
from portal.problems.states import AssignmentState, Source
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.errors import explain
from portal.web.locale import current_ui
from portal.whistles import queries as whistles

Answer = Response | str | tuple[str, int]


def _street() -> tuple[int, int]:
    """Decide, and return the actor's street and district."""
    seat = current_actor().seat(*policies.STREET_ROLES)
    street_id = seat.street_id if seat else None
    authorise(street_id)
    if seat is None or street_id is None:
        raise Forbidden(deny("not_your_street"))
    return street_id, seat.district_id


@bp.get("/dispatch")
@guarded_by(policies.can_see_board)
def dispatch() -> Answer:
    """The board: what waits, one case whole, what is called out."""
    street_id, district_id = _street()
    now = moment()
    queue = _queue(street_id, district_id, now)
    board = asked.board(street_id, now)
    ref = request.args.get("case") or (queue["cards"][0]["ref"] if queue["cards"] else "")
    case = street_case.one_case(ref, street_id, district_id) if ref else None
    return render_template(
        "casework/dispatch.html",
        **queue,
        **(_case(case, now) if case else {"case": None}),
        current=ref,
        chosen="case" in request.args,
        live=[say.whistle(card, now) for card in whistles.live_for_street(street_id, now)],
        board=board,
        chart=say.chart(board),
        share=say.whistle_share(board),
        labels=labels,
    )


@bp.get("/dispatch/queue")
@guarded_by(policies.can_see_board)
def dispatch_queue() -> Answer:
    """The left column alone, for the script that keeps it fresh."""
    street_id, district_id = _street()
    return render_template(
        "casework/dispatch_queue.html",
        **_queue(street_id, district_id, moment()),
        current=request.args.get("case", ""),
    )


def _queue(street_id: int, district_id: int, now: datetime) -> dict[str, Any]:
    """Return the left column's values: cards, chips and a version that changes with them."""
    unplaced = request.args.get("show") == "unplaced"
    chosen = request.args.get("source", "")
    source = Source(chosen) if chosen in set(Source) else None
    page = asked.queue(
        street_id,
        district_id,
        source=source,
        unplaced=unplaced,
        cursor=request.args.get("after"),
    )
    waiting = asked.waiting(street_id, district_id)
    link: dict[str, Any] = {"show": "unplaced"} if unplaced else {"source": source}
    cards = [say.card(row, now, link) for row in page.items]
    everything = _counted(gettext("All"), waiting.all)
    chips = [(everything, url_for("casework.dispatch"), not (source or unplaced))]
    chips += [
        (
            _counted(str(labels.SOURCES[one]), number),
            url_for("casework.dispatch", source=one.value),
            source is one,
        )
        for one, number in waiting.by_source.items()
        if number or source is one
    ]
    if waiting.unplaced or unplaced:
        href = url_for("casework.dispatch", show="unplaced")
        chips.append((_counted(gettext("Place unknown"), waiting.unplaced), href, unplaced))
    return {
        "waiting": waiting,
        "cards": cards,
        "chips": chips,
        "link": link,
        "next_cursor": page.next_cursor,
        "version": f"{crc32(repr([(one['ref'], one['mark']) for one in cards]).encode()):08x}",
    }


def _counted(text: str, number: int) -> str:
    """Write a count behind its word; the cap reads as 99+."""
    return f"{text} {'99+' if number >= asked.COUNT_CAP else number}"


def _case(case: Case, now: datetime) -> dict[str, Any]:
    """Return the middle column's values."""
    problem, actor = case.problem, current_actor()
    book = rulebook.book(problem.edition_id)
    since = now - timedelta(days=book.allowance("problems.near.days").amount)
    steps, same_place = street_case.history(problem, since)
    measures = [step for step in steps if step.method is not None]
    found = duties.suggest(
        duties.Place(problem.district_id, problem.street_id, problem.community_id),
        on=now.astimezone(ids.SHANGHAI).date(),
        category_id=problem.category_id,
        text=f"{problem.title} {problem.body}",
    )
    evidence = sum(bool(step.has_evidence) for step in measures)
    test = say.whistle_test(found, evidence) if found else None
    may = decisions(case, actor, now, test)
    mood = say.tone(problem, now)
    asks_back = case.holder_state is AssignmentState.HANDING_BACK
    return {
        "case": case,
        "problem": problem,
        "mood": mood,
        "left": say.left(problem.due_at, now),
        "tag_words": say.tag(problem.state, mood, handing_back=asks_back),
        "category": case.category_en if current_ui().lang == "en" else case.category,
        "photos": _photos(problem),
        "fact_rows": say.facts(
            case, same_place, book.allowance("problems.near.days").amount, len(measures)
        ),
        "map": say.grid_map(case),
        "log": say.log(steps),
        "duty": say.duty(found, test, len(measures), evidence) if found and test else None,
        "may": may,
        "blocked": explain(current_app, may.blocked) if may.blocked else "",
    }


def _photos(problem: Problem) -> list[dict[str, str]]:
    """Return the photos as the grid draws them."""
    return [
        {
            "src": url_for("problems.photo", ref=problem.ref, token=token, size="thumb"),
            "href": url_for("problems.photo", ref=problem.ref, token=token, size="large"),
            "alt": gettext("Photo %(n)s: %(what)s", n=n, what=labels.PHOTO_KINDS[one.kind]),
        }
        for n, (token, one) in enumerate(problems.pictures(problem.id), 1)
    ]


@bp.get("/dispatch/search")
@guarded_by(policies.can_see_board)
def dispatch_search() -> Answer:
    """Find a problem of the street; a phone's last four digits find its reporter's, masked."""
    street_id, _district_id = _street()
    q = request.args.get("q", "")[:60]
    found = street_search.search(street_id, q)
    return render_template("casework/dispatch_search.html", q=q, found=found, labels=labels)


@bp.get("/dispatch/assignments")
@guarded_by(policies.can_see_board)
def assignments() -> Answer:
    """Who holds what in the street: requests to hand back first, then what nobody holds."""
    street_id, _district_id = _street()
    which = request.args.get("show", "open")
    which = which if which in problems.HELD else "open"
    holders = problems.holders(street_id)
    holder = request.args.get("holder", "")
    holder = holder if holder in {code for code, _name, _number in holders} else ""
    cursor = request.args.get("after")
    first = which == "open" and not cursor and not holder
    return render_template(
        "casework/dispatch_assignments.html",
        page=problems.held_in_street(street_id, which, holder or None, cursor),
        asking=problems.handing_back(street_id) if first else (),
        nobody=problems.nobody_holds(street_id) if first else (),
        holders=holders,
        holder=holder,
        which=which,
        labels=labels,
    )
