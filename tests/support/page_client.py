"""A reader at a browser without scripts: reads pages, follows links, fills in forms.

    page = client.get("/")
    page = page.click("Report a problem")
    page = page.form("Send").submit(body="路灯坏了", photos=[picture()])
    assert "2611" in page.text

Every HTML page it gets is checked (see `page_checks`); a page that does not keep the rules, or a
status that was not expected, fails the test. Redirects are followed as a browser does.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

from flask import Flask, has_app_context
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse

from portal.accounts import cast, desk, services
from portal.accounts.models import Account
from portal.core import clock
from portal.core.db import db
from portal.core.uow import transaction
from tests.support import page_checks
from tests.support.live import Wire
from tests.support.page_checks import words

HOPS = 5
ORIGIN = "http://localhost:5000"


class Browser(FlaskClient):
    """Flask's test client, each request with an application context of its own.

    So a test may keep one open: what it loaded is expired after each request, as others changed it.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send one request and read its whole answer."""
        kwargs.setdefault("buffered", True)
        kwargs.setdefault("base_url", ORIGIN)
        try:
            with self.application.app_context():
                return super().open(*args, **kwargs)
        finally:
            if has_app_context():
                db.session.rollback()


class PageClient:
    """One reader with one cookie jar. Pages come in English unless `lang` says otherwise."""

    def __init__(
        self, app: Flask, lang: str = "en", *, check: bool = True, live: str | None = None
    ) -> None:
        app.test_client_class = Browser
        self.app, self.live = app, live
        self.origin = live or ORIGIN
        self.browser: Any = Wire(live) if live else app.test_client()
        self.check = check
        self.browser.set_cookie("lang", lang, domain="localhost")

    def again(self, lang: str = "en") -> "PageClient":
        """Return another reader of the same portal."""
        return PageClient(self.app, lang, check=self.check, live=self.live)

    def cookie(self, name: str, value: str) -> None:
        """Set a cookie, such as `size`."""
        self.browser.set_cookie(name, value, domain="localhost")

    def sign_in(self, key: str) -> "PageClient":
        """Sign in as somebody of the cast without the forms (stories use the forms)."""
        with self.app.app_context():
            account_id = cast.account_of(key) or db.session.scalar(
                select(Account.id).where(Account.login == key)
            )
            assert account_id is not None, f"nobody of the cast is called {key}"
            self.sign_in_account(account_id)
        return self

    def sign_in_account(self, account_id: int) -> "PageClient":
        """Sign in to an account without the forms."""
        with self.app.test_request_context(base_url=ORIGIN), transaction():
            token = services.start_session_of(
                account_id, way="test", limits=desk.limits(), now=clock.now()
            )
        signed = {"_user_id": token, "_fresh": True, "_permanent": True}
        if self.live:
            serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
            assert serializer is not None
            name = self.app.config["SESSION_COOKIE_NAME"]
            self.browser.set_cookie(name, serializer.dumps(signed))
            return self
        with self.app.app_context(), self.browser.session_transaction(base_url=ORIGIN) as session:
            session.update(signed)
        return self

    def get(self, url: str, expect: int = 200, **kwargs: Any) -> "Page":
        """Read a page."""
        return self._follow(self.browser.get(url, **kwargs), url, expect)

    def post(self, url: str, data: Any = None, expect: int = 200, **kwargs: Any) -> "Page":
        """Send a form."""
        return self._follow(self.browser.post(url, data=data, **kwargs), url, expect)

    def _follow(self, response: TestResponse, url: str, expect: int) -> "Page":
        for _hop in range(HOPS):
            if not 300 <= response.status_code < 400 or expect == response.status_code:
                break
            url = urljoin(url, response.location)
            assert urlsplit(url).netloc in {"", urlsplit(self.origin).netloc}, f"led to {url}"
            if response.status_code in {307, 308}:
                raise AssertionError(f"{url}: a form must be answered with 303")
            response = self.browser.get(url)
        else:
            raise AssertionError(f"{url}: more than {HOPS} redirects")
        page = Page(self, response, url)
        if response.status_code != expect:
            raise AssertionError(
                f"{url} answered {response.status_code}, expected {expect}: {page.text[:1500]}"
            )
        return page


class Page:
    """One answer, as a reader sees it."""

    def __init__(self, client: PageClient, response: TestResponse, url: str) -> None:
        self.client, self.response, self.url = client, response, url
        self.status = response.status_code
        self.is_html = response.mimetype == "text/html"
        self.html = response.get_data(as_text=True) if self.is_html else ""
        if not self.is_html:
            return
        self.document, wrong = page_checks.parse(self.html)
        if client.check:
            policy = response.headers.get("Content-Security-Policy", "")
            nonce = re.search(r"'nonce-([^']+)'", policy)
            wrong += page_checks.faults(self.document, nonce.group(1) if nonce else None)
            if wrong:
                listed = "\n  ".join(wrong)
                raise AssertionError(f"{url} ({self.status}) is not fit to be read:\n  {listed}")

    def __contains__(self, text: str) -> bool:
        return text in self.text

    @property
    def text(self) -> str:
        """All words of the page."""
        return words(self.document) if self.is_html else self.response.get_data(as_text=True)

    @property
    def main(self) -> str:
        """The words of the page's own part."""
        found = self.document.find(".//main")
        return words(found) if found is not None else self.text

    @property
    def h1(self) -> str:
        """The heading."""
        return words(next(self.document.iter("h1")))

    @property
    def path(self) -> str:
        """The address, without host and query."""
        return urlsplit(self.url).path

    def find_all(self, tag: str, **attributes: str) -> list[Element]:
        """Return the elements of this kind whose attributes have these values."""
        return [
            e
            for e in self.document.iter(tag)
            if all(e.get(name.rstrip("_")) == value for name, value in attributes.items())
        ]

    def links(self) -> dict[str, str]:
        """Return where the links lead, by their words."""
        return {
            words(e) or e.get("aria-label") or "": e.get("href") or ""
            for e in self.document.iter("a")
            if e.get("href")
        }

    def has_link(self, text: str) -> bool:
        """Tell whether a link says this."""
        return any(text in said for said in self.links())

    def click(self, text: str, expect: int = 200) -> "Page":
        """Follow the link that says this; the one that says exactly this comes first."""
        links = self.links()
        hits = [url for said, url in links.items() if said == text] or [
            url for said, url in links.items() if text in said
        ]
        if len(set(hits)) != 1:
            raise AssertionError(f"{self.url}: {len(hits)} links say {text!r}; there are {links}")
        return self.client.get(urljoin(self.url, hits[0]), expect)

    def follow(self, address: str, expect: int = 200) -> "Page":
        """Follow the link that leads to this address, whatever it says."""
        if address not in self.links().values():
            raise AssertionError(f"{self.url}: no link leads to {address}: {self.links()}")
        return self.client.get(address, expect)

    def reload(self, expect: int = 200) -> "Page":
        """Read the page again."""
        return self.client.get(self.url, expect)

    def forms(self) -> list["Form"]:
        """Return the page's forms."""
        return [Form(self, e) for e in self.document.iter("form")]

    def has_form(self, name: str) -> bool:
        """Tell whether there is such a form (see `form`)."""
        return any(form.answers_to(name) for form in self.forms())

    def form(self, name: str, nth: int | None = None) -> "Form":
        """Return the form whose button says `name`, or whose id or action's last part is it."""
        found = [form for form in self.forms() if form.answers_to(name)]
        if nth is not None:
            return found[nth]
        if len(found) != 1:
            listed = [f"{form.action}: {form.buttons}" for form in self.forms()]
            raise AssertionError(f"{self.url}: {len(found)} forms {name!r}; there are {listed}")
        return found[0]


@dataclass
class _Control:
    """One name of a form: its kind, what it holds, what it may hold."""

    kind: str
    value: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)


class Form:
    """A form as it was drawn; hidden fields go along by themselves."""

    def __init__(self, page: Page, element: Element) -> None:
        self.page, self.element = page, element
        self.action = element.get("action") or page.url
        self.method = (element.get("method") or "get").lower()
        self.buttons: dict[str, Element] = {}
        self.controls: dict[str, _Control] = {}
        labels = {e.get("for"): words(e) for e in page.document.iter("label") if e.get("for")}
        inside = {
            e: words(label) for label in element.iter("label") for e in label if e.tag == "input"
        }
        for e in element.iter():
            self._take(e, inside.get(e) or labels.get(e.get("id")) or "")
        for e in page.document.iter():
            if element.get("id") and isinstance(e.tag, str) and e.get("form") == element.get("id"):
                self._take(e, labels.get(e.get("id")) or "")

    def _take(self, e: Element, label: str) -> None:
        kind = (e.get("type") or "text").lower()
        if e.tag == "button" or (e.tag == "input" and kind in {"submit", "image"}):
            said = words(e) or e.get("aria-label") or e.get("value") or ""
            if e.get("disabled") is None and (e.get("type") or "submit") == "submit":
                self.buttons[said] = e
            return
        name = e.get("name")
        if name is None or e.get("disabled") is not None:
            return
        if e.tag == "textarea":
            self.controls[name] = _Control("text", ["".join(e.itertext()).removeprefix("\n")])
        elif e.tag == "select":
            self._take_select(name, e)
        elif e.tag == "input" and kind in {"checkbox", "radio"}:
            control = self.controls.setdefault(name, _Control(kind))
            value = e.get("value") or "on"
            control.options[value] = label
            if e.get("checked") is not None:
                control.value.append(value)
        elif e.tag == "input" and kind == "file":
            self.controls.setdefault(name, _Control("file"))
        elif e.tag == "input":
            control = self.controls.setdefault(name, _Control(kind))
            control.value.append(e.get("value") or "")

    def _take_select(self, name: str, e: Element) -> None:
        control = _Control("select")
        for option in e.iter("option"):
            value = option.get("value")
            value = words(option) if value is None else value
            control.options[value] = words(option)
            if option.get("selected") is not None:
                control.value.append(value)
        if not control.value and control.options and e.get("multiple") is None:
            control.value.append(next(iter(control.options)))
        self.controls[name] = control

    def answers_to(self, name: str) -> bool:
        """Tell whether a button says `name`, or the id or the action's last part is it."""
        path = urlsplit(self.action).path.rstrip("/")
        return (
            any(name == said for said in self.buttons)
            or any(name in said for said in self.buttons)
            or self.element.get("id") == name
            or path.rpartition("/")[2] == name
            or path == name
        )

    def value(self, name: str) -> str:
        """Return what the form holds under a name."""
        return self.controls[name].value[0] if self.controls[name].value else ""

    def options(self, name: str) -> dict[str, str]:
        """Return what may be chosen under a name: value to words."""
        return self.controls[name].options

    def submit(self, button: str | None = None, expect: int = 200, **filled: Any) -> Page:
        """Fill in and send; an unknown name or choice is the test's fault and fails it."""
        url, data = self._filled_in(button, filled)
        client = self.page.client
        if self.method == "get":
            return client.get(url.partition("?")[0], expect, query_string=data)
        return client.post(url, data, expect, headers=self._headers())

    def ready(self, button: str | None = None, **filled: Any) -> Callable[[], Any]:
        """Fill in and return what sends it, once for each call, without following the answer."""
        url, data = self._filled_in(button, filled)
        browser, headers = self.page.client.browser, self._headers()
        return lambda: browser.post(url, data=data, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Referer": urljoin(self.page.client.origin, self.page.url)}

    def _filled_in(self, button: str | None, filled: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        data: dict[str, Any] = {
            name: list(control.value)
            for name, control in self.controls.items()
            if control.value and control.kind != "file"
        }
        for name, value in filled.items():
            data[name] = self._filled(name, value)
        pressed = self._pressed(button)
        if pressed is not None and pressed.get("name"):
            data[str(pressed.get("name"))] = [pressed.get("value") or ""]
        url = urljoin(self.page.url, self.action)
        if pressed is not None and pressed.get("formaction"):
            url = urljoin(self.page.url, str(pressed.get("formaction")))
        return url, data

    def _pressed(self, button: str | None) -> Element | None:
        if button is None:
            return next(iter(self.buttons.values()), None)
        found = [e for said, e in self.buttons.items() if button in said]
        assert found, f"{self.action} has no button {button!r}, only {list(self.buttons)}"
        return found[0]

    def _filled(self, name: str, value: Any) -> list[Any]:
        if name not in self.controls:
            raise AssertionError(f"{self.action} has no field {name!r}: {sorted(self.controls)}")
        control = self.controls[name]
        values = value if isinstance(value, list | tuple) else [value]
        if control.kind == "file":
            return [FileStorage(v.stream, v.filename, name, v.content_type) for v in values]
        if control.kind == "checkbox" and isinstance(value, bool):
            return list(control.options) if value else []
        if control.kind in {"select", "radio", "checkbox"}:
            return [self._chosen(name, control, str(v)) for v in values]
        return [str(v) for v in values]

    def _chosen(self, name: str, control: _Control, wanted: str) -> str:
        if wanted in control.options:
            return wanted
        hits = [value for value, said in control.options.items() if said == wanted] or [
            value for value, said in control.options.items() if wanted in said
        ]
        if len(hits) != 1:
            raise AssertionError(f"{name} offers {control.options}, not {wanted!r}")
        return hits[0]
