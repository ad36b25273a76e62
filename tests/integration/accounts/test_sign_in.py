"""Signing in: by code, by password, and who is kept out."""

import re
import time
from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.accounts import desk
from portal.accounts.models import Account, BrowserSession, FailedTry, Person, PhoneCode
from portal.accounts.services.tries import address_hash
from portal.audit.models import AuditEntry
from portal.core.db import db
from portal.core.settings import Mode
from tests.factories.world import PASSWORD, World
from tests.support.moment import Clock
from tests.support.page_client import ORIGIN, Page, PageClient

KNOWN, UNKNOWN = "13900000001", "13911112222"


def ask(client: PageClient, phone: str, target: str = "/me") -> Page:
    """Walk to the page that asks for the code."""
    return client.get(f"/sign-in?next={target}").form("Send me the code").submit(phone=phone)


def shown(page: Page) -> str:
    """Return the code that the demonstration shows."""
    found = re.search(r"Your code is (\d{6})", page.text)
    assert found, page.text
    return found[1]


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 10**6:06d}"


def password(client: PageClient, login: str, word: str, expect: int = 200) -> Page:
    """Fill in the staff form."""
    form = client.get("/sign-in/password?next=/me").form("Sign in")
    return form.submit(login=login, password=word, expect=expect)


def test_a_known_phone_signs_in_and_goes_where_it_wanted(world: World, client: PageClient) -> None:
    page = ask(client, "139 0000 0001")
    page = page.form("Sign in").submit(code=shown(page))
    assert page.path == "/me"
    assert "王女士" in page
    assert "139****0001" in page
    assert KNOWN not in page.html


def test_a_first_sign_in_makes_the_person(world: World, client: PageClient) -> None:
    before = db.session.scalar(select(func.count()).select_from(Person))
    page = ask(client, UNKNOWN)
    page = page.form("Sign in").submit(code=f" {shown(page)[:3]} {shown(page)[3:]} ")
    assert "居民" in page
    assert db.session.scalar(select(func.count()).select_from(Person)) == (before or 0) + 1
    assert db.session.scalar(select(func.count()).select_from(BrowserSession)) == 1


def test_a_known_and_an_unknown_phone_get_the_same_pages(world: World, client: PageClient) -> None:
    pages = []
    for phone in (KNOWN, UNKNOWN):
        reader = client.again()
        page = ask(reader, phone)
        refused = page.form("Sign in").submit(code=wrong(shown(page)), expect=422)
        pages.append(
            [
                re.sub(r'\d{6}|\d{3}\*{4}\d{4}|value="[^"]*"|nonce="[^"]*"', "…", each.html)
                for each in (page, refused)
            ]
        )
    assert pages[0] == pages[1]
    assert "not right" in pages[0][1]


def test_a_code_works_once_and_not_for_long(
    world: World, client: PageClient, travel: Clock
) -> None:
    page = ask(client, KNOWN)
    code = shown(page)
    page.form("Sign in").submit(code=code)
    other = client.again()
    travel(minutes=2)
    page = ask(other, KNOWN)
    again = page.form("Sign in").submit(code=code, expect=422)
    travel(minutes=11)
    late = again.form("Sign in").submit(code=shown(page), expect=422)
    assert "run out" in late


def test_codes_can_not_be_asked_for_in_a_row(
    world: World, client: PageClient, travel: Clock
) -> None:
    ask(client, KNOWN)
    form = client.get("/sign-in").form("Send me the code")
    assert "wait a minute" in form.submit(phone=KNOWN, expect=422)
    for _ in range(4):
        travel(minutes=2)
        ask(client, KNOWN)
    travel(minutes=2)
    form = client.get("/sign-in").form("Send me the code")
    assert "wait an hour" in form.submit(phone=KNOWN, expect=422)


@pytest.mark.parametrize("phone", [KNOWN, UNKNOWN])
def test_ten_wrong_codes_lock_the_phone_for_a_while(
    world: World, client: PageClient, travel: Clock, phone: str
) -> None:
    page = ask(client, phone)
    code = shown(page)
    for _ in range(10):
        page = page.form("Sign in").submit(code=wrong(code), expect=422)
        assert "not right" in page
    locked = page.form("Sign in").submit(code=code, expect=422)
    assert "wait 15 minutes" in locked
    travel(minutes=16)
    page = ask(client, phone)
    assert page.form("Sign in").submit(code=shown(page)).path == "/me"


def test_staff_sign_in_with_a_password(world: World, client: PageClient) -> None:
    assert "赵敏" in password(client, "Zhao", PASSWORD)
    session = db.session.scalars(select(BrowserSession)).one()
    assert (session.expires_at - session.created_at).total_seconds() == 2 * 3600
    assert db.session.scalar(select(func.count()).select_from(FailedTry)) == 0


@pytest.mark.parametrize("login", ["zhao", "nobody"])
def test_ten_wrong_passwords_lock_the_name_known_or_not(
    world: World, client: PageClient, travel: Clock, login: str
) -> None:
    for number in range(10):
        page = password(client, login, f"guess {number}", 422)
        assert "Name or password is not right" in page
    page = password(client, login, PASSWORD, 422)
    assert "wait 15 minutes" in page
    travel(minutes=16)
    password(client, login, PASSWORD, 200 if login == "zhao" else 422)


def test_a_forwarding_header_opens_no_lock(world: World, client: PageClient) -> None:
    for number in range(10):
        client.browser.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        password(client, "zhao", "guess", 422)
    client.browser.environ_base["HTTP_X_FORWARDED_FOR"] = "198.51.100.7"
    assert "Too many tries" in password(client, "zhao", PASSWORD, 422)


def test_an_address_that_guesses_at_many_names_is_locked(world: World, client: PageClient) -> None:
    with client.app.test_request_context():
        limits = desk.limits()
    now = datetime.now(UTC)
    db.session.add_all(
        FailedTry(key_hash=address_hash("127.0.0.1"), at=now) for _ in range(limits.tries_address)
    )
    db.session.commit()
    assert "Too many tries" in password(client, "he", PASSWORD, 422)


def test_an_unknown_name_takes_as_long_as_a_known_one(world: World, client: PageClient) -> None:
    def seconds(login: str) -> float:
        times = []
        for _ in range(4):
            form = client.get("/sign-in/password").form("Sign in")
            begun = time.perf_counter()
            form.submit(login=login, password="wrong", expect=422)
            times.append(time.perf_counter() - begun)
        return min(times)

    with time_machine.travel(datetime.now(UTC), tick=True):
        known, unknown = seconds("zhao"), seconds("nobody")
    assert 0.4 < known / unknown < 2.5


def test_a_planted_cookie_gains_nothing(world: World, client: PageClient) -> None:
    """Session fixation: whoever knew the cookie before the sign-in is not signed in by it."""
    page = ask(client, KNOWN)
    planted = client.browser.get_cookie("wufang", domain="localhost")
    assert planted
    page.form("Sign in").submit(code=shown(page))
    after = client.browser.get_cookie("wufang", domain="localhost")
    assert after
    assert after.value != planted.value
    thief = client.again()
    thief.browser.set_cookie("wufang", planted.value, domain="localhost")
    assert thief.get("/me").path == "/sign-in"
    with client.browser.session_transaction(base_url=ORIGIN) as cookie:
        assert "signing_in" not in cookie


def test_signing_out_ends_the_row_so_a_kept_cookie_is_dead(
    world: World, client: PageClient
) -> None:
    client.sign_in("wang")
    kept = client.browser.get_cookie("wufang", domain="localhost")
    assert kept
    client.get("/me").form("sign-out").submit(expect=303)
    client.browser.set_cookie("wufang", kept.value, domain="localhost")
    assert client.get("/me").path == "/sign-in"
    assert db.session.scalars(select(BrowserSession)).one().ended_at is not None


def test_sessions_end_idle_and_at_the_latest_after_a_shift(
    world: World, client: PageClient, travel: Clock
) -> None:
    client.sign_in("zhao")
    travel(minutes=119)
    assert "赵敏" in client.get("/me")
    travel(minutes=119)
    assert "赵敏" in client.get("/me")
    travel(minutes=121)
    assert client.get("/me").path == "/sign-in"
    client.sign_in("zhao")
    for _ in range(7):
        travel(minutes=100)
        client.get("/me")
    travel(minutes=30)
    assert client.get("/me").path == "/sign-in"


def test_a_visit_is_noted_at_most_every_five_minutes(
    world: World, client: PageClient, travel: Clock
) -> None:
    client.sign_in("wang")

    def seen() -> datetime:
        return db.session.scalars(select(BrowserSession.last_seen_at)).one()

    first = seen()
    travel(minutes=4)
    client.get("/me")
    assert seen() == first
    travel(minutes=2)
    client.get("/me")
    assert seen() > first


def test_a_closed_account_is_out_at_once(world: World, client: PageClient) -> None:
    client.sign_in("zhao")
    account = db.session.scalars(select(Account).where(Account.login == "zhao")).one()
    account.disabled_at = datetime.now(UTC)
    db.session.commit()
    assert client.get("/me").path == "/sign-in"
    assert "not right" in password(client, "zhao", PASSWORD, 422)


def test_a_form_without_its_token_is_refused_with_a_page(world: World, client: PageClient) -> None:
    page = client.post("/sign-in", {"phone": KNOWN}, expect=400)
    assert "once more" in page.h1
    assert client.post("/sign-out", {}, expect=400).status == 400


def test_a_redirect_never_leaves_the_site(world: World, client: PageClient) -> None:
    page = ask(client, KNOWN, "https://evil.example/")
    form = page.form("Sign in")
    response = client.browser.post(
        "/sign-in/code",
        data={**{n: c.value[0] for n, c in form.controls.items() if c.value}, "code": shown(page)},
        headers={"Referer": ORIGIN},
    )
    assert response.status_code == 303
    assert response.location == "/"


def test_what_happened_is_audited_without_phones(world: World, client: PageClient) -> None:
    page = ask(client, KNOWN)
    page = page.form("Sign in").submit(code=wrong(shown(page)), expect=422)
    password(client, "zhao", "wrong", 422)
    client.sign_in("wang").get("/me").form("sign-out").submit(expect=303)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    tags = [entry.tag for entry in entries if entry.tag.startswith("accounts:")]
    assert tags == [
        "accounts:code:send",
        "accounts:session:refuse",
        "accounts:session:refuse",
        "accounts:session:start",
        "accounts:session:end",
    ]
    assert not any(KNOWN in str(entry.slots) for entry in entries)


def test_nothing_secret_is_stored_readable(world: World, client: PageClient) -> None:
    page = ask(client, KNOWN)
    code = shown(page)
    row = db.session.scalars(select(PhoneCode)).one()
    assert code not in row.code_hash
    assert KNOWN not in row.contact_hash


def test_a_service_has_no_demonstration_routes(app: Flask) -> None:
    assert app.config["SETTINGS"].mode is Mode.TEST
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("demo.")]
