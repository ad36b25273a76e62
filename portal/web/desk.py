"""What every desk does the same way: press a form's act, and show a refusal in the form."""

from collections.abc import Callable

from flask import current_app
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from portal.core.db import is_deadlock
from portal.core.errors import Refused
from portal.web.errors import explain, notice
from portal.web.fields import ActForm
from portal.web.transaction import Act, transaction

TRIES = 3  # of an act that the database gave up for another's sake


def perform(form: ActForm, act: Callable[[Act], None], thanks: str = "") -> Response | None:
    """Run one act of a valid form in its transaction and return the 303 to its answer.

    A refusal of the matter becomes an error of the form, which is to be drawn again: everything
    typed stays, the form gets a new key, and None is returned.
    """
    try:
        unit = _run(act)
    except Refused as error:
        form.form_errors.append(explain(current_app, error.code, error.slots))
        form.renew()
        return None
    if thanks:
        notice(thanks)
    return unit.redirect()


def _run(act: Callable[[Act], None]) -> Act:
    """Run an act; one that met another the other way round is begun anew, unseen by the reader."""
    left = TRIES
    while True:
        left -= 1
        try:
            with transaction() as unit:
                act(unit)
        except DBAPIError as error:
            if not left or not is_deadlock(error):
                raise
        else:
            return unit
