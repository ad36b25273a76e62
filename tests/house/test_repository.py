"""The repository itself: nothing of one machine in it, nothing unpinned, nothing overgrown."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Made by tools or by the running portal, see .gitignore.
MADE = {
    ".git",
    ".venv",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "node_modules",
    "portal/static",
    "translations/zh_Hans_CN",
    "var",
}
LOCKS = ["requirements.txt", "requirements-dev.txt", "requirements-assets.txt", ".ci/uv.txt"]

MACHINE_PATH = re.compile(r"(?<![\w.:/-])/(?:work|tmp|root|home|Users)/\w")
REGISTRY = re.compile(
    r"pypi\.(?:org|python)|python[h]osted|registry\.npmjs|npm[m]irror|yarn[p]kg|//deb\.debian"
    r"|mirrors?\.\w+\.(?:com|cn|edu|org)"
)
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
BARE_EXCEPTION = re.compile(r"# noqa(?:: ?[A-Z0-9, ]+)?$|# type: ignore$")

LONGEST = 600
MEASURED = {".py", ".html", ".js", ".css", ".mjs", ".txt"}


def files() -> Iterator[tuple[str, Path]]:
    """Every file that belongs to the repository, as (path from the root, path)."""
    for folder, inner, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        inner[:] = sorted(d for d in inner if d not in MADE and (here / d).as_posix() not in MADE)
        for name in sorted(names):
            if not name.startswith(".coverage"):
                yield (here / name).as_posix(), Path(folder, name)


def text_files() -> Iterator[tuple[str, str]]:
    """Every text file of the repository with its text."""
    for name, path in files():
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Where the pattern is found: file:line: what was found."""
    return [
        f"{name}:{number}: {match.group(0)}"
        for name, text in text_files()
        for number, line in enumerate(text.splitlines(), 1)
        if (match := pattern.search(line))
    ]


def test_the_walk_sees_the_repository() -> None:
    names = {name for name, _ in files()}

    assert {"Makefile", "pyproject.toml", "wsgi.py", ".ci/run", "LICENSE"} <= names
    assert not [name for name in names if name.startswith((".venv/", "node_modules/"))]


def test_no_address_of_a_package_index() -> None:
    assert lines_with(REGISTRY) == []


def test_no_path_of_one_machine() -> None:
    assert lines_with(MACHINE_PATH) == []


def test_nothing_is_left_to_do() -> None:
    assert lines_with(UNFINISHED) == []


def test_every_silenced_rule_says_why() -> None:
    bare = [line for line in lines_with(BARE_EXCEPTION) if ".py:" in line]

    assert bare == [], "write the reason behind it: # noqa: S104 - the container's own address"


@pytest.mark.parametrize("name", LOCKS)
def test_python_packages_are_pinned_with_hashes(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]

    assert packages
    for line in packages:
        assert re.match(r"[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+ ", line), line
        assert "--hash=sha256:" in line, line
        assert "://" not in line, line


def test_the_small_locks_agree_with_the_whole() -> None:
    whole = set(_pins("requirements-dev.txt"))

    for name in ("requirements.txt", "requirements-assets.txt"):
        assert set(_pins(name)) <= whole


def _pins(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?(==[^\s;]+)", text, re.MULTILINE)


def test_node_packages_are_pinned_without_an_address() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock_text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    locked = json.loads(lock_text)["packages"]

    assert "://" not in lock_text
    for group in ("dependencies", "devDependencies"):
        for package, version in wanted[group].items():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version), package
            assert locked[f"node_modules/{package}"]["version"] == version
    assert all("integrity" in entry for path, entry in locked.items() if path)


def test_no_file_is_overgrown() -> None:
    long = {
        name: count
        for name, text in text_files()
        if name.startswith(("portal/", "tests/", "templates/", "translations/build", ".ci/"))
        and Path(name).suffix in MEASURED
        and (count := text.count("\n")) > LONGEST
    }

    assert long == {}, "split it along its drawers"


def test_what_tools_make_is_not_committed() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()

    assert {
        ".venv/",
        "node_modules/",
        "portal/static/",
        "translations/zh_Hans_CN/",
        "/var/",
    } <= set(ignored)


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
