"""How the duty list reads."""

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.duties.models import Category
from portal.duties.queries import Suggestion
from portal.duties.states import ListKind, PowerHolder

LIST_KINDS = {
    ListKind.OWN: _l("The street's own duty"),
    ListKind.SUPPORTING: _l("The street supports the lead"),
    ListKind.TAKEN_BACK: _l("Taken back by the level above"),
}

POWER_HOLDERS = {
    PowerHolder.STREET: _l("The street may enforce, since %(day)s"),
    PowerHolder.DEPARTMENT: _l("The department enforces, not the street"),
    PowerHolder.NONE: _l("Nothing to enforce here"),
}

WHY = {
    "words": _l("These words stand in the item: %(words)s"),
    "category": _l("The first item of this category; no words of another fit better."),
}


def category_name(category: Category, lang: str) -> str:
    """Return a category's name in the reader's language."""
    return category.name_en if lang == "en" else category.name


def cited(suggestion: Suggestion) -> str:
    """Return the citation: number, title and version of the item."""
    return str(
        gettext(
            "Duty list item %(number)s: %(title)s (version %(version)s)",
            number=suggestion.number,
            title=suggestion.item.title,
            version=suggestion.version,
        )
    )


def why(suggestion: Suggestion) -> str:
    """Return why this item was chosen."""
    return str(WHY[suggestion.why]) % {"words": "、".join(suggestion.matched)}


def power(holder: PowerHolder, since: object) -> str:
    """Return who may enforce, since when."""
    return str(POWER_HOLDERS[holder]) % {"day": since}
