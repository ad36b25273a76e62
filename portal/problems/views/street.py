"""The street's triage: accept, locate, decline, merge; each asks what it needs on one page."""

from flask import request
from flask_babel import gettext

from portal.core import ids
from portal.core.errors import Refused
from portal.places import queries as places
from portal.places.queries import Spot
from portal.problems import labels, policies, queries, services
from portal.problems.forms.street import KEEP, AcceptForm, DeclineForm, LocateForm, offer
from portal.problems.models import Problem
from portal.problems.services.triage import Place
from portal.problems.states import Urgency
from portal.problems.views import bp
from portal.problems.views.acts import (
    Answer,
    category_choices,
    draw,
    grouped,
    holder_of,
    press,
    units_for,
)
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.fields import ActForm


@bp.route("/p/<ref>/accept", methods=["GET", "POST"])
@guarded_by(policies.can_accept)
def accept(ref: str) -> Answer:
    """Take a problem up, publish what was ticked, and hand it on at once if wished."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    form = AcceptForm(
        version=problem.version,
        category=str(problem.category_id or ""),
        then=request.args.get("then", KEEP),
    )
    units = units_for(problem)
    offer(form.category, category_choices(), gettext("Choose"))
    offer(form.holder, grouped(units), gettext("Choose"))
    shown = [one for one in queries.pictures(problem.id) if one[1].released_at is None]
    offer(form.photos, [(str(photo.id), token) for token, photo in shown])
    if form.validate_on_submit():

        def act(locked: Problem) -> None:
            now, actor = moment(), current_actor()
            services.accept(
                locked,
                urgency=Urgency(form.urgency.data),
                category_id=int(form.category.data),
                release=form.release.data,
                actor=actor,
                now=now,
            )
            if form.photos.data:
                if not form.release.data:
                    raise Refused("photos_without_text")
                services.publish(
                    locked, photo_ids=[int(one) for one in form.photos.data], actor=actor, now=now
                )
            if form.then.data != KEEP:
                services.assign(
                    locked,
                    holder_unit_id=holder_of(
                        form.then.data, form.holder.data, units, locked.community_id
                    ),
                    note=form.note.data or "",
                    actor=actor,
                    now=now,
                )

        done = press(form, problem, act, gettext("Accepted. The reporter sees it at once."))
        if done is not None:
            return done
    book = rulebook.book(problem.edition_id)
    limits = {level: book.due(f"problems.limit.{level}", moment()) for level in Urgency}
    return draw(
        "problems/street/accept.html", problem, form, photos=shown, limits=limits, labels=labels
    )


@bp.route("/p/<ref>/locate", methods=["GET", "POST"])
@guarded_by(policies.can_locate)
def locate(ref: str) -> Answer:
    """Fill in the place or the category of a problem that came without."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    form = LocateForm(
        version=problem.version,
        category=str(problem.category_id or ""),
        address=problem.address,
        place=place_value(problem.community_id, problem.building_id),
    )
    spots = {
        place_value(spot.community_id, spot.building_id): spot
        for spot in places.picker(problem.district_id, moment().astimezone(ids.SHANGHAI).date())
    }
    offer(form.place, place_groups(spots), gettext("Not known yet"))
    offer(form.category, category_choices(), gettext("Not known yet"))
    if form.validate_on_submit():

        def act(locked: Problem) -> None:
            services.locate(
                locked,
                category_id=int(form.category.data) if form.category.data else None,
                place=place_of(spots.get(form.place.data), form.address.data or ""),
                actor=current_actor(),
                now=moment(),
            )

        done = press(form, problem, act, gettext("Filled in."))
        if done is not None:
            return done
    return draw("problems/street/locate.html", problem, form)


def place_value(community_id: int | None, building_id: int | None) -> str:
    """Return how a place is written in the form: community, or community-building."""
    if community_id is None:
        return ""
    return f"{community_id}-{building_id}" if building_id else str(community_id)


def place_groups(spots: dict[str, Spot]) -> dict[str, list[tuple[str, str]]]:
    """Group places by community, the whole community first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for value, spot in spots.items():
        words = (
            spot.address if spot.building_id else gettext("All of %(name)s", name=spot.community)
        )
        groups.setdefault(spot.community, []).append((value, words))
    return groups


def place_of(spot: Spot | None, address: str) -> Place | None:
    """Return the place to store; words alone are no place."""
    if spot is None:
        return None
    return Place(
        street_id=spot.street_id,
        community_id=spot.community_id,
        grid_id=spot.grid_id,
        building_id=spot.building_id,
        address=address or spot.address,
        latitude=spot.latitude,
        longitude=spot.longitude,
    )


@bp.route("/p/<ref>/decline", methods=["GET", "POST"])
@guarded_by(policies.can_decline)
def decline(ref: str) -> Answer:
    """Say that another handles this, who, and why."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    form = DeclineForm(version=problem.version)
    routes = rulebook.book(problem.edition_id).items("problems.elsewhere")
    offer(form.elsewhere, [(code, str(labels.ELSEWHERE[code])) for code in routes])
    if form.validate_on_submit():

        def act(locked: Problem) -> None:
            services.decline(
                locked,
                elsewhere=form.elsewhere.data,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=moment(),
            )

        done = press(form, problem, act, gettext("The reporter is told where to go."))
        if done is not None:
            return done
    return draw("problems/street/decline.html", problem, form)


@bp.route("/p/<ref>/merge", methods=["GET", "POST"])
@guarded_by(policies.can_merge)
def merge(ref: str) -> Answer:
    """First choose what it repeats, then look at both side by side, then join them."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    form = ActForm(version=problem.version)
    words = request.args.get("q", "")[:60]
    into = None
    if request.args.get("into"):
        into = queries.get_visible(request.args["into"], current_actor())
    if into is not None and form.validate_on_submit():
        target_id = into.id

        def act(locked: Problem) -> None:
            services.merge(
                locked, into=queries.lock(target_id), actor=current_actor(), now=moment()
            )

        done = press(form, problem, act, gettext("Joined. Everyone is told and may opt out."))
        if done is not None:
            return done
    found = [] if into else queries.candidates(problem, rulebook.book(problem.edition_id), words)
    return draw(
        "problems/street/merge.html", problem, form, into=into, found=found, q=words, labels=labels
    )


@bp.route("/p/<ref>/unmerge", methods=["GET", "POST"])
@guarded_by(policies.can_unmerge)
def unmerge(ref: str) -> Answer:
    """Undo a merge; who came along goes back."""
    problem = queries.get_visible(ref, current_actor())
    authorise(problem)
    form = ActForm(version=problem.version)
    if form.validate_on_submit():

        def act(locked: Problem) -> None:
            services.unmerge(locked, actor=current_actor(), now=moment())

        done = press(form, problem, act, gettext("Separated. It waits in the queue again."))
        if done is not None:
            return done
    return draw("problems/street/unmerge.html", problem, form)
