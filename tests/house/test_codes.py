"""Reason codes have one sentence each; rule keys stand in the default edition, and are asked."""

import ast
import fnmatch
import tomllib

from flask import Flask

from portal.rulebook.queries import DEFAULT
from portal.rulebook.rules import Unit
from tests.support import source

ASKED = {
    "due": {Unit.MINUTES, Unit.HOURS, Unit.DAYS, Unit.WORKING_DAYS},
    "allowance": {Unit.MINUTES, Unit.HOURS, Unit.DAYS, Unit.WORKING_DAYS},
    "number": {Unit.COUNT, Unit.METRES, Unit.PIXELS, Unit.BYTES},
    "share": {Unit.SHARE},
    "flag": {Unit.FLAG},
    "text": {Unit.TEXT},
    "items": {Unit.LIST},
}


def _codes() -> dict[str, str]:
    return {
        code: where
        for name in ("deny", "Refused", "Decision")
        for where, call in source.calls(name)
        if call.args and (code := source.pattern(call.args[0]))
    }


def test_every_reason_has_its_sentence(bare_app: Flask) -> None:
    known = set(bare_app.extensions["reasons"])
    missing = {
        code: where
        for code, where in _codes().items()
        if not fnmatch.filter(known, code.replace("*", "?*"))
    }

    assert missing == {}, "add it to the feature's labels.REASONS and merge that in app._reasons"


def test_every_sentence_has_its_reason(bare_app: Flask) -> None:
    said = source.texts(without=("labels.py",)) | set(_codes())
    unused = {
        str(code)
        for code in bare_app.extensions["reasons"]
        if not any(fnmatch.fnmatchcase(str(code), text) for text in said if text)
    }

    assert unused == set()


def test_every_reason_can_be_said(bare_app: Flask) -> None:
    with bare_app.test_request_context():
        for code, sentence in bare_app.extensions["reasons"].items():
            assert len(str(sentence)) > 1, code


def _rules() -> dict[str, dict[str, object]]:
    sections = tomllib.loads(DEFAULT.read_text(encoding="utf-8"))
    sections.pop("edition")
    return {f"{s}.{key}": rule for s, rules in sections.items() for key, rule in rules.items()}


def _asked() -> list[tuple[str, str, str]]:
    return [
        (method, key, where)
        for method in ASKED
        for where, call in source.calls(method)
        if call.args and (key := source.pattern(call.args[0])) and "." in key
    ]


def test_every_asked_rule_stands_in_the_default_edition_with_its_unit() -> None:
    rules = _rules()
    wrong = []
    for method, key, where in _asked():
        hits = fnmatch.filter(rules, key)
        if not hits:
            wrong.append(f"{where}: {key} is not in default.toml")
        wrong += [
            f"{where}: {hit} is in {rules[hit]['unit']}, asked as {method}"
            for hit in hits
            # `accounts.*` is a helper that is handed the key; its calls say which.
            if not key.endswith(".*") and Unit(str(rules[hit]["unit"])) not in ASKED[method]
        ]

    assert wrong == []


def _patterns() -> set[str]:
    return {
        found
        for tree in source.modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr) and (found := source.pattern(node))
    }


def test_every_rule_of_the_default_edition_is_asked() -> None:
    patterns = {p for p in _patterns() if "." in p and p.strip("*.")}
    unasked = [
        key
        for key in _rules()
        if not any(
            fnmatch.fnmatchcase(key, p) or fnmatch.fnmatchcase(key.partition(".")[2], p)
            for p in patterns
        )
        and key.rpartition(".")[2] not in _patterns()
    ]

    assert unasked == []


def test_every_rule_has_unit_and_source() -> None:
    for key, rule in _rules().items():
        assert set(rule) == {"value", "unit", "source"}, key
        assert len(str(rule["source"])) >= 10, f"{key}: where does it come from?"
