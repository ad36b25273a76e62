"""Closed by default: every endpoint states its policy or why it is public."""

from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.web.auth import check_doors, policy_of, public_reason_of
from tests.support.databases import settings
from tests.support.doors import demo_app, public_doors

STORED = Path(__file__).with_name("public_endpoints.txt")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return demo_app(tmp_path_factory.mktemp("demo"))


def test_every_endpoint_is_guarded_or_public(demo: Flask) -> None:
    for name, view in demo.view_functions.items():
        guarded, reason = policy_of(view) is not None, public_reason_of(view)
        assert guarded != (reason is not None), f"{name}: exactly one of policy and reason"
        assert guarded or len(str(reason)) > 10, f"{name}: say why it is public"


def test_the_public_endpoints_are_those_that_were_agreed(demo: Flask) -> None:
    stored = STORED.read_text(encoding="utf-8").splitlines()

    assert public_doors(demo) == stored, "see tests/support/doors.py"


def test_an_open_door_stops_the_start(tmp_path: Path) -> None:
    app = create_app(settings(tmp_path, f"sqlite:///{tmp_path / 'doors.db'}"))
    app.view_functions["forgotten"] = lambda: "open"

    with pytest.raises(RuntimeError, match="forgotten"):
        check_doors(app)


def test_no_get_changes_the_state(demo: Flask) -> None:
    """A verb that acts is not reachable by a visit: such rules take POST only, or draw a form."""
    for rule in demo.url_map.iter_rules():
        methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        assert methods <= {"GET", "POST"}, f"{rule.rule}: forms know GET and POST"


def test_addresses_carry_references_never_bare_numbers_of_people(demo: Flask) -> None:
    for rule in demo.url_map.iter_rules():
        for name in rule.arguments:
            assert name not in {"person_id", "account_id", "problem_id", "media_id"}, rule.rule
