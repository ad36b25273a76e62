"""Makes the Chinese catalogue out of the parts in translations/zh/.

Every part of the portal keeps its Chinese in a file of its own, so that parallel work does not
collide. This script merges them into zh_Hans_CN/LC_MESSAGES/messages.po (and .mo), neither of
which is committed.

    build.py            merge and compile
    build.py --report   the same, and say what is missing, stale or contradictory
    build.py --check    write nothing; say it, and fail when anything is said
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileParser, write_po

ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "translations" / "zh"
LOCALE = "zh_Hans_CN"
TARGET = ROOT / "translations" / LOCALE / "LC_MESSAGES" / "messages.po"

SOURCES = {
    "portal": [("**.py", "python")],
    "templates": [("**.html", "jinja2"), ("**.txt", "jinja2")],
}
JINJA = {"extensions": "jinja2.ext.do", "silent": "false"}
KEYWORDS = DEFAULT_KEYWORDS | {
    "_l": None,
    "_n": (1, 2),
    "_p": ((1, "c"), 2),
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
    "_lp": ((1, "c"), 2),
}

# %(name)s, %s, {name}: what the program fills in. %% is a plain percent sign.
SLOT = re.compile(r"%\((\w+)\)[sdif]|%([sdif])|\{(\w*)[^{}]*\}")

# What makes two messages the same: the context and the (singular) text.
Key = tuple[str | None, str]


class Part(Catalog):
    """A catalogue that remembers every entry, so that a repeated one is seen."""

    def __init__(self) -> None:
        super().__init__(locale=LOCALE)
        self.entries: list[Message] = []

    def __setitem__(
        self,
        id: str | tuple[str, ...] | list[str],  # noqa: A002 - babel's name
        message: Message,
    ) -> None:
        """Keep the entry, in order, beside babel's own dictionary."""
        if message.id:
            self.entries.append(message)
        super().__setitem__(id, message)


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """Return the singular and plural forms of a text."""
    return [text] if isinstance(text, str) else list(text or ())


def key_of(message: Message) -> Key:
    """Return what identifies a message: its context and its singular text."""
    return message.context, forms(message.id)[0]


def read_parts() -> list[tuple[str, Message]]:
    """Return every entry of every part with the file it stands in, in the order of the names."""
    entries = []
    for path in sorted(PARTS.glob("*.po")):
        part = Part()
        with path.open(encoding="utf-8") as lines:
            PoFileParser(part, abort_invalid=True).parse(lines)
        entries += [(path.name, message) for message in part.entries]
    return entries


def extract() -> dict[Key, str]:
    """Return every message of the portal's code and templates with the file that uses it."""
    found: dict[Key, str] = {}
    for folder, methods in SOURCES.items():
        for name, _line, text, _comments, context in extract_from_dir(
            ROOT / folder,
            method_map=methods,
            options_map={"**": JINJA} if folder == "templates" else {},
            keywords=KEYWORDS,
            strip_comment_tags=True,
        ):
            single = text if isinstance(text, str) else text[0]
            found.setdefault((context, single), f"{folder}/{name}")
    return found


def slots(text: str) -> set[str]:
    """Return the names of the places that the program fills in."""
    return {match.group(0) for match in SLOT.finditer(text.replace("%%", ""))}


def problems(entries: list[tuple[str, Message]], used: dict[Key, str]) -> Iterator[str]:
    """Yield one line for everything that a reader or the next translator would stumble over."""
    seen: dict[Key, tuple[str, Message]] = {}
    for name, message in entries:
        key = key_of(message)
        texts = forms(message.string)
        if key in seen and seen[key][1].string != message.string:
            yield f"{name}: {key[1]!r} has another Chinese text in {seen[key][0]}"
        seen.setdefault(key, (name, message))
        if not all(texts):
            yield f"{name}: {key[1]!r} has no Chinese text"
            continue
        if key not in used:
            yield f"{name}: {key[1]!r} is used nowhere"
        # A singular such as "one day" may leave out the number: the forms are judged together.
        if slots("".join(forms(message.id))) != slots("".join(texts)):
            yield f"{name}: {key[1]!r} and its Chinese text fill in different things"
    for key in used.keys() - seen.keys():
        yield f"{used[key]}: {key[1]!r} has no Chinese text"


def merge(entries: list[tuple[str, Message]]) -> Catalog:
    """Return one catalogue; of a repeated message the first text counts."""
    catalog = Catalog(locale=LOCALE, project="Wufang", fuzzy=False)
    for _name, message in entries:
        single = key_of(message)[1]
        if catalog.get(single, message.context) is None:
            catalog.add(message.id, message.string, flags=message.flags, context=message.context)
    return catalog


def write(catalog: Catalog) -> None:
    """Write the catalogue as text and in the form that gettext reads."""
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    with TARGET.open("wb") as file:
        write_po(file, catalog, sort_output=True)
    with TARGET.with_suffix(".mo").open("wb") as file:
        write_mo(file, catalog)


def main(option: str | None) -> int:
    """Do what the option says; return the exit code."""
    entries = read_parts()
    if option != "--check":
        write(merge(entries))
        sys.stdout.write(f"Chinese catalogue: {len(entries)} messages\n")
    if option is None:
        return 0
    found = sorted(problems(entries, extract()))
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found and option == "--check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
