"""What every page owes its reader; the page client refuses pages that don't keep it."""

import re
from collections import Counter
from xml.etree.ElementTree import Element

import html5lib

_BUTTONS = {"submit", "button", "reset", "image"}
_POINTERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form")


def parse(html: str) -> tuple[Element, list[str]]:
    """Return the document and what the HTML standard calls wrong in it."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    document: Element = parser.parse(html)
    lines = html.splitlines()
    wrong = [
        f"invalid HTML, line {line}: {code} {slots}: {_line(lines, line)}"
        for (line, _column), code, slots in parser.errors
    ]
    return document, wrong


def _line(lines: list[str], number: int) -> str:
    return lines[number - 1].strip()[:160] if 0 < number <= len(lines) else ""


def words(element: Element) -> str:
    """Return an element's text with single spaces; script, style and template don't speak."""
    return " ".join(" ".join(_texts(element)).split())


def _texts(element: Element) -> list[str]:
    if not isinstance(element.tag, str) or element.tag in {"script", "style", "template"}:
        return []
    found = [element.text or ""]
    for child in element:
        found += _texts(child)
        found.append(child.tail or "")
    return found


def tight(text: str) -> str:
    """Drop all spaces: elements next to each other join differently in title and heading."""
    return re.sub(r"\s+", "", text)


def faults(document: Element, nonce: str | None) -> list[str]:
    """Return everything that a page owes and does not keep."""
    found: list[str] = []
    everything = [e for e in document.iter() if isinstance(e.tag, str)]
    parents = {child: parent for parent in everything for child in parent}
    found += _head(document)
    found += _ids(everything)
    found += _scripts(everything, nonce)
    labels = {e.get("for") for e in everything if e.tag == "label" and words(e)}
    for element in everything:
        if element.tag in {"input", "select", "textarea", "button"}:
            found += _labelled(element, labels, parents)
        elif element.tag == "img" and element.get("alt") is None:
            found.append(f"image without alt: {element.get('src')}")
        elif element.tag == "a" and element.get("href") and not _named(element):
            found.append(f"link without words: {element.get('href')}")
        elif element.tag == "form" and (element.get("method") or "").lower() == "post":
            names = {e.get("name") for e in element.iter() if isinstance(e.tag, str)}
            if "csrf_token" not in names:
                found.append(f"form without csrf_token: {element.get('action')}")
    return found


def _head(document: Element) -> list[str]:
    found = []
    if not document.get("lang"):
        found.append("no lang")
    headings = list(document.iter("h1"))
    if len(headings) != 1:
        return [*found, f"{len(headings)} h1 instead of one"]
    title = document.find("head/title")
    heading = tight(words(headings[0]))
    if not heading:
        found.append("the h1 is empty")
    if title is None or not tight(words(title)).startswith(heading):
        said = None if title is None else words(title)
        found.append(f"title {said!r} does not begin with the h1 {words(headings[0])!r}")
    return found


def _ids(everything: list[Element]) -> list[str]:
    counted = Counter(e.get("id") for e in everything if e.get("id") is not None)
    found = [f"id {name!r} stands {n} times" for name, n in counted.items() if n > 1]
    for element in everything:
        found += [
            f"{attribute} points to {name!r}, which is not there"
            for attribute in _POINTERS
            for name in (element.get(attribute) or "").split()
            if name not in counted
        ]
    return found


def _scripts(everything: list[Element], nonce: str | None) -> list[str]:
    found = []
    for element in everything:
        if element.tag == "script" and (nonce is None or element.get("nonce") != nonce):
            found.append("script without this page's nonce")
        if element.tag == "style" or element.get("style") is not None:
            found.append(f"inline style at {element.tag}")
        for name, value in element.attrib.items():
            if str(name).lower().startswith("on"):
                found.append(f"{name} at {element.tag}")
            if str(value).strip().lower().startswith("javascript:"):
                found.append(f"javascript: at {element.tag}")
    return found


def _named(element: Element) -> bool:
    if words(element) or element.get("aria-label") or element.get("aria-labelledby"):
        return True
    return any(e.get("alt") or e.tag == "title" for e in element.iter() if isinstance(e.tag, str))


def _labelled(
    element: Element, labels: set[str | None], parents: dict[Element, Element]
) -> list[str]:
    kind = (element.get("type") or "").lower()
    if element.tag == "button" or (element.tag == "input" and kind in _BUTTONS):
        fine = _named(element) or element.get("value") or element.get("alt")
        return [] if fine else [f"button without words: {element.attrib}"]
    if kind == "hidden" or element.get("aria-label") or element.get("aria-labelledby"):
        return []
    if element.get("id") is not None and element.get("id") in labels:
        return []
    at: Element | None = element
    while at is not None:
        if at.tag == "label" and words(at):
            return []
        at = parents.get(at)
    return [f"{element.tag} {element.get('name')!r} has no label"]
