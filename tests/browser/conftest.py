"""A real Chromium; without one the browser tests say that they did not run."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.reader import Reader

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, one a worker of the suite."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - starts a driver

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("not run: Chromium is absent")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def reader(chromium: Any, app: Any, live: Any) -> Iterator[Callable[..., Reader]]:
    """Make readers: `reader("zhao", size="phone", lang="zh", js=True)`."""
    made: list[Reader] = []

    def make(key: str | None = None, **how: Any) -> Reader:
        made.append(Reader(chromium, app, live.url, key, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, and use one database: pages are the same on both."""
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
