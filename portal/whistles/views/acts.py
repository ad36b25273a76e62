"""What the modules share: load, decide, press a form's act on a locked thing, ask on a page."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import current_app, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal.core.errors import Refused
from portal.core.ids import SHANGHAI
from portal.duties import queries as duties
from portal.duties.models import DutyItem
from portal.media import uploads
from portal.media.models import Media
from portal.media.uploads import Incoming
from portal.organisations import queries as organisations
from portal.organisations.models import Unit
from portal.organisations.states import UnitKind
from portal.problems.rules import picture_limits
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, moment
from portal.web.desk import perform
from portal.web.errors import explain
from portal.web.fields import ActForm
from portal.web.transaction import Act, check_version
from portal.whistles import labels, policies, queries, rules
from portal.whistles.forms import WordsForm
from portal.whistles.models import Callout, Whistle

Answer = Response | str | tuple[str, int]


def page_of(ref: str) -> str:
    """Return the address of a whistle's page."""
    return url_for("casework.whistle", ref=ref)


def load(ref: str) -> Whistle:
    """Return a visible whistle that this endpoint's policy allows to act on."""
    whistle = queries.get_visible(ref, current_actor())
    authorise(whistle)
    return whistle


def load_callout(ref: str, unit: str) -> Callout:
    """Return a department's line that this endpoint's policy allows to act on."""
    callout = queries.get_callout(ref, unit, current_actor())
    authorise(callout)
    return callout


def back_of(callout: Callout) -> str:
    """Return where an act on a line leads: the field screen of its officer, else the whistle."""
    if current_actor().sits(unit_id=callout.unit_id):
        return url_for("casework.field_callout", ref=callout.whistle.ref)
    return page_of(callout.whistle.ref)


def press(
    form: ActForm, whistle: Whistle, act: Callable[[Whistle], None], thanks: str
) -> Response | None:
    """Run `act` on the whistle locked and unchanged since the form was drawn."""

    def locked(unit: Act) -> None:
        found = queries.lock(whistle.id)
        check_version(found, form.version.data)
        act(found)
        unit.answer(page_of(found.ref))

    return perform(form, locked, thanks)


def press_callout(
    form: ActForm, callout: Callout, act: Callable[[Callout], None], thanks: str
) -> Response | None:
    """Run `act` on the line locked and unchanged since the form was drawn."""
    where = back_of(callout)

    def locked(unit: Act) -> None:
        found = queries.lock_callout(callout.id)
        check_version(found, form.version.data)
        act(found)
        unit.answer(where)

    done = perform(form, locked, thanks)
    if done is None:
        queries.fresh(callout.id)  # the refused act's rollback forgot what the page shows
    return done


def press_button(
    thing: Whistle | Callout,
    act: Callable[[Any], None],
    thanks: str,
) -> Answer:
    """Do a verb that asks nothing but its button; a refusal is a page of its own."""
    form = ActForm()
    if not form.validate_on_submit():
        raise Refused("send_again")
    if isinstance(thing, Callout):
        done = press_callout(form, thing, act, thanks)
    else:
        done = press(form, thing, act, thanks)
    if done is not None:
        return done
    back = back_of(thing) if isinstance(thing, Callout) else page_of(thing.ref)
    page = render_template("whistles/refused.html", form=form, back=back)
    return page, 422


def ask(
    template: str,
    form: ActForm,
    thing: Whistle | Callout,
    *,
    title: str,
    send: str,
    hint: str = "",
    **values: Any,
) -> tuple[str, int]:
    """Draw a form's page; 422 when it was refused. What was typed stays."""
    callout = thing if isinstance(thing, Callout) else None
    whistle = thing.whistle if isinstance(thing, Callout) else thing
    on_phone = callout is not None and policies.answers_for(current_actor(), callout)
    if form.version.data is None:
        form.version.data = thing.version
    page = render_template(
        template,
        form=form,
        whistle=whistle,
        callout=callout,
        layout="layouts/field.html" if on_phone else "layouts/workspace.html",
        back=back_of(callout) if callout is not None else page_of(whistle.ref),
        title=title,
        send=send,
        hint=hint,
        labels=labels,
        **values,
    )
    return page, 422 if form.errors else 200


def photo_limits(callout: Callout) -> dict[str, int]:
    """Return how many photos a form takes and how large they need to be."""
    book = rulebook.book(callout.whistle.edition_id)
    return {
        "most": book.number("problems.photos.most"),
        "long_side": book.number("media.photo.long_side"),
    }


def receive(form: Any, callout: Callout) -> Incoming | None:
    """Clean a form's photos before the act; a refused picture becomes the form's error."""
    book = rulebook.book(callout.whistle.edition_id)
    try:
        return uploads.receive(picture_limits(book), book.number("problems.photos.most"))
    except Refused as error:
        form.form_errors.append(explain(current_app, error.code, error.slots))
        form.renew()
        return None


def kept(incoming: Incoming) -> list[Media]:
    """Write the photos' rows inside the act."""
    return incoming.keep(person_id=current_actor().person_id, now=moment())


def callable_units(whistle_book: int, district_id: int) -> Sequence[Unit]:
    """Return the units that a street of this district can call out."""
    book = rulebook.book(whistle_book)
    units = organisations.live_units(district_id, UnitKind.DEPARTMENT, UnitKind.UTILITY)
    return [unit for unit in units if not rules.refuse_unit(book, unit.kind, unit.affiliation)]


def list_items(district_id: int, category_id: int | None = None) -> Sequence[DutyItem]:
    """Return the duty list in force today."""
    return duties.items(district_id, moment().astimezone(SHANGHAI).date(), category_id)


def item_choices(items: Sequence[DutyItem]) -> list[tuple[str, str]]:
    """Return items as choices: the number stands for the item."""
    return [(str(item.number), f"{item.number} · {item.title}") for item in items]


def unit_choices(units: Sequence[Unit]) -> list[tuple[str, str]]:
    """Return units as choices with their duty phone."""
    return [
        (unit.code, f"{unit.name} · {unit.duty_phone}" if unit.duty_phone else unit.name)
        for unit in units
    ]


def unit_id(units: Sequence[Unit], code: str) -> int:
    """Return the id of the unit with this code; raises Refused `called_unknown`."""
    for unit in units:
        if unit.code == code:
            return unit.id
    raise Refused("called_unknown")


def done_words() -> str:
    """Return the sentence after an act that everybody on the whistle sees."""
    return str(gettext("Done. Everyone on this whistle sees it."))


def in_words(
    ref: str,
    act: Callable[[Whistle, str], None],
    thanks: str,
    *,
    title: str,
    send: str,
    hint: str = "",
) -> Answer:
    """Do a verb on a whistle that asks for words and nothing else."""
    whistle = load(ref)
    form = WordsForm()
    if form.validate_on_submit():
        done = press(form, whistle, lambda one: act(one, form.words.data or ""), thanks)
        if done is not None:
            return done
    return ask("whistles/words.html", form, whistle, title=title, send=send, hint=hint)
