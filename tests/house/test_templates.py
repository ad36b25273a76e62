"""Templates: no script or style inside, nothing unescaped, every component explained."""

import re
from pathlib import Path

import pytest

from tests.support.source import ROOT, templates

ALL = templates()
COMPONENTS = [name for name in ALL if name.startswith("components/")]
INLINE = re.compile(
    r"<style|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|<script(?![^>]*\bnonce=)", re.IGNORECASE
)
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def _code(text: str) -> str:
    return COMMENT.sub("", text)


def test_nothing_is_called_safe_outside_the_components() -> None:
    found = [
        name
        for name, text in ALL.items()
        if re.search(r"\|\s*safe\b|autoescape\s+false", _code(text)) and name not in COMPONENTS
    ]

    assert found == []


def test_no_inline_script_or_style() -> None:
    found = {
        name: match.group(0)
        for name, text in ALL.items()
        if not name.startswith("emails/") and (match := INLINE.search(_code(text)))
    }

    assert found == {}, "the CSP forbids it: use a class or a data- attribute"


def test_no_markup_is_made_in_python() -> None:
    # The kit of languages: catalogues and templates are ours, and what is filled in is escaped.
    allowed = "portal/web/locale.py"
    found = [
        name
        for path in (ROOT / "portal").rglob("*.py")
        if (name := path.relative_to(ROOT).as_posix()) != allowed
        and re.search(r"\bMarkup\(|<(?:div|span|p|a|b|br)[ >/]", path.read_text(encoding="utf-8"))
    ]

    assert found == []


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_says_what_it_is_for(name: str) -> None:
    stem, text = Path(name).stem, ALL[name]
    first = COMMENT.match(text)
    assert first is not None, "begin with a comment: purpose, parameters, example"
    assert first.group(0).removeprefix("{#").strip().startswith(f"{stem}:")
    macros = re.findall(r"\{%-?\s*macro\s+(\w+)\(([^)]*)\)", text)
    if macros and stem != "meeting_parts":
        assert stem in {macro for macro, _ in macros}
        if dict(macros)[stem]:
            assert "Parameters:" in first.group(0) or "Entries:" in first.group(0)
        assert "Example:" in first.group(0)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_reads_only_what_it_is_given(name: str) -> None:
    forbidden = re.search(r"\b(?:current_user|request\.|session\.|g\.)", _code(ALL[name]))

    assert forbidden is None


def test_every_component_stands_in_the_list() -> None:
    listed = (ROOT / "templates" / "components" / "README.md").read_text(encoding="utf-8")
    missing = [n for n in COMPONENTS if f"| {Path(n).stem}" not in listed]

    assert [n for n in missing if f"`{Path(n).stem}" not in listed] == []


def test_every_post_form_carries_its_token() -> None:
    forms = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.DOTALL | re.IGNORECASE)
    found = [
        name for name, text in ALL.items() for form in forms.findall(text) if "csrf" not in form
    ]

    assert found == []
