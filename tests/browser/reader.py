"""A person at a real browser: what they press, and what every page they see must keep.

Forms and links are found by their addresses, so that a story reads the same in each language.
"""

import re
from pathlib import Path
from typing import Any

from flask import Flask

from tests.factories.world import HERE
from tests.support.page_client import PageClient

SIZES = {"phone": (390, 844), "desk": (1440, 900)}
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(
  v => v.id + ' (' + v.impact + '): ' + v.help + ' at '
    + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 120)).join(' | '))"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Reader:
    """One browser window with its own cookies; keeps a list of all faults it met."""

    def __init__(
        self,
        chromium: Any,
        app: Flask,
        url: str,
        key: str | None = None,
        *,
        size: str = "phone",
        lang: str = "zh",
        js: bool = True,
        text: str = "",
        contrast: str = "",
    ) -> None:
        width, height = SIZES[size]
        self.js, self.url = js, url
        self.faults: list[str] = []
        self.context = chromium.new_context(
            base_url=url,
            viewport={"width": width, "height": height},
            java_script_enabled=js,
            geolocation={"latitude": HERE[0], "longitude": HERE[1]},
            permissions=["geolocation"],
            reduced_motion="reduce",
        )
        cookies = {"lang": lang, "size": text, "contrast": contrast}
        if key is not None:
            cookies |= PageClient(app, live=url, check=False).sign_in(key).browser.cookies
            cookies["lang"] = lang
        self.context.add_cookies(
            [{"name": n, "value": v, "url": url} for n, v in cookies.items() if v]
        )
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def _heard(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"console at {self.page.url}: {message.text}")

    def _answered(self, response: Any) -> None:
        is_page = response.request.resource_type == "document"
        if response.status >= 500 or (is_page and response.status >= 400):
            self.faults.append(f"{response.status} from {response.url}")

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    # --- looking ----------------------------------------------------------------------------

    def look(self) -> None:
        """Hold the page at hand against axe and the width of the window."""
        where = self.page.url.removeprefix(self.url)
        if not self.js:
            return
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        self.faults += [f"{where}: {found}" for found in self.page.evaluate(RUN_AXE)]
        if self.page.evaluate(OVERFLOW) > 1:
            self.faults.append(f"{where}: wider than the window")

    def open(self, path: str) -> "Reader":
        """Go to an address of the portal and look."""
        self.page.goto("about:blank")  # a page that refreshes itself must not cross our way
        answer = self.page.goto(path)
        if answer is not None and answer.status >= 400:
            self.faults.append(f"{answer.status} at {path}")
        self.look()
        return self

    @property
    def text(self) -> str:
        """The words of the page."""
        return str(self.page.locator("body").inner_text())

    @property
    def path(self) -> str:
        """Where the reader is."""
        return str(self.page.url).removeprefix(self.url)

    # --- acting -----------------------------------------------------------------------------

    def follow(self, address: str) -> "Reader":
        """Press the first link that leads to an address ending so."""
        link = self.page.locator(f'main a[href$="{address}"], a[href$="{address}"]')
        if link.count() == 0:
            raise AssertionError(f"{self.path}: no link to {address}: {self.refused()}")
        link.first.click()
        self.page.wait_for_load_state()
        self.look()
        return self

    def refused(self) -> str:
        """Return what the page says where a form was not taken."""
        return str(self.page.locator("main").inner_text())[:1500]

    def fill(self, form: str, **fields: Any) -> Any:
        """Fill in the form whose id or address contains `form`; return it."""
        found = self.page.locator(f'form[action*="{form}"], form#{re.sub(r"[^a-z-]", "", form)}')
        if found.count() == 0:
            found = self.page.locator("main form[method=post]:not([action])")
        found = found.first
        for name, value in fields.items():
            control = self.page.locator(f'[name="{name}"]')
            kind = control.first.evaluate("e => e.type") if self.js else self._kind(control)
            if kind == "file":
                control.first.set_input_files(value)
            elif kind.startswith("select"):
                control.first.select_option(value)
            elif kind == "radio":
                self.page.locator(f'[name="{name}"][value="{value}"]').check(force=True)
            elif kind == "checkbox":
                for box in control.all():
                    box.set_checked(box.get_attribute("value") in value, force=True)
            else:
                control.first.fill(value)
        return found

    def _kind(self, control: Any) -> str:
        tag = control.first.evaluate("e => e.tagName.toLowerCase()")
        return "select" if tag == "select" else str(control.first.get_attribute("type") or "text")

    def send(self, form: str, button: str = "", **fields: Any) -> "Reader":
        """Fill in and press the form's button."""
        found = self.fill(form, **fields)
        pressed = found.locator(button or "button[type=submit], button:not([type])").last
        if pressed.count() == 0:
            name = found.get_attribute("id")
            pressed = self.page.locator(f'button[form="{name}"]').first
        with self.page.expect_navigation() as answer:
            pressed.click()
        if answer.value is not None and answer.value.status >= 400:
            raise AssertionError(f"{answer.value.status} at {self.path}: {self.refused()}")
        self.look()
        return self
