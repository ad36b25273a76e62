"""The department's phone: its calls, and one call that fills the screen with one main button."""

from datetime import datetime
from typing import Any

from flask import render_template, request
from flask_babel import gettext

from portal.casework.views import bp
from portal.casework.views import whistle_rows as say
from portal.rulebook import queries as rulebook
from portal.web.auth import authorise, current_actor, guarded_by, moment
from portal.web.fields import ActForm
from portal.whistles import labels, policies, queries, rules
from portal.whistles.forms import ArriveForm, SetOutForm
from portal.whistles.models import Callout
from portal.whistles.states import CalloutState, main_verb

MORE = ("contact", "ask_recess", "hand_back")


@bp.get("/field")
@guarded_by(policies.can_see_field)
def field() -> str:
    """List the calls to the reader's departments, the most urgent first."""
    authorise(None)
    actor, now = current_actor(), moment()
    page = queries.for_units(actor.unit_ids, request.args.get("after"))
    return render_template(
        "casework/field_list.html",
        page=page,
        clocks={one.id: clock(one, now) for one in page.items},
        ended=() if page.items else queries.lately_ended(actor.unit_ids),
        labels=labels,
    )


@bp.get("/field/<ref>")
@guarded_by(policies.can_see_callout)
def field_callout(ref: str) -> str:
    """Show one call: the clock, the place, the one thing to do, and who else is there."""
    actor, now = current_actor(), moment()
    callout = queries.own_callout(ref, actor)
    authorise(callout)
    whistle = callout.whistle
    lines = queries.callouts(whistle.id)
    verb = main_verb(
        callout.state,
        has_set_out=callout.set_out_at is not None,
        has_result=callout.result_at is not None,
    )
    book = rulebook.book(whistle.edition_id)
    return render_template(
        "casework/field.html",
        callout=callout,
        whistle=whistle,
        clock=clock(callout, now),
        verb=verb,
        others=[one for one in say.counting(lines) if one.id != callout.id],
        office=queries.author_unit(whistle.author_unit_id),
        item=queries.duty_item(whistle.duty_item_id) if whistle.duty_item_id else None,
        photos=say.pictures(whistle, queries.photos(whistle.id, inside=True), now),
        feed=say.feed(queries.steps(whistle.id, inside=True, limit=8), now),
        more=[one for one in MORE if getattr(policies, f"can_{one}")(actor, callout, now)],
        radius=book.number("whistles.presence.radius"),
        most=book.number("problems.photos.most"),
        long_side=book.number("media.photo.long_side"),
        set_out_form=SetOutForm(version=callout.version),
        arrive_form=ArriveForm(version=callout.version),
        form=ActForm(version=callout.version),
        labels=labels,
    )


def clock(callout: Callout, now: datetime) -> dict[str, Any]:
    """Return the clock that runs for a department now."""
    start = callout.called_at
    if callout.state is CalloutState.CALLED:
        due, note = callout.acknowledge_due_at, gettext("to acknowledge")
    elif callout.reported_in_at is None:
        due, note = callout.arrive_due_at, gettext("to report in")
    else:
        due, note = callout.resolve_due_at, gettext("to be done")
    return {
        "at": due,
        "share": rules.left_share(start, due, now),
        "text": gettext("by %(time)s", time=say.day_or_time(due, now)),
        "note": note,
        "late": rules.is_late(due, now),
        "stopped": callout.state is CalloutState.DONE or callout.ended_at is not None,
    }
