"""What workers do for a resident's report: write it down, print its slip, review it for release."""

import secrets
from typing import Any

from flask import current_app, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # types lag behind

from portal.accounts import desk
from portal.accounts import services as accounts
from portal.core.errors import NotFound, Refused
from portal.duties import queries as duties
from portal.media import uploads
from portal.places import queries as places
from portal.problems import labels, policies, queries, rules, services
from portal.problems.forms.resident import EnterForm, PublishForm, as_id
from portal.problems.queries import Typed
from portal.problems.states import Audience, Source
from portal.problems.views import bp, photos
from portal.problems.views.report import building_choices, community_choices, where
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.desk import perform
from portal.web.errors import explain
from portal.web.locale import current_ui
from portal.web.transaction import Act

Page = str | Response | tuple[str, int]
# Read aloud on the phone and copied by hand: no letters that look like digits.
CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 8


@bp.route("/enter", methods=["GET", "POST"])
@guarded_by(policies.can_enter)
def enter() -> Page:
    """Write down what somebody said at the counter, on the phone or on patrol."""
    authorise(None)
    form = _form()
    if form.validate_on_submit():
        try:
            incoming = uploads.receive(photos.picture_limits(), photos.most_photos())
        except Refused as refused:
            form.form_errors.append(explain(current_app, refused.code))
        else:
            answer = _store(form, incoming)
            if answer is not None:
                return answer
    status = 422 if form.is_submitted() else 200
    return render_template("problems/enter.html", form=form, labels=labels), status


def _form() -> EnterForm:
    own = next((one.community_id for one in current_actor().seats if one.community_id), None)
    start = {
        "source": Source.WALK_IN.value,
        "audience": Audience.PUBLIC_UNNAMED.value,
        "community_id": str(own or ""),
        "building_id": "",
    }
    form = EnterForm(data=start)
    form.source.choices = [
        SelectChoice(one.value, str(labels.SOURCES[one]))
        for one in (Source.WALK_IN, Source.PHONE, Source.GRID)
    ]
    form.audience.choices = [
        SelectChoice(one.value, str(word)) for one, word in labels.AUDIENCES_ENTERED.items()
    ]
    form.community_id.choices = community_choices(_("Choose the community"))
    chosen = as_id(request.values.get("community_id")) or own
    form.building_id.choices = building_choices(chosen)
    english = current_ui().lang == "en"
    form.category_id.choices = [
        SelectChoice("", _("Not known yet")),
        *(
            SelectChoice(str(one.id), one.name_en if english else one.name)
            for one in duties.categories()
        ),
    ]
    return form


def _store(form: EnterForm, incoming: uploads.Incoming) -> Response | None:
    actor = current_actor()
    code = "".join(secrets.choice(CODE_SIGNS) for _sign in range(CODE_LENGTH))
    made: list[str] = []

    def act(unit: Act) -> None:
        community_id = as_id(form.community_id.data)
        try:
            spot = places.spot(community_id or 0, as_id(form.building_id.data))
        except NotFound:
            raise Refused("place_missing") from None
        problem = services.submit(
            services.NewProblem(
                title=rules.title_of(str(form.body.data)),
                body=str(form.body.data),
                audience=Audience(form.audience.data),
                source=Source(form.source.data),
                category_id=as_id(form.category_id.data),
                lang=current_ui().lang,
                photos=incoming.keep(person_id=actor.person_id, now=moment()),
                **where(spot, Typed(address=str(form.address.data or ""))),
            ),
            reporter_id=_reporter(form),
            actor=actor,
            now=moment(),
            query_code=code,
        )
        made.append(problem.ref)
        unit.answer(url_for("problems.slip", ref=problem.ref))

    answer = perform(form, act)
    if made:
        session["slip"] = {"ref": made[0], "code": code}
    return answer


def _reporter(form: EnterForm) -> int | None:
    """Return who reported it: by the phone they gave, else by the name they gave."""
    name, lang, now = str(form.public_name.data or ""), current_ui().lang, moment()
    if form.phone.data:
        limits = desk.limits()
        actor_id = current_actor().person_id
        person = accounts.person_for_phone(
            str(form.phone.data), limits=limits, now=now, lang=lang, actor_id=actor_id
        )
        if name and person.public_name == limits.unnamed:
            accounts.change_person(
                person, public_name=name, lang=lang, actor_id=actor_id or 0, now=now
            )
        return person.id
    return accounts.note_person(name, lang=lang, now=now).id if name else None


@bp.get("/p/<ref>/slip")
@guarded_by(policies.can_see)
def slip(ref: str) -> Page:
    """Print the number, and the query code while this browser still has it."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    kept = session.get("slip", {})
    code = kept.get("code") if kept.get("ref") == ref else None
    return render_template("problems/slip.html", problem=problem, code=code)


# --- review before release (先审后发) ------------------------------------------------------------


@bp.get("/review")
@guarded_by(policies.can_review)
def review() -> str:
    """List what waits for review, by its own clock."""
    authorise(None)
    page = queries.to_review(current_actor(), request.args.get("after"))
    return render_template("problems/review.html", page=page, labels=labels)


@bp.route("/p/<ref>/publish", methods=["GET", "POST"])
@guarded_by(policies.can_publish)
def publish(ref: str) -> Page:
    """Read the text as it stands, tick photos one by one, release."""
    problem = queries.get_visible(ref, current_actor())
    authorise(queries.standing(problem, current_actor()))
    shown = queries.photos_for_review(problem.id)
    waiting = [one for one in shown if one.released_at is None]
    form = PublishForm(version=problem.version)
    form.photo_ids.choices = [SelectChoice(str(one.id), one.token) for one in waiting]
    if form.validate_on_submit():

        def act(unit: Act) -> None:
            services.publish(
                queries.lock(problem.id),
                photo_ids=[int(one) for one in form.photo_ids.data or []],
                actor=current_actor(),
                now=moment(),
            )
            unit.answer(url_for("problems.review"))

        answer = perform(form, act, _("Published."))
        if answer is not None:
            return answer
    page: Any = render_template(
        "problems/publish.html",
        problem=problem,
        form=form,
        waiting=waiting,
        released=[one for one in shown if one.released_at is not None],
    )
    return page, 422 if form.is_submitted() else 200
