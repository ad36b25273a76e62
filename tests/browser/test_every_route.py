"""Every page once under axe, the axes paired: who reads it, window, language, edition."""

from itertools import cycle

import pytest
from flask import Flask

from tests.support import permissions
from tests.support.scenario import build

# Every pair of window, language, text size and contrast stands in these eight.
WAYS = [
    ("phone", "zh", "", ""),
    ("desk", "en", "elder", ""),
    ("phone", "en", "elder-xl", "contrast"),
    ("desk", "zh", "elder-xl", "outdoors"),
    ("phone", "zh", "elder", "outdoors"),
    ("desk", "zh", "elder", "contrast"),
    ("phone", "en", "", "outdoors"),
    ("desk", "en", "", "contrast"),
    ("desk", "zh", "", ""),
    ("phone", "zh", "elder-xl", ""),
]
NO_PAGE = ("/healthz", "/readyz", "/dispatch/queue", "/report/photos", "/notices/<key>")
STYLEGUIDE = ["index", "home", "board", "whistle", "wall"]


def _pages(app: Flask, made) -> list[tuple[str, str | None]]:
    """Return each page's address with the first of the cast whom its door lets in."""
    stored = permissions.stored()
    found: list[tuple[str, str | None]] = []
    with app.test_request_context():
        for door in permissions.doors(app, made):
            row = stored.get(door.name, [])
            is_picture = "size" in door.rule.arguments
            if door.method != "GET" or is_picture or door.rule.rule.startswith(NO_PAGE):
                continue
            keys = list(permissions.ROLES.values())
            let_in = [key for key, cell in zip(keys, row, strict=True) if cell == "yes"]
            if let_in:
                found.append((app.url_for(door.endpoint, **door.values), let_in[0]))
    return found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_page_breaks_axe(app, world, reader) -> None:
    made = build(world)
    faults: list[str] = []
    readers = {}
    ways = cycle(WAYS)
    for url, key in _pages(app, made):
        way = next(ways)
        if (key, way) not in readers:
            size, lang, text, contrast = way
            readers[key, way] = reader(key, size=size, lang=lang, text=text, contrast=contrast)
        one = readers[key, way].open(url)
        faults += [f"{key} {way}: {fault}" for fault in one.faults]
        one.faults.clear()

    assert faults == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_style_guide_breaks_nothing(reader) -> None:
    one = reader(size="desk")
    for page in STYLEGUIDE:
        one.open(f"/styleguide/{page}" if page != "index" else "/styleguide")

    assert one.faults == []
