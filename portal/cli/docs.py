"""`flask docs generate`: the tables of docs/, written from the code so that they can't be stale."""

import importlib
import importlib.util
import pkgutil
import tomllib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import AppGroup

import portal
from portal.cli import output
from portal.core.events import Event
from portal.core.settings import CATALOGUE
from portal.core.states import Machine
from portal.rulebook import queries as rulebook
from portal.web.auth import policy_of, public_reason_of

docs = AppGroup("docs", help="The documentation's generated pages.")
NOTE = "<!-- Written by `make docs`; edits here are lost. -->"
# The table role x route is made where it is tested; an installation without the tests lacks it.
TESTED_TABLE = "tests.support.permissions"


@docs.command("generate")
@click.option("--check", is_flag=True, help="Write nothing; fail when a page is stale.")
def generate(*, check: bool) -> None:
    """Write the pages, or say which are stale."""
    folder: Path = current_app.config["ROOT"] / "docs"
    changed = []
    for name, page in PAGES.items():
        text = f"{NOTE}\n\n{page(current_app).rstrip()}\n"
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        changed.append(name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and changed:
        raise click.ClickException(f"stale: {', '.join(changed)}; run `make docs`")
    output.result(f"{len(changed)} of {len(PAGES)} pages {'stale' if check else 'written'}")


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table."""
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def settings(app: Flask) -> str:
    """Return the operators' settings."""
    rows = ((f"`{s.name}`", s.default, s.meaning) for s in CATALOGUE)
    return "# Settings\n\nRead from the environment and checked once at start.\n\n" + table(
        ("name", "default", "meaning"), rows
    )


def commands(app: Flask) -> str:
    """Return every command with its arguments and options."""
    rows = [
        (f"`flask {name}{_usage(command)}`", command.get_short_help_str(200))
        for name, command in _commands(app.cli, "")
    ]
    return (
        "# Commands\n\nRun from the root as `.venv/bin/flask …` with `DATA_DIR` set, also beside a"
        " running server. Results are the last line of stdout; progress goes to stderr.\n\n"
        + table(("command", "what it does"), rows)
    )


def _commands(group: click.Group, prefix: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, f"{prefix}{name} ")
        elif getattr(command.callback, "__module__", "").startswith("portal."):
            yield f"{prefix}{name}", command


def _usage(command: click.Command) -> str:
    words = [""]
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            words.append(parameter.make_metavar(click.Context(command)))
        elif isinstance(parameter, click.Option):
            shown = parameter.opts[-1] if parameter.is_flag else f"{parameter.opts[-1]} …"
            words.append(f"[{shown}]")
    return " ".join(words)


def rules(app: Flask) -> str:
    """Return every rule of the default edition."""
    sections = tomllib.loads(rulebook.DEFAULT.read_text(encoding="utf-8"))
    head = sections.pop("edition")
    parts = [
        "# Rulebook",
        (
            f"The default edition ({head['source']}), in force since {head['valid_from']}. A"
            " district publishes its own with `flask import rulebook FILE`; a case keeps the"
            " edition it began under."
        ),
    ]
    for section, found in sorted(sections.items()):
        rows = (
            (f"`{section}.{key}`", _value(rule["value"]), rule["unit"], rule["source"])
            for key, rule in found.items()
        )
        parts += [f"## {section}", table(("rule", "value", "unit", "source"), rows)]
    return "\n\n".join(parts)


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def states(app: Flask) -> str:
    """Return every transition table, drawn and as a list."""
    parts = ["# States", "Each life is one table of transitions; only services move a state."]
    for feature, name, machine in _machines():
        drawing = [
            f"    {source} --> {t.target}: {t.verb}"
            for t in machine.transitions
            for source in sorted(t.sources)
        ]
        rows = (
            (f"`{t.verb}`", ", ".join(sorted(t.sources)), t.target.value, t.by)
            for t in machine.transitions
        )
        parts += [
            f"## {feature}: {name.lower()}",
            "\n".join(["```mermaid", "stateDiagram-v2", *drawing, "```"]),
            table(("verb", "from", "to", "by"), rows),
        ]
    return "\n\n".join(parts)


def _machines() -> Iterator[tuple[str, str, Machine[Any]]]:
    for feature, module in _drawers("states"):
        for name, thing in vars(module).items():
            if isinstance(thing, Machine):
                yield feature, name, thing


def _drawers(drawer: str) -> Iterator[tuple[str, Any]]:
    for found in sorted(pkgutil.iter_modules(portal.__path__), key=lambda package: package.name):
        name = f"portal.{found.name}.{drawer}"
        if found.ispkg and importlib.util.find_spec(name) is not None:
            yield found.name, importlib.import_module(name)


def events(app: Flask) -> str:
    """Return every fact with its tag and slots."""
    list(_drawers("events"))
    rows = [
        (
            f"`{kind.tag}`",
            kind.__name__,
            ", ".join(f"`{slot}`" for slot in _slots(kind)) or "—",
            (kind.__doc__ or "").strip().splitlines()[0],
        )
        for kind in sorted(_facts(Event), key=lambda kind: kind.tag)
    ]
    return (
        "# Events\n\nFacts in the past tense. The tag is also the audit's; slots are ids and codes,"
        " never words that somebody typed. Every fact also has `at`, `actor_id`, `unit_id`.\n\n"
        + table(("tag", "event", "slots", "meaning"), rows)
    )


def _facts(kind: type[Event]) -> set[type[Event]]:
    found: set[type[Event]] = set()
    for child in kind.__subclasses__():
        found |= _facts(child)
        if "tag" in vars(child) and child.__module__.startswith("portal."):
            found.add(child)
    return found


def _slots(kind: type[Event]) -> list[str]:
    common = set(Event.__dataclass_fields__)
    return [name for name in kind.__dataclass_fields__ if name not in common]


def endpoints(app: Flask) -> str:
    """Return every address with who may use it."""
    rows = [
        (f"`{rule.rule}`", methods, f"`{rule.endpoint}`", _door(app.view_functions[rule.endpoint]))
        for methods, rule in _rules(app)
    ]
    return (
        "# Endpoints\n\nEvery address states the policy that decides or the reason why it is"
        " public; the program does not start otherwise. The demonstration's own addresses are"
        " listed too.\n\n" + table(("address", "methods", "endpoint", "who"), rows)
    )


def _rules(app: Flask) -> list[tuple[str, Any]]:
    found = [
        (" ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})), rule)
        for rule in app.url_map.iter_rules()
    ]
    return sorted(found, key=lambda pair: (pair[1].rule, pair[0], pair[1].endpoint))


def _door(view: Callable[..., Any]) -> str:
    policy = policy_of(view)
    if policy is not None:
        return f"`{policy.__module__.removeprefix('portal.')}.{policy.__name__}`"
    return f"public: {public_reason_of(view)}"


def permissions(app: Flask) -> str:
    """Return every policy with its addresses, and the tested table role x route where it is."""
    by_policy: dict[str, tuple[str, list[str]]] = {}
    for methods, rule in _rules(app):
        policy = policy_of(app.view_functions[rule.endpoint])
        if policy is not None:
            name = f"{policy.__module__.removeprefix('portal.')}.{policy.__name__}"
            says = (policy.__doc__ or "").strip().splitlines() or [""]
            by_policy.setdefault(name, (says[0], []))[1].append(f"{methods} `{rule.rule}`")
    rows = [(f"`{n}`", says, ", ".join(at)) for n, (says, at) in sorted(by_policy.items())]
    parts = [
        "# Permissions",
        "A permission is a named policy with a reason for its no; unknown means no.",
        table(("policy", "decides", "asked at"), rows),
    ]
    if _tested():
        parts.append(importlib.import_module(TESTED_TABLE).table())
    return "\n\n".join(parts)


def _tested() -> bool:
    try:
        return importlib.util.find_spec(TESTED_TABLE) is not None
    except ModuleNotFoundError:
        return False


PAGES: dict[str, Callable[[Flask], str]] = {
    "operators/settings.md": settings,
    "operators/commands.md": commands,
    "operators/rulebook.md": rules,
    "contributors/states.md": states,
    "contributors/events.md": events,
    "contributors/endpoints.md": endpoints,
    "permissions.md": permissions,
}
