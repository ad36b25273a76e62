"""What stands in the navigation: `app` says which items whom; templates only draw them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, request, url_for
from flask_login import current_user

from portal.core.actor import Actor
from portal.web.auth import current_actor, moment
from portal.web.locale import current_ui

BADGE_MOST = 99


@dataclass(frozen=True)
class NavItem:
    """One item as the templates get it."""

    key: str
    label: str
    url: str
    icon: str
    badge: str = ""
    current: bool = False


@dataclass(frozen=True)
class Place:
    """Whose pages these are for this reader: the community's name, page and phone."""

    name: str = ""
    url: str = "/"
    phone: str = ""


@dataclass(frozen=True)
class NavEntry:
    """One possible item: where it leads and who sees it."""

    key: str
    label: Any
    endpoint: str
    icon: str
    for_actor: Callable[[Actor], bool]
    prefixes: tuple[str, ...] = ()


def _badge(count: int) -> str:
    """Write a count as a badge: nothing for none, and no figure above 99+."""
    return f"{BADGE_MOST}+" if count > BADGE_MOST else str(count or "")


def init_app(
    app: Flask,
    resident: tuple[NavEntry, ...],
    staff: tuple[NavEntry, ...],
    badges: Callable[[Actor], dict[str, int]],
    place: Callable[[], Place],
) -> None:
    """Give templates the reader's navigation and the values that every page needs."""

    def draw(entries: tuple[NavEntry, ...]) -> list[NavItem]:
        actor = current_actor()
        counts = badges(actor) if actor.signed_in else {}
        items = []
        for entry in entries:
            if not entry.for_actor(actor):
                continue
            url = url_for(entry.endpoint)
            current = request.path == url or any(
                request.path.startswith(prefix) for prefix in entry.prefixes
            )
            items.append(
                NavItem(
                    entry.key,
                    str(entry.label),
                    url,
                    entry.icon,
                    _badge(counts.get(entry.key, 0)),
                    current,
                )
            )
        return items

    @app.context_processor
    def _page_values() -> dict[str, Any]:
        here = place()
        return {
            "actor": current_actor(),
            "now": moment(),
            "ui": replace(
                current_ui(),
                place_name=here.name,
                place_url=here.url,
                phone_community=here.phone,
            ),
            "nav_items": lambda: draw(staff if current_actor().is_staff else resident),
            "is_demo": app.config["MODE"] != "service",
            "signed_in": bool(current_user and current_user.is_authenticated),
        }
