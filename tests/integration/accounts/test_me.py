"""One's own page."""

import re
from email import message_from_bytes, policy
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from portal.accounts.models import BrowserSession, ContactPoint
from portal.accounts.states import ContactKind
from portal.core.db import db
from tests.factories.world import World
from tests.support.page_client import PageClient


def letters(app: Flask) -> list[str]:
    """Return the text of the letters in the mailbox folder, oldest first."""
    folder: Path = app.config["SETTINGS"].mailbox_dir
    found = []
    for file in sorted(folder.glob("*.eml")):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        found.append(f"{letter['To']} {letter['Subject']} {letter.get_content()}")
    return found


def addresses() -> list[str]:
    """Return the mail addresses of residents that are in use."""
    return [
        row.value
        for row in db.session.scalars(
            select(ContactPoint).where(ContactPoint.kind == ContactKind.EMAIL)
        )
        if row.value.startswith("li@")
    ]


def test_a_stranger_is_asked_to_sign_in(client: PageClient) -> None:
    assert client.get("/me").path == "/sign-in"


def test_name_and_language_can_be_changed(world: World, client: PageClient) -> None:
    page = client.sign_in("li").get("/me/name")
    page = page.form("Save").submit(public_name="李阿姨", lang="en")
    assert page.path == "/me"
    assert "李阿姨" in page.main
    assert "English" in page.main
    again = client.get("/me/name").form("Save").submit(public_name="", expect=422)
    assert "what to call you" in again


def test_a_mail_address_is_used_only_after_its_code(world: World, client: PageClient) -> None:
    page = (
        client.sign_in("li").get("/me/mail").form("Send me the code").submit(mail="li@example.cn")
    )
    assert not addresses()
    code = re.search(r"\d{6}", letters(client.app)[-1])
    assert code
    page = page.form("Save").submit(code="x", expect=422)
    page = page.form("Save").submit(code=code[0])
    assert "li@example.cn" in page.main
    page = client.get("/me/mail").form("No more letters").submit()
    assert "li@example.cn" not in page.main


def test_a_bad_mail_address_is_said_so(world: World, client: PageClient) -> None:
    form = client.sign_in("li").get("/me/mail").form("Send me the code")
    assert "does not look like" in form.submit(mail="li at example", expect=422)


def test_all_browsers_can_be_signed_out(world: World, client: PageClient) -> None:
    other = client.again().sign_in("li")
    page = client.sign_in("li").get("/me")
    page.form("sign-out-everywhere").submit()
    assert other.get("/me").path == "/sign-in"
    assert all(row.ended_at for row in db.session.scalars(select(BrowserSession)))
