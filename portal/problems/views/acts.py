"""What the workers' pages share: run an act on a locked problem, draw its page, offer units."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.core.errors import Refused
from portal.duties import queries as duties
from portal.organisations import queries as organisations
from portal.organisations.models import Unit
from portal.organisations.states import UnitKind
from portal.problems import labels, queries
from portal.problems.forms.street import COMMUNITY, OTHER, STREET
from portal.problems.models import Problem
from portal.problems.states import PhotoKind
from portal.web.desk import perform
from portal.web.fields import ActForm
from portal.web.locale import current_ui
from portal.web.security import safe_next
from portal.web.transaction import Act, check_version

Answer = Response | str | tuple[str, int]
KINDS = tuple(labels.HOLDER_KINDS)


def back(problem: Problem) -> str:
    """Return where an act leads: the page that asked for it, else the problem's own."""
    return safe_next(request.args.get("next"), url_for("casework.problem", ref=problem.ref))


def press(
    form: ActForm, problem: Problem, act: Callable[[Problem], None], thanks: str
) -> Response | None:
    """Run `act` on the problem locked and unchanged since the form was drawn (see `perform`)."""

    def locked(unit: Act) -> None:
        found = queries.lock(problem.id)
        check_version(found, form.version.data)
        act(found)
        unit.answer(back(found))

    return perform(form, locked, thanks)


def draw(template: str, problem: Problem, form: ActForm, **values: Any) -> tuple[str, int]:
    """Draw a form's page; 422 when it was refused. What was typed stays."""
    page = render_template(template, problem=problem, form=form, back=back(problem), **values)
    return page, 422 if form.errors else 200


def category_choices() -> list[tuple[str, str]]:
    """Return the categories to choose from, in the reader's language."""
    english = current_ui().lang == "en"
    return [(str(one.id), one.name_en if english else one.name) for one in duties.categories()]


def units_for(problem: Problem) -> Sequence[Unit]:
    """Return who may hold the problem: its street's own units, and those of the district."""
    return organisations.live_units(problem.district_id, *KINDS, street_id=problem.street_id)


def grouped(units: Sequence[Unit]) -> dict[str, list[tuple[str, str]]]:
    """Group units by kind, in the order in which the street thinks of them."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in KINDS:
        found = [(unit.code, unit.name) for unit in units if unit.kind is kind]
        if found:
            groups[str(labels.HOLDER_KINDS[kind])] = found
    return groups


def unit_of(units: Sequence[Unit], code: str) -> int:
    """Return the id of the unit with this code; raises Refused `holder_unknown`."""
    for unit in units:
        if unit.code == code:
            return unit.id
    raise Refused("holder_unknown")


def code_of(then: str, units: Sequence[Unit], community_id: int | None) -> str:
    """Return the code of the street's office or the problem's community; "" for anything else."""
    for unit in units:
        office = then == STREET and unit.kind is UnitKind.STREET_OFFICE
        committee = (
            then == COMMUNITY
            and unit.kind is UnitKind.COMMUNITY_COMMITTEE
            and unit.community_id == community_id
        )
        if office or committee:
            return unit.code
    return ""


def holder_of(then: str, code: str, units: Sequence[Unit], community_id: int | None) -> int:
    """Return the unit meant by "and then"; raises Refused `holder_unknown`."""
    return unit_of(units, code if then == OTHER else code_of(then, units, community_id))


def pictures(problem: Problem, *kinds: PhotoKind) -> list[dict[str, str]]:
    """Return the problem's photos of these kinds as the photo grid draws them."""
    return [
        {
            "src": url_for("problems.photo", ref=problem.ref, token=token, size="thumb"),
            "href": url_for("problems.photo", ref=problem.ref, token=token, size="large"),
            "alt": gettext("Photo %(n)s: %(what)s", n=n, what=labels.PHOTO_KINDS[photo.kind]),
        }
        for n, (token, photo) in enumerate(queries.pictures(problem.id), 1)
        if photo.kind in kinds
    ]
