"""What the worker does: expand the recipients of an event, and hand mail over."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from portal.core import clock, ids
from portal.core.db import db
from portal.core.errors import Refused
from portal.core.ids import SHANGHAI
from portal.core.uow import transaction
from portal.core.work import Registry, WorkItem
from portal.notifications import queries, services
from portal.notifications.mailers import Doubtful, Mailer, Rejected, Unreachable
from portal.notifications.models import Mail
from portal.rulebook import queries as rulebook
from portal.rulebook.rules import Rulebook

Write = Callable[..., str]


@dataclass(frozen=True)
class Post:
    """The way out: who takes letters (None: mail waits), who words them, where links lead."""

    mailer: Mailer | None
    write: Write
    base_url: str

    @property
    def host(self) -> str:
        """The name letters come from."""
        return urlsplit(self.base_url).hostname or "localhost"


def register(registry: Registry) -> None:
    """Let the worker find out whom an event concerns."""
    registry.register(services.EXPAND, expand)


def expand(item: WorkItem, now: datetime) -> None:
    """Write the notices of one batch of people."""
    services.expand(item.payload, now)


def send_next(post: Post) -> bool:
    """Hand the next due mail over; returns whether to go on at once.

    The mark `sending` is committed before the hand-over, its outcome after it.
    """
    if post.mailer is None or not queries.is_mail_due(clock.db_now(db.session)):
        return False
    with transaction():
        now = clock.db_now(db.session)
        mail = services.claim_mail(_book(now), now)
        mail_id = mail.id if mail else None
    if mail_id is None:
        return False
    letter = compose(db.session.get_one(Mail, mail_id), post)
    db.session.rollback()
    if letter is None:
        _note(lambda _now: services.fail(mail_id, "no address"))
        return True
    return _hand_over(letter, mail_id, post.mailer)


def _hand_over(letter: EmailMessage, mail_id: int, mailer: Mailer) -> bool:
    try:
        mailer.hand_over(letter)
    except Unreachable as error:
        why = str(error)
        _note(lambda now: services.postpone(mail_id, why, _book(now), now))
        return False
    except Rejected as error:
        why = str(error)
        _note(lambda _now: services.fail(mail_id, why))
        return True
    except Doubtful as error:
        why = str(error)
        _note(lambda _now: services.doubt(mail_id, why))
        return True
    _note(lambda now: services.confirm(mail_id, now))
    return True


def doubt_silent() -> None:
    """Mark what killed workers left in the middle of a hand-over."""
    if queries.any_sending():
        _note(services.doubt_silent)


def sweep() -> None:
    """Drop what is older than its retention; call inside a transaction."""
    now = clock.now()
    services.sweep(_book(now), now)


def compose(mail: Mail, post: Post) -> EmailMessage | None:
    """Word a mail in its reader's language; None when the person can't be reached any more."""
    reached = queries.address_of(mail.person_id)
    if reached is None:
        return None
    address, name, lang = reached
    facts = queries.facts([mail])[mail.id]
    values: dict[str, Any] = {
        "name": name,
        "facts": facts,
        "slots": mail.slots,
        "link": post.base_url + facts.path,
        "home": post.base_url,
        "notice_key": queries.key_of(mail.event_key, mail.person_id),
    }
    letter = _letter(mail.matter, address, lang, values, post)
    letter["Date"] = format_datetime(mail.created_at.astimezone(SHANGHAI))
    letter["Message-ID"] = f"<{mail.message_id}@{post.host}>"
    return letter


def _letter(
    matter: str, address: str, lang: str, values: dict[str, Any], post: Post
) -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = " ".join(post.write(f"{matter}/subject.txt", lang, **values).split())
    letter["From"] = f"no-reply@{post.host}"
    letter["To"] = address
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(post.write(f"{matter}/body.txt", lang, **values), cte="base64")
    return letter


class MailCodeSender:
    """Sends a one-time code to a mail address at once, past the outbox (see `accounts.sms`)."""

    def __init__(self, post: Post, lang: Callable[[], str]) -> None:
        self.post = post
        self.lang = lang

    def send(self, address: str, code: str) -> None:
        """Send; raises Refused("no_mail") when no letter can leave."""
        letter = _letter("accounts/code", address, self.lang(), {"code": code}, self.post)
        letter["Date"] = format_datetime(clock.now().astimezone(SHANGHAI))
        letter["Message-ID"] = f"<{ids.token(18)}@{self.post.host}>"
        if self.post.mailer is None:
            raise Refused("no_mail")
        try:
            self.post.mailer.hand_over(letter)
        except (Unreachable, Rejected, Doubtful):
            raise Refused("no_mail") from None


def _note(act: Callable[[datetime], None]) -> None:
    with transaction():
        act(clock.db_now(db.session))


def _book(now: datetime) -> Rulebook:
    return rulebook.installation(now.astimezone(SHANGHAI).date())
