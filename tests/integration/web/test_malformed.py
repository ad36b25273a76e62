"""Nonsense at every door: a refusal in words, never a fault of ours, never a hang."""

import random
import time
from typing import Any

import pytest

from tests.support import permissions
from tests.support.scenario import build

HANG = 5.0  # seconds, trust G9
NASTY = [
    "",
    " ", "\0", "\ufffe", "'", '"', "<script>alert(1)</script>", "../../etc/passwd", "%00", "%",
    "-1", "0", "99999999999999999999", "1e309", "NaN", "true", "null", "[]", "{{7*7}}", "${7*7}",
    "' OR 1=1 --", "\u202e",
    "😀" * 50, "中" * 3000, "a" * 20000, "2026-13-45", "２０２６", "\r\nX: y",
    "9999-12-31T23:59", "0001-01-01", "25:61", "//evil.example", "\ud7ff", "\x1b[0m",
]  # fmt: skip
ROLES = ["visitor", "reporter", "dispatcher", "street leader", "called department", "district"]
FEW, MANY = 400, 10_000


@pytest.mark.parametrize("count", [FEW, pytest.param(MANY, marks=pytest.mark.check)])
def test_nonsense_is_refused_in_words(world, app, database, count) -> None:
    made, dice = build(world), random.Random(20261125)
    restore = permissions.restorer(database)
    knockers = {role: permissions.Knocker(app, permissions.ROLES[role]) for role in ROLES}
    restore(keep=True)
    doors = permissions.doors(app, made)
    fields = _fields(app, knockers["dispatcher"])
    faults, slow = [], []
    for number in range(count):
        door, role = dice.choice(doors), dice.choice(ROLES)
        request = _nonsense(dice, door, fields)
        begun = time.perf_counter()
        response = _send(app, knockers[role], door, request)
        if time.perf_counter() - begun > HANG:
            slow.append((number, door.name))
        if response.status_code >= 500 and door.endpoint != "health.ready":
            faults.append(f"{number} {role} {door.name} {request} -> {response.status_code}"[:600])
        if door.method == "POST" and response.status_code < 400:
            restore(keep=False)

    assert faults == []
    assert slow == []


def _fields(app: Any, knocker: Any) -> list[str]:
    """Return the field names that the forms of the portal know."""
    names = {"next", "ref", "case", "q", "after", "cursor", "show", "holder", "problem", "item"}
    for module in ("problems.forms.resident", "problems.forms.street", "whistles.forms",
                   "satisfaction.forms", "supervision.forms", "accounts.forms"):  # fmt: skip
        found = __import__(f"portal.{module}", fromlist=["*"])
        for form in vars(found).values():
            names |= (
                {
                    name
                    for name, field in vars(form).items()
                    if type(field).__name__ == "UnboundField"
                }
                if isinstance(form, type)
                else set()
            )
    return sorted(names | {"version", "idempotency_key", "photo_ids", "lat", "lon"})


def _nonsense(dice: random.Random, door: Any, fields: list[str]) -> dict[str, Any]:
    """Return what to send: some nonsense in the address, the query, the form, the files."""
    values = {
        name: dice.choice(NASTY) or "x" if dice.random() < 0.3 else value
        for name, value in door.values.items()
    }
    some = {name: dice.choice(NASTY) for name in dice.sample(fields, dice.randint(0, 12))}
    query = {name: dice.choice(NASTY) for name in dice.sample(fields, dice.randint(0, 3))}
    return {"values": values, "data": some, "query": query, "file": dice.random() < 0.1}


def _send(app: Any, knocker: Any, door: Any, request: dict[str, Any]) -> Any:
    with app.test_request_context(base_url="http://localhost:5000"):
        try:
            url = app.url_for(door.endpoint, **request["values"])
        except Exception:  # noqa: BLE001 - an address that can't be made is typed by hand
            url = door.rule.rule.replace("<", "%3C").replace(">", "%3E")
    data: dict[str, Any] = {"csrf_token": knocker.token, **request["data"]}
    if request["file"]:
        import io  # noqa: PLC0415 - only here

        data["photos"] = (io.BytesIO(b"\xff\xd8\xff\xe0 no picture \0" * 20), "../x\r\n.jpg")
    return knocker.client.open(
        url,
        method=door.method,
        query_string=request["query"],
        headers={"Cookie": knocker.cookie},
        data=data if door.method == "POST" else None,
    )
