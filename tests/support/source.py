"""The program's own text, for tests that read it."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PORTAL = ROOT / "portal"


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the portal, by path from the root."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PORTAL.rglob("*.py"))
    }


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield each call of a function or method of this name: where, and the call."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                said = called.attr if isinstance(called, ast.Attribute) else None
                said = called.id if isinstance(called, ast.Name) else said
                if said == name:
                    yield f"{path}:{node.lineno}", node


def texts(*, without: tuple[str, ...] = ()) -> set[str]:
    """Return every string constant, except those in modules whose path ends so."""
    return {
        node.value
        for path, tree in modules().items()
        if not path.endswith(without or ("\0",))
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def pattern(node: ast.expr) -> str | None:
    """Return a text, with `*` for what is filled in; None when it is not a literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values
        )
    return None


def templates() -> dict[str, str]:
    """Return every template, by path from the folder of templates."""
    folder = ROOT / "templates"
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.html"))
    }
