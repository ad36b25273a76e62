"""The table role x address: what each of the cast gets at each door.

`knock_everywhere` sends every request; tests/integration/core/test_permissions.py compares what
comes back with the stored table, cell by cell. `flask docs generate` draws the stored table.

    python -m tests.support.permissions        # stores the table anew; then read the difference

Cells: `yes` let in (a form sent empty may still say what is missing) · `hidden` there is nothing
for this reader (404) · `sign_in_first` sent to the sign-in page · else the code of the reason.
"""

import re
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from tests.support.scenario import UNIT, Scenario, build

STORED = Path(__file__).resolve().parents[1] / "integration" / "core" / "permissions.tsv"

# role: who of the cast stands for it
ROLES = {
    "visitor": None,
    "reporter": "wang",
    "supporter": "chen",
    "resident": "li",
    "supervisor": "liu",
    "community worker": "zhou",
    "worker elsewhere": "tang",
    "grid worker": "sun",
    "dispatcher": "zhao",
    "dispatcher elsewhere": "qian",
    "street leader": "he",
    "holder": "wu",
    "other officer": "xu",
    "called department": "zhang",
    "property": "cao",
    "district": "lin",
    "reviewer": "shen",
    "auditor": "bai",
}
UNTOUCHED = {"static", "styleguide", "demo.switch", "demo.mailbox"}
# Where a door opens in one season only, the matter that is in it; else see DEFAULTS.
SUBJECTS = {
    "problems.accept": "problem:submitted",
    "problems.decline": "problem:submitted",
    "problems.locate": "problem:submitted",
    "problems.merge": "problem:submitted",
    "problems.withdraw": "problem:submitted",
    "problems.publish": "problem:unreleased",
    "problems.unmerge": "problem:merged",
    "problems.acknowledge": "problem:assigned",
    "problems.refuse_hand_back": "problem:handing_back",
    "problems.verify": "problem:finished",
    "problems.send_back": "problem:finished",
    "problems.photo": "problem:finished",
    "problems.order_rework": "problem:closed",
    "problems.confirm_closing": "problem:closed",
    "satisfaction.rate": "problem:verified",
    "satisfaction.rated": "problem:verified",
    "whistles.revise": "whistle:drafted",
    "whistles.request_approval": "whistle:drafted",
    "whistles.override_gate": "whistle:drafted",
    "whistles.approve": "whistle:screening",
    "whistles.return_to_author": "whistle:screening",
    "whistles.blow": "whistle:approved",
    "whistles.set_out": "whistle:acknowledged",
    "whistles.contact": "whistle:acknowledged",
    "whistles.record_result": "whistle:reported_in",
    "whistles.ask_recess": "whistle:reported_in",
    "whistles.hand_over": "whistle:reported_in",
    "whistles.grant_recess": "whistle:recess_asked",
    "whistles.refuse_recess": "whistle:recess_asked",
    "whistles.resume": "whistle:recessed",
    "whistles.ask_stand_down": "whistle:acting",
    "whistles.release_photo": "whistle:acting",
    "whistles.photo": "whistle:acting",
    "whistles.sign_off": "whistle:done",
    "whistles.refuse_sign_off": "whistle:done",
    "whistles.reroute": "whistle:handed_back",
    "whistles.uphold_hand_back": "whistle:handed_back",
    "whistles.overrule_hand_back": "whistle:handed_back",
    "whistles.release": "whistle:quiet",
    "whistles.review": "whistle:emergency",
    "supervision.accept": "visit:invited",
    "supervision.decline": "visit:invited",
    "supervision.sign_in": "visit:accepted",
    "supervision.write_finding": "visit:on_site",
    "supervision.answer": "visit:rectification",
}
DEFAULTS = {
    "/p/": "problem:acknowledged",
    "/assignments/": "problem:acknowledged",
    "/report/": "problem:submitted",
    "/whistles/": "whistle:called",
    "/field/": "whistle:called",
    "/watch/": "visit:findings",
}
LEGEND = (
    "Each cell is a request that the tests really send (tests/support/permissions.py): ✓ let in,"
    " · nothing there for this reader, → sent to sign in, else the code of the reason. In"
    " brackets: the stage of the matter that was asked about."
)
LEFT_OPEN = {"key": "1", "size": "thumb", "filename": "none", "unit": UNIT}


class Door:
    """One method of one address, with the matter to knock about."""

    def __init__(self, rule: Rule, method: str, made: Scenario) -> None:
        self.rule, self.method, self.endpoint = rule, method, rule.endpoint
        prefix = next((p for p in DEFAULTS if rule.rule.startswith(p)), "")
        about = SUBJECTS.get(rule.endpoint, DEFAULTS.get(prefix, ""))
        self.about = about if "ref" in rule.arguments else ""
        photo = "whistle:photo" if rule.rule.startswith("/whistles/") else "photo"
        self.values = {
            name: made.refs[about] if name == "ref" else LEFT_OPEN.get(name, made.refs[photo])
            for name in rule.arguments
        }

    @property
    def name(self) -> str:
        """How the row is called: method, address, stage of the matter."""
        return f"{self.method} {self.rule.rule}" + (f" [{self.about}]" if self.about else "")


def doors(app: Flask, made: Scenario) -> list[Door]:
    """Return every method of every address."""
    found = [
        Door(rule, method, made)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in UNTOUCHED
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]
    return sorted(found, key=lambda door: (door.rule.rule, door.method))


class Knocker:
    """One of the cast at the doors: a cookie and a form's token, the same for every knock."""

    def __init__(self, app: Flask, key: str | None) -> None:
        from tests.support.page_client import PageClient  # noqa: PLC0415 - needs the app

        client = PageClient(app, check=False)
        if key is not None:
            client.sign_in(key)
        page = client.get("/problems").html
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None
        self.app, self.token = app, token.group(1)
        cookies = ("lang", "wufang", "session")
        jar = {name: client.browser.get_cookie(name, domain="localhost") for name in cookies}
        self.cookie = "; ".join(f"{name}={c.value}" for name, c in jar.items() if c is not None)
        self.client = app.test_client(use_cookies=False)

    def knock(self, door: Door, **data: Any) -> Any:
        """Send the request and return the response."""
        with self.app.test_request_context(base_url="http://localhost:5000"):
            url = self.app.url_for(door.endpoint, **door.values)
        return self.client.open(
            url,
            method=door.method,
            headers={"Cookie": self.cookie},
            data={"csrf_token": self.token, **data} if door.method == "POST" else None,
        )


def cell(app: Flask, door: Door, response: Any) -> str:
    """Return what the answer means."""
    status = response.status_code
    if door.endpoint == "health.ready":
        return "yes"  # 503 says that no worker runs here
    if status >= 500:
        return f"fault {status}"
    if status in {302, 303} and "/sign-in" in response.location:
        return "yes" if door.rule.rule.startswith(("/sign-in", "/me")) else "sign_in_first"
    if status == 404:
        return "hidden"
    if status == 403:
        return _reason(app, response.get_data(as_text=True))
    return "yes"


@lru_cache(maxsize=4)
def _sentences(app: Flask) -> list[tuple[str, re.Pattern[str]]]:
    with app.test_request_context(headers={"Cookie": "lang=en"}):
        known = [(code, str(said)) for code, said in app.extensions["reasons"].items()]
    known.sort(key=lambda pair: -len(pair[1]))
    return [
        (code, re.compile(re.sub(r"%\\?\(\w+\\?\)s", ".*", re.escape(said))))
        for code, said in known
    ]


def _reason(app: Flask, page: str) -> str:
    import html  # noqa: PLC0415 - only here

    text = html.unescape(page)
    found = [code for code, said in _sentences(app) if said.search(text)]
    return found[0] if found else "refused without a reason"


def knock_everywhere(app: Flask, made: Scenario, restore: Any) -> dict[str, list[str]]:
    """Return the row of every door; `restore` undoes what a knock changed."""
    knockers = [Knocker(app, key) for key in ROLES.values()]
    restore(keep=True)
    table: dict[str, list[str]] = {}
    for door in doors(app, made):
        row = []
        for knocker in knockers:
            response = knocker.knock(door)
            row.append(cell(app, door, response))
            if door.method == "POST" and response.status_code < 400:
                restore(keep=False)
        table[door.name] = row
    return table


def stored() -> dict[str, list[str]]:
    """Return the table as it was agreed."""
    lines = STORED.read_text(encoding="utf-8").splitlines()[1:]
    rows = [line.split("\t") for line in lines]
    return {row[0]: row[1:] for row in rows}


def table() -> str:
    """Return the stored table as Markdown, for docs/permissions.md."""
    marks = {"yes": "✓", "hidden": "·", "sign_in_first": "→"}
    lines = [
        "## Role by address",
        "",
        LEGEND,
        "",
        "| address | " + " | ".join(ROLES) + " |",
        "| --- |" + " --- |" * len(ROLES),
    ]
    for name, row in stored().items():
        cells = [marks.get(found, f"`{found}`") for found in row]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _fresh() -> Iterator[dict[str, list[str]]]:
    from portal.core.db import db  # noqa: PLC0415 - a script's own imports
    from tests.factories.world import World, settle  # noqa: PLC0415 - the script's own
    from tests.support import databases  # noqa: PLC0415 - the script's own
    from tests.support.moment import Clock  # noqa: PLC0415 - the script's own

    clock = Clock()
    clock.start()
    with tempfile.TemporaryDirectory() as name:
        database = databases.prepare(databases.Sqlite(Path(name)), settle)
        with database.app.app_context():
            made = build(World())
            db.session.remove()
        yield knock_everywhere(database.app, made, restorer(database))
    clock.stop()


def restorer(database: Any) -> Any:
    """Return a function that keeps what the database holds now, or brings it back."""

    def restore(*, keep: bool) -> None:
        if keep:
            database.keep("scenario")
        else:
            database.restore("scenario")

    return restore


def store(found: dict[str, list[str]]) -> None:
    """Write the table down."""
    lines = ["\t".join(["address", *ROLES])]
    lines += ["\t".join([name, *row]) for name, row in found.items()]
    STORED.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for fresh in _fresh():
        store(fresh)
        print(f"{len(fresh)} doors x {len(ROLES)} roles")
