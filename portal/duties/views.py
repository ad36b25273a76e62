"""The duty list for everyone: who answers for what, by which law, in which version."""

from flask import Blueprint, render_template, request

from portal.core.errors import NotFound
from portal.core.ids import SHANGHAI
from portal.duties import labels, queries
from portal.duties.forms import AskForm
from portal.places import queries as places
from portal.rulebook import queries as rulebook
from portal.web.auth import moment, public

bp = Blueprint("duties", __name__)


@bp.get("/duties")
@public("the duty list is published law and holds no personal data")
def show() -> str:
    """List who answers for what; `text` asks about one sentence, `category` filters."""
    today = moment().astimezone(SHANGHAI).date()
    district_id = rulebook.home_district_id(today)
    if district_id is None:
        raise NotFound
    form = AskForm(request.args)
    text = (form.text.data or "").strip() if form.validate() else ""
    categories = queries.categories()
    chosen = next((c for c in categories if c.code == request.args.get("category")), None)
    place = queries.Place(district_id)
    return render_template(
        "duties/show.html",
        form=form,
        text=text,
        asked=queries.suggest(place, on=today, text=text) if text else None,
        categories=categories,
        chosen=chosen,
        lines=queries.lines(district_id, on=today, category_id=chosen.id if chosen else None),
        district=places.division(district_id),
        labels=labels,
    )
