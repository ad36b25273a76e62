"""Every method of every address, knocked at by everyone: what comes back is what was agreed."""

import pytest

from tests.support import permissions
from tests.support.scenario import build

STORED = permissions.stored()


def test_every_cell(world, app, database) -> None:
    found = permissions.knock_everywhere(app, build(world), permissions.restorer(database))

    assert list(found) == list(STORED), "see tests/support/permissions.py"
    differing = [
        f"{name} as {role}: {got}, agreed: {agreed}"
        for name, row in found.items()
        for role, got, agreed in zip(permissions.ROLES, row, STORED[name], strict=True)
        if got != agreed
    ]
    assert differing == []


def _rows(role: str) -> dict[str, str]:
    at = list(permissions.ROLES).index(role)
    return {name: row[at] for name, row in STORED.items()}


def test_nothing_breaks_and_every_no_has_its_reason() -> None:
    for name, row in STORED.items():
        for role, found in zip(permissions.ROLES, row, strict=True):
            assert not found.startswith(("fault", "refused without")), f"{name} as {role}"


@pytest.mark.parametrize("role", ["visitor", "resident", "dispatcher elsewhere", "auditor"])
def test_strangers_act_on_nothing(role: str) -> None:
    """Neither a visitor nor another street nor the auditor changes a matter of 望湖街道."""
    allowed = {
        name
        for name, found in _rows(role).items()
        if found == "yes" and name.startswith("POST") and "[" in name
    }
    mine = {"resident": {"POST /p/<ref>/join [problem:acknowledged]"}}
    open_to_readers = {"POST /report/again/<ref> [problem:submitted]"}
    if role in {"dispatcher elsewhere", "auditor"}:
        mine[role] = {"POST /p/<ref>/join [problem:acknowledged]"}
    if role == "resident":
        mine[role] |= {"POST /p/<ref>/rate [problem:verified]"}

    assert allowed <= mine.get(role, set()) | open_to_readers


def test_a_visitor_enters_public_doors_only() -> None:
    for name, found in _rows("visitor").items():
        if found == "yes" and "[" in name:
            assert name.startswith(("GET", "POST /report/again")), name


@pytest.mark.parametrize("role", ["reporter", "supporter", "resident", "supervisor"])
def test_residents_see_no_desk(role: str) -> None:
    desks = ("/dispatch", "/assign", "/field", "/district", "/review", "/enter", "/whistles/new")
    for name, found in _rows(role).items():
        if name.split()[1].startswith(desks):
            assert found != "yes", f"{name} as {role}"


def test_a_department_acts_on_its_own_line_only() -> None:
    other, called = _rows("other officer"), _rows("called department")
    lines = [name for name in STORED if "/callouts/" in name and name.startswith("POST")]
    assert len(lines) > 15
    for name in lines:
        assert other[name] != "yes", name
    assert sum(called[name] == "yes" for name in lines) >= 8


def test_who_blows_does_not_approve() -> None:
    row = STORED["POST /whistles/<ref>/approve [whistle:screening]"]
    found = dict(zip(permissions.ROLES, row, strict=True))

    assert [role for role, got in found.items() if got == "yes"] == ["street leader"]


def test_only_the_district_rules_on_what_was_sent_to_it() -> None:
    for name in (
        "POST /p/<ref>/order-rework [problem:closed]",
        "POST /p/<ref>/confirm-closing [problem:closed]",
        "POST /whistles/<ref>/callouts/<unit>/uphold-hand-back [whistle:handed_back]",
        "POST /whistles/<ref>/review [whistle:emergency]",
    ):
        found = dict(zip(permissions.ROLES, STORED[name], strict=True))
        assert [role for role, got in found.items() if got == "yes"] == ["district"], name
