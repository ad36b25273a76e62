"""Keeping what a browser typed and uploaded; not a fact of any problem, so nothing is recorded."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from portal.accounts.models import FailedTry
from portal.accounts.services import tries
from portal.core.db import db
from portal.problems.models import Draft
from portal.problems.queries.drafts import Typed

HOUR = timedelta(hours=1)


def keep_draft(browser: str, typed: Typed, now: datetime) -> None:
    """Store the report under way of the browser with this hash."""
    draft = db.session.scalar(select(Draft).where(Draft.browser == browser).with_for_update())
    if draft is None:
        draft = Draft(browser=browser, started_at=now)
        db.session.add(draft)
    draft.data, draft.updated_at = typed.as_data(), now
    db.session.flush()


def hold_draft(browser: str) -> None:
    """Let one act at a time work on a browser's draft: its photos arrive side by side."""
    tries.hold(browser)


def take_turn(key_hash: str, most: int, now: datetime) -> bool:
    """Count one turn of a visitor's address; False when it had `most` within an hour.

    Coarse on purpose: a whole building may share one address.
    """
    tries.hold(key_hash)
    if tries.recent(key_hash, HOUR, now, most) >= most:
        return False
    db.session.add(FailedTry(key_hash=key_hash, at=now))
    db.session.flush()
    return True


def drop_draft(browser: str) -> None:
    """Forget the report under way."""
    db.session.execute(delete(Draft).where(Draft.browser == browser))
