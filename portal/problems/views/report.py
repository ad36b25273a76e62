"""Submitting in three screens: photo and sentence, place, who may read it.

Each screen has an address, posts without a script, and keeps what it got before it judges it, so
that going back, an error or a lost network loses nothing. The phone is asked last.
"""

from datetime import date
from typing import Any

from flask import current_app, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # types lag behind

from portal.accounts import desk
from portal.accounts import queries as accounts
from portal.accounts import rules as account_rules
from portal.accounts import services as account_services
from portal.core import ids
from portal.core.actor import Actor
from portal.core.errors import NotFound, Refused
from portal.core.sealed import lookup_hash
from portal.duties import queries as duties
from portal.media import queries as media_queries
from portal.media import uploads
from portal.organisations import queries as organisations
from portal.places import queries as places
from portal.places.queries import Spot
from portal.places.states import Level
from portal.problems import labels, policies, queries, rules, services
from portal.problems.forms.resident import PlaceForm, ReportForm, SendForm, as_id, point
from portal.problems.models import Problem
from portal.problems.queries import Typed
from portal.problems.states import Audience
from portal.problems.views import bp, photos
from portal.web.auth import authorise, current_actor, guarded_by, moment, public
from portal.web.errors import explain, notice
from portal.web.locale import current_ui
from portal.web.transaction import browser_id, transaction

PURPOSE = "report"
OTHER = "other"
NAME_LENGTH = 20
Page = str | Response | tuple[str, int]


def go_to(endpoint: str, **values: Any) -> Response:
    """Return the 303 to one of this desk's pages."""
    return redirect(url_for(f"problems.{endpoint}", **values), code=303)


# --- screen one: photo and sentence -------------------------------------------------------------


@bp.route("/report", methods=["GET", "POST"])
@public("anyone may report; the phone is proved at the end")
def report() -> Page:
    """Take photos and a sentence."""
    if request.method == "GET":
        typed = photos.draft()
        form = ReportForm(formdata=None, data={"body": typed.body, "danger": typed.danger})
        return _report_page(form, typed, [])
    form = ReportForm()
    removed = request.form.get("remove", "")
    known = [token for token in request.form.getlist("photo_ids") if token != removed]
    known = photos.owned(known)[: photos.most_photos()]
    taken = photos.take_in("photos", photos.most_photos() - len(known))

    def change(typed: Typed) -> None:
        typed.body, typed.danger = str(form.body.data or ""), bool(form.danger.data)
        typed.photos = known + taken.tokens()

    typed = photos.keep(change)
    if removed:
        return go_to("report")
    if form.validate() and not taken.refusals:
        return go_to("place")
    form.form_errors += taken.refusals
    form.renew()
    return _report_page(form, typed, taken.refusals), 422


def _report_page(form: ReportForm, typed: Typed, refusals: list[str]) -> str:
    shown = [
        {
            "id": token,
            "src": url_for("problems.own_photo", token=token, size="thumb"),
            "alt": _("Photo %(number)s", number=number),
        }
        for number, token in enumerate(photos.owned(typed.photos), 1)
    ]
    return render_template(
        "problems/report.html", form=form, kept=shown, most=photos.most_photos(), refusals=refusals
    )


# --- screen two: where, and what is near --------------------------------------------------------


@bp.route("/report/place", methods=["GET", "POST"])
@public("anyone may report; the phone is proved at the end")
def place() -> Page:
    """Take the place and the kind of matter; similar public reports nearby come first."""
    typed = _with_home(photos.draft())
    if not typed.body:
        return go_to("report")
    if request.method == "GET":
        chosen = as_id(request.args.get("community_id")) or typed.community_id
        return _place_page(_place_form(typed, chosen, from_request=False), typed)
    form = _place_form(typed, as_id(request.form.get("community_id")), from_request=True)
    typed = photos.keep(lambda kept: _take_place(kept, form))
    if not form.go.data:
        return go_to("place")
    if not form.validate():
        form.renew()
        return _place_page(form, typed), 422
    unseen = {one.ref for one in _near(typed)} - set((form.seen.data or "").split(","))
    return go_to("place") if unseen else go_to("send")


def _with_home(typed: Typed) -> Typed:
    """Begin with the building where a signed-in resident lives."""
    person_id = current_actor().person_id
    if typed.community_id is None and person_id is not None:
        home = queries.home_of(person_id)
        if home is not None:
            typed.community_id, typed.building_id = home
    return typed


def _take_place(typed: Typed, form: PlaceForm) -> None:
    typed.category_id = as_id(form.category_id.data)
    typed.community_id = as_id(form.community_id.data)
    typed.building_id = as_id(form.building_id.data)
    typed.address = str(form.address.data or "")
    where = point(form.lat.data, form.lon.data)
    if where is None or where == (typed.latitude, typed.longitude):
        return
    typed.latitude, typed.longitude = where
    found = places.spot_at(*where, _today())
    if found is None:
        notice(_("We don't know this place. Please choose it from the list."), "soon")
    elif typed.community_id != found.community_id:
        typed.community_id, typed.building_id = found.community_id, None
        notice(_("You are in %(place)s. Now choose the building.", place=found.community), "done")


def _place_form(typed: Typed, chosen: int | None, *, from_request: bool) -> PlaceForm:
    start = {
        "category_id": str(typed.category_id or OTHER),
        "community_id": str(chosen or ""),
        "building_id": str(typed.building_id or "") if chosen == typed.community_id else "",
        "address": typed.address,
        "lat": "" if typed.latitude is None else str(typed.latitude),
        "lon": "" if typed.longitude is None else str(typed.longitude),
    }
    form = PlaceForm() if from_request else PlaceForm(formdata=None, data=start)
    form.category_id.choices = _category_choices(typed)
    form.community_id.choices = community_choices(_("Choose the community"))
    form.building_id.choices = building_choices(chosen)
    known = {one.value for one in form.building_id.choices}
    if from_request and str(form.building_id.data or "") not in known:
        form.building_id.data = ""  # the community was changed: its buildings are other ones
    return form


def _category_choices(typed: Typed) -> list[SelectChoice]:
    found = duties.suggest_categories(typed.body)
    if typed.category_id not in {one.id for one in found}:
        found += [one for one in duties.categories() if one.id == typed.category_id]
    english = current_ui().lang == "en"
    chips = [SelectChoice(str(one.id), one.name_en if english else one.name) for one in found]
    return [*chips, SelectChoice(OTHER, _("Something else, the street sorts it"))]


def community_choices(first: str) -> list[SelectChoice]:
    """Return the communities of the served districts, by street, as a select groups them."""
    choices = [SelectChoice("", first)]
    for district in queries.served_districts(_today()):
        inside = places.divisions(district.id, _today())
        for street in (one for one in inside if one.level == Level.STREET):
            choices += [
                SelectChoice(str(one.id), one.name, optgroup=street.name)
                for one in inside
                if one.parent_id == street.id
            ]
    return choices


def building_choices(community_id: int | None) -> list[SelectChoice]:
    """Return a community's buildings by compound; the first choice is "not at a building"."""
    choices = [SelectChoice("", _("Not at a building"))]
    if community_id is not None:
        choices += [
            SelectChoice(str(number), name, optgroup=compound)
            for compound, number, name in queries.buildings_by_compound(community_id)
        ]
    return choices


def _spot(typed: Typed) -> Spot | None:
    if typed.community_id is None:
        return None
    try:
        return places.spot(typed.community_id, typed.building_id)
    except NotFound:  # a building that is not in this community
        return None


def _near(typed: Typed) -> list[Problem]:
    spot = _spot(typed)
    return queries.near(spot, typed.category_id, moment()) if spot else []


def _place_page(form: PlaceForm, typed: Typed) -> str:
    near = _near(typed)
    form.seen.data = ",".join(one.ref for one in near)
    return render_template(
        "problems/place.html",
        form=form,
        typed=typed,
        near=near,
        labels=labels,
        has_chips=len(list(form.category_id.choices or ())) > 1,
    )


def _today() -> date:
    return moment().astimezone(ids.SHANGHAI).date()


# --- screen three: who may read it, and the phone -----------------------------------------------


@bp.route("/report/send", methods=["GET", "POST"])
@public("anyone may report; the phone is proved here")
def send() -> Page:
    """Say who will see what; prove the phone; submit."""
    typed = photos.draft()
    spot = _spot(typed)
    if not typed.body:
        return _sent_before()
    if spot is None:
        return go_to("place")
    if request.method == "GET":
        form = SendForm(
            formdata=None,
            data={
                "audience": typed.audience or Audience.PUBLIC_UNNAMED.value,
                "public_name": typed.public_name,
                "phone": session.get("reporting", {}).get("phone", ""),
            },
        )
        return _send_page(form, typed, spot)
    form = SendForm()
    _take_audience(typed, form)
    if current_actor().signed_in:
        del form.phone, form.code
        return _submit(form, typed, spot)
    return _send_as_visitor(form, typed, spot)


def _sent_before() -> Response:
    """Send a second press to where the first one led; without a first one, to the beginning."""
    if request.method == "GET":
        return go_to("report")
    with transaction() as act:
        act.answer(url_for("problems.report"))
    return act.redirect()


def _take_audience(typed: Typed, form: SendForm) -> None:
    typed.audience = str(form.audience.data or "")
    if "public_name" in request.form:  # the page with the code does not ask again
        typed.public_name = str(form.public_name.data or "")[:NAME_LENGTH]


def _send_as_visitor(form: SendForm, typed: Typed, spot: Spot) -> Page:
    begun = session.get("reporting")
    if begun and "ask" not in request.form and "again" not in request.form:
        form.phone.data = begun["phone"]
        return _submit(form, typed, spot)
    photos.keep(lambda kept: _take_audience(kept, form))
    if "again" in request.form:
        session.pop("reporting", None)
        return go_to("send")
    del form.code
    if form.validate():
        try:
            asked = desk.ask_code(str(form.phone.data), PURPOSE)
        except Refused as refused:
            _say(form.phone, refused.code)
        else:
            session["reporting"] = {"phone": form.phone.data, "shown": asked.shown}
            return go_to("send")
    form.renew()
    return _send_page(form, typed, spot), 422


def _say(field: Any, code: str) -> None:
    minutes = int(desk.limits().tries_lock.total_seconds() // 60)
    field.errors = (*field.errors, explain(current_app, code, {"minutes": minutes}))


def _submit(form: SendForm, typed: Typed, spot: Spot) -> Page:
    """Judge the code where there is one and submit, all in one act."""
    begun = session.get("reporting", {})
    if not form.validate():
        form.renew()
        return _send_page(form, typed, spot), 422
    token, denied = None, ""
    try:
        with transaction() as act:
            act.answer(url_for("problems.send"))
            actor = current_actor()
            if not actor.signed_in:
                answer = desk.check_code(begun["phone"], PURPOSE, str(form.code.data or ""))
                denied = answer.reason
                if answer:
                    token = desk.start_session(begun["phone"])
                    actor = _known(begun["phone"], typed)
            if actor.signed_in:
                problem = _store(typed, spot, actor)
                act.answer(url_for("problems.submitted", ref=problem.ref))
    except Refused as refused:
        form.form_errors.append(explain(current_app, refused.code, refused.slots))
        form.renew()
        return _send_page(form, typed, spot), 422
    if denied:
        _say(form.code, denied)
        form.renew()
        return _send_page(form, typed, spot), 422
    session.pop("reporting", None)
    if token is not None:
        desk.enter(token)
    return act.redirect()


def _known(phone: str, typed: Typed) -> Actor:
    """Return the person behind a phone just proved; a new one is called as they asked."""
    person = desk.person_for_phone(phone)
    if typed.public_name and person.public_name == desk.limits().unnamed:
        account_services.change_person(
            person,
            public_name=typed.public_name,
            lang=person.lang,
            actor_id=person.id,
            now=moment(),
        )
    return organisations.actor_of(person.id, person.public_name, moment())


def _store(typed: Typed, spot: Spot, actor: Actor) -> Problem:
    key = lookup_hash("draft", browser_id())
    services.hold_draft(key)
    if queries.typed(key).body != typed.body:
        raise Refused("sent_already")
    pictures = media_queries.owned_uploads(
        typed.photos, person_id=actor.person_id, upload_session=uploads.upload_session()
    )
    problem = services.submit(
        services.NewProblem(
            title=rules.title_of(typed.body),
            body=typed.body,
            photos=pictures,
            audience=Audience(typed.audience),
            category_id=typed.category_id,
            danger=typed.danger,
            lang=current_ui().lang,
            **where(spot, typed),
        ),
        reporter_id=actor.person_id,
        actor=actor,
        now=moment(),
    )
    services.drop_draft(key)
    return problem


def where(spot: Spot, typed: Typed) -> dict[str, Any]:
    """Return a picked place as a problem stores it; the phone's position fills the gaps."""
    latitude, longitude, grid_id = spot.latitude, spot.longitude, spot.grid_id
    if latitude is None and typed.latitude is not None and typed.longitude is not None:
        here = places.spot_at(typed.latitude, typed.longitude, _today())
        if here is not None and here.community_id == spot.community_id:
            latitude, longitude, grid_id = here.latitude, here.longitude, here.grid_id
    return {
        "district_id": spot.district_id,
        "street_id": spot.street_id,
        "community_id": spot.community_id,
        "grid_id": grid_id,
        "building_id": spot.building_id,
        "address": f"{spot.address} {typed.address}".strip()[:120],
        "latitude": latitude,
        "longitude": longitude,
    }


def _send_page(form: SendForm, typed: Typed, spot: Spot) -> str:
    begun = session.get("reporting", {})
    actor = current_actor()
    return render_template(
        "problems/send.html",
        form=form,
        typed=typed,
        spot=spot,
        labels=labels,
        tokens=photos.owned(typed.photos),
        asked=bool(begun) and not actor.signed_in,
        shown=begun.get("shown"),
        phone=account_rules.mask_phone(begun["phone"]) if begun else "",
        name=_own_name(),
        limit=queries.house_rules(moment()).allowance("problems.triage.limit").span(),
    )


def _own_name() -> str:
    person_id = current_actor().person_id
    return accounts.person(person_id).public_name if person_id is not None else ""


# --- after it -----------------------------------------------------------------------------------


@bp.get("/report/done/<ref>")
@guarded_by(policies.can_see)
def submitted(ref: str) -> Page:
    """Show the number and what happens next, with times."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    return render_template("problems/submitted.html", problem=problem)


@bp.post("/report/again/<ref>")
@guarded_by(policies.can_see)
def again(ref: str) -> Response:
    """Begin another report at the same place."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))

    def same_place(typed: Typed) -> None:
        typed.community_id, typed.building_id = problem.community_id, problem.building_id
        typed.latitude, typed.longitude = problem.latitude, problem.longitude

    photos.keep(same_place)
    return go_to("report")
