"""Letters leave at most once; a cut hand-over is uncertain and waits for a person."""

import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import ContactPoint
from portal.accounts.states import ContactKind
from portal.core.db import db
from portal.core.uow import transaction
from portal.notifications import jobs, services
from portal.notifications.mailers import (
    Doubtful,
    FolderMailer,
    Mailer,
    Rejected,
    SmtpMailer,
    Unreachable,
)
from portal.notifications.matters import MATTERS
from portal.notifications.models import Mail
from portal.notifications.states import MailState
from tests.factories.problems import make
from tests.factories.world import World
from tests.integration.notifications.conftest import SmtpServer

Send = Callable[..., None]
Run = Callable[[], None]


def queue_one(world: World, run_work: Run) -> Mail:
    """Let one mail be due: to 曹磊, whose unit holds a problem."""
    make(world, "assigned", holder="cao")
    run_work()
    return db.session.scalars(select(Mail)).one()


def state(mail_id: int) -> MailState:
    """Return where a mail stands now."""
    db.session.rollback()
    return db.session.scalars(select(Mail.state).where(Mail.id == mail_id)).one()


def letter(to: str = "cao@example.cn") -> EmailMessage:
    """Write a letter."""
    found = EmailMessage()
    found["From"], found["To"] = "no-reply@localhost", to
    found["Subject"] = "路灯坏了"
    found["Date"] = "Wed, 25 Nov 2026 09:30:00 +0800"
    found["Message-ID"] = "<one@localhost>"
    found.set_content("街道接下了。")
    return found


def test_a_letter_reaches_a_real_server(
    world: World, run_work: Run, send_mail: Send, smtp_server: SmtpServer
) -> None:
    mail = queue_one(world, run_work)
    send_mail(SmtpMailer(smtp_server.url))
    assert state(mail.id) is MailState.SENT
    got = smtp_server.postman.letters[0]
    assert got["To"] == "cao@example.cn"
    assert got["Message-ID"].startswith(f"<{mail.message_id}@")
    assert "路灯" in got["Subject"] or "道灯" in got["Subject"]
    assert "http://localhost:5000/p/" in got.get_content()
    assert "1390000000" not in got.get_content()
    send_mail(SmtpMailer(smtp_server.url))
    assert len(smtp_server.postman.letters) == 1


@pytest.fixture(params=["smtp", "folder"])
def mailer(
    request: pytest.FixtureRequest, tmp_path: Path, smtp_server: SmtpServer
) -> tuple[Mailer, Callable[[], int]]:
    """Both mailers, and how many letters each delivered."""
    if request.param == "smtp":
        return SmtpMailer(smtp_server.url), lambda: len(smtp_server.postman.letters)
    return FolderMailer(tmp_path / "box"), lambda: len(list((tmp_path / "box").glob("*.eml")))


def test_both_mailers_keep_the_contract(mailer: tuple[Mailer, Callable[[], int]]) -> None:
    one, delivered = mailer
    one.hand_over(letter())
    assert delivered() == 1


def test_a_mailer_that_can_not_deliver_says_unreachable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    for mailer in (SmtpMailer(f"smtp://127.0.0.1:{port}"), FolderMailer(tmp_path / "file" / "box")):
        with pytest.raises(Unreachable):
            mailer.hand_over(letter())


def test_each_failure_is_told_apart(smtp_server: SmtpServer) -> None:
    mailer = SmtpMailer(smtp_server.url)
    with pytest.raises(Rejected):
        mailer.hand_over(letter("gone@example.cn"))
    smtp_server.postman.answers = ["451 later", "554 never"]
    with pytest.raises(Unreachable):
        mailer.hand_over(letter())
    with pytest.raises(Rejected):
        mailer.hand_over(letter())
    smtp_server.postman.cut_next = True
    with pytest.raises(Doubtful):
        mailer.hand_over(letter())


def test_a_server_that_is_down_loses_nothing(
    world: World, run_work: Run, send_mail: Send, smtp_server: SmtpServer, travel: Any
) -> None:
    mail = queue_one(world, run_work)
    down = SmtpMailer("smtp://127.0.0.1:1")
    for _ in range(5):
        send_mail(down)
        assert state(mail.id) is MailState.QUEUED
        travel(minutes=10)
    send_mail(SmtpMailer(smtp_server.url))
    assert state(mail.id) is MailState.SENT
    assert len(smtp_server.postman.letters) == 1


def test_a_mail_is_given_up_when_it_is_too_old(
    world: World, run_work: Run, send_mail: Send, travel: Any
) -> None:
    mail = queue_one(world, run_work)
    travel(days=4)
    send_mail(SmtpMailer("smtp://127.0.0.1:1"))
    assert state(mail.id) is MailState.FAILED


def test_a_line_cut_in_the_middle_is_uncertain_and_not_sent_again(
    world: World, run_work: Run, send_mail: Send, smtp_server: SmtpServer, travel: Any
) -> None:
    mail = queue_one(world, run_work)
    smtp_server.postman.cut_next = True
    send_mail(SmtpMailer(smtp_server.url))
    assert state(mail.id) is MailState.UNCERTAIN
    travel(days=1)
    send_mail(SmtpMailer(smtp_server.url))
    assert len(smtp_server.postman.letters) == 1


class Killed(BaseException):
    """The worker is gone, with nothing cleaned up after it."""


class KilledMidway:
    """Delivers, and then the worker is killed before it can note it."""

    def hand_over(self, _letter: EmailMessage) -> None:
        raise Killed


def test_a_worker_killed_between_sending_and_sent_leaves_an_uncertain_mail(
    world: World, run_work: Run, send_mail: Send, smtp_server: SmtpServer, travel: Any
) -> None:
    mail = queue_one(world, run_work)
    with pytest.raises(Killed):
        send_mail(KilledMidway())
    assert state(mail.id) is MailState.SENDING
    jobs.doubt_silent()
    assert state(mail.id) is MailState.SENDING
    travel(minutes=6)
    jobs.doubt_silent()
    assert state(mail.id) is MailState.UNCERTAIN
    send_mail(SmtpMailer(smtp_server.url))
    assert not smtp_server.postman.letters
    with transaction():
        assert services.resend(mail.id, actor_id=None, now=datetime.now(UTC))
    send_mail(SmtpMailer(smtp_server.url))
    assert state(mail.id) is MailState.SENT
    with transaction():
        assert not services.resend(mail.id, actor_id=None, now=datetime.now(UTC))


def test_a_person_gets_only_so_many_mails_an_hour(
    world: World, run_work: Run, send_mail: Send, smtp_server: SmtpServer, travel: Any
) -> None:
    for _ in range(8):
        make(world, "assigned", holder="cao")
    run_work()
    send_mail(SmtpMailer(smtp_server.url))
    assert len(smtp_server.postman.letters) == 6
    travel(minutes=59)
    send_mail(SmtpMailer(smtp_server.url))
    assert len(smtp_server.postman.letters) == 6
    travel(minutes=2)
    send_mail(SmtpMailer(smtp_server.url))
    assert len(smtp_server.postman.letters) == 8


def test_who_took_the_address_away_gets_nothing(
    world: World, run_work: Run, send_mail: Send, smtp_server: SmtpServer
) -> None:
    mail = queue_one(world, run_work)
    with transaction():
        for row in db.session.scalars(
            select(ContactPoint).where(
                ContactPoint.person_id == mail.person_id, ContactPoint.kind == ContactKind.EMAIL
            )
        ):
            db.session.delete(row)
    send_mail(SmtpMailer(smtp_server.url))
    assert state(mail.id) is MailState.FAILED
    assert not smtp_server.postman.letters


def test_without_a_server_mail_waits(world: World, run_work: Run, app: Flask) -> None:
    mail = queue_one(world, run_work)
    post = app.extensions["post"]
    assert not jobs.send_next(jobs.Post(None, post.write, post.base_url))
    assert state(mail.id) is MailState.QUEUED
    assert mail.created_at > datetime.now(UTC) - timedelta(minutes=1)


def test_every_letter_is_worded_in_both_languages(world: World, run_work: Run, app: Flask) -> None:
    mail = queue_one(world, run_work)
    post = app.extensions["post"]
    for name in {matter.name for matter in MATTERS if matter.mail}:
        db.session.rollback()
        row = db.session.get_one(Mail, mail.id)
        row.matter = name
        made = jobs.compose(row, post)
        assert made is not None
        assert "道灯" in made["Subject"]
        assert any("\u4e00" <= char <= "\u9fff" for char in str(made["Subject"]).split("：")[0])
        db.session.rollback()
