"""Plan, expand and hand over. Recipients are found by the worker, in batches, never in the act."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from portal.accounts.models import Person
from portal.core import ids, uow, work
from portal.core.db import db
from portal.core.events import Event
from portal.notifications import matters, queries, rules
from portal.notifications.events import MailResent
from portal.notifications.models import Mail, Notice
from portal.notifications.states import Channel, MailState
from portal.rulebook.rules import Rulebook

EXPAND = "notifications.expand"
BATCH = 200
SILENT = timedelta(minutes=5)  # an SMTP conversation is given up long before


def plan(event: Event) -> None:
    """Have the worker tell whoever this event concerns; runs inside the event's act."""
    slots = event.slots()
    same = json.dumps([event.tag, event.subject, slots], sort_keys=True)
    key = f"{uow.current().act_id}:{hashlib.sha256(same.encode()).hexdigest()[:16]}"
    work.schedule(
        EXPAND,
        key,
        event.at,
        event_key=key,
        tag=event.tag,
        subject=event.subject,
        slots=slots,
        actor_id=event.actor_id,
        row=0,
        after=0,
    )


def expand(payload: dict[str, Any], now: datetime) -> None:
    """Write the notices of the next batch of people, and plan the batch after it."""
    rows = matters.of(payload["tag"])
    row, after = payload["row"], payload["after"]
    while row < len(rows):
        found = queries.people(rows[row].who(payload["slots"]), payload["actor_id"], after, BATCH)
        _tell(rows[row], payload, found, now)
        if len(found) == BATCH:
            onward = {**payload, "row": row, "after": found[-1]}
            work.schedule(EXPAND, f"{payload['event_key']}:{row}:{found[-1]}", now, **onward)
            return
        row, after = row + 1, 0


def _tell(
    matter: matters.Matter, payload: dict[str, Any], people: list[int], now: datetime
) -> None:
    told = queries.told_of(payload["event_key"], people)
    reachable = queries.with_mail(people) if matter.mail else frozenset()
    for person_id in people:
        if person_id in told:
            continue
        shared = {
            "event_key": payload["event_key"],
            "person_id": person_id,
            "matter": matter.name,
            "subject": payload["subject"],
            "slots": payload["slots"],
            "created_at": now,
        }
        db.session.add(Notice(key=ids.token(12), **shared))
        if person_id in reachable:
            db.session.add(
                Mail(
                    message_id=ids.token(18),
                    channel=Channel.EMAIL,
                    state=MailState.QUEUED,
                    due_at=now,
                    **shared,
                )
            )
    db.session.flush()


def read_until(person_id: int, newest_key: str, now: datetime) -> None:
    """Mark a person's notices as read, up to the newest that was on the page."""
    newest = (
        select(Notice.id)
        .where(Notice.key == newest_key, Notice.person_id == person_id)
        .scalar_subquery()
    )
    db.session.execute(
        update(Notice)
        .where(Notice.person_id == person_id, Notice.id <= newest, Notice.read_at.is_(None))
        .values(read_at=now)
    )


def claim_mail(book: Rulebook, now: datetime) -> Mail | None:
    """Take the next due mail and mark it `sending`; commit before it is handed over.

    A person who had the hour's share of mail waits until there is room again.
    """
    cap = book.number("notifications.mail.hourly")
    for mail in queries.due_mail(now):
        freed = queries.room_at(mail.person_id, cap, now)
        if freed is not None:
            mail.due_at = freed
            continue
        mail.state, mail.sending_at = MailState.SENDING, now
        mail.attempts += 1
        db.session.flush()
        return mail
    db.session.flush()
    return None


def confirm(mail_id: int, now: datetime) -> None:
    """The server took it."""
    _leave_sending(mail_id, state=MailState.SENT, sent_at=now, error=None)


def postpone(mail_id: int, why: str, book: Rulebook, now: datetime) -> None:
    """The server could not take it now: later, until the mail is too old to be of use."""
    mail = db.session.get_one(Mail, mail_id)
    give_up = mail.created_at + book.allowance("notifications.mail.give_up").span()
    state = MailState.FAILED if now >= give_up else MailState.QUEUED
    due_at = rules.next_try(mail.attempts, now)
    _leave_sending(mail_id, state=state, due_at=due_at, error=why[:200])


def fail(mail_id: int, why: str) -> None:
    """It can't be delivered, for instance because the address does not exist."""
    _leave_sending(mail_id, state=MailState.FAILED, error=why[:200])


def doubt(mail_id: int, why: str) -> None:
    """The hand-over was cut: it may have arrived or not."""
    _leave_sending(mail_id, state=MailState.UNCERTAIN, error=why[:200])


def doubt_silent(now: datetime) -> None:
    """Mark what a killed worker left in `sending` as uncertain; nothing is sent again."""
    db.session.execute(
        update(Mail)
        .where(Mail.state == MailState.SENDING, Mail.sending_at < now - SILENT)
        .values(state=MailState.UNCERTAIN, error="worker ended during hand-over")
    )


def resend(mail_id: int, *, actor_id: int | None, now: datetime) -> bool:
    """A person decides that an uncertain or failed mail goes out again. Returns whether it was."""
    mail = db.session.get(Mail, mail_id, with_for_update=True)
    if mail is None or mail.state not in {MailState.UNCERTAIN, MailState.FAILED}:
        return False
    mail.state, mail.due_at, mail.error = MailState.QUEUED, now, None
    uow.record(MailResent(at=now, actor_id=actor_id, mail_id=mail_id))
    db.session.flush()
    return True


def sweep(book: Rulebook, now: datetime) -> None:
    """Drop notices and mails that are older than their retention."""
    oldest = now - book.allowance("notifications.kept").span()
    db.session.execute(delete(Notice).where(Notice.created_at < oldest))
    db.session.execute(
        delete(Mail).where(
            Mail.created_at < oldest, Mail.state.in_([MailState.SENT, MailState.FAILED])
        )
    )


def erase(person: Person) -> None:
    """Drop everything that was told to a person."""
    db.session.execute(delete(Notice).where(Notice.person_id == person.id))
    db.session.execute(delete(Mail).where(Mail.person_id == person.id))


def _leave_sending(mail_id: int, **values: Any) -> None:
    db.session.execute(
        update(Mail)
        .where(Mail.id == mail_id, Mail.state == MailState.SENDING)
        .values(sending_at=None, **values)
    )
