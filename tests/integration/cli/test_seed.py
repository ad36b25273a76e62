"""Seeds and lists: loaded once, unchanged the second time."""

import csv
from datetime import timedelta

from sqlalchemy import func, select

from portal.accounts import cast
from portal.accounts.models import Account
from portal.accounts.services import matches
from portal.audit.models import AuditEntry
from portal.cli.demo import district as demo
from portal.cli.demo.story import CHAPTERS
from portal.cli.imports import DATA, community_row
from portal.core.db import db
from portal.core.uow import transaction
from portal.organisations.models import Unit
from portal.places import queries as places
from portal.places import services as place_services
from portal.places.models import Building, Division
from portal.problems.models import Problem
from portal.rulebook import queries as rulebook


def run(app, *words):
    done = app.test_cli_runner().invoke(args=list(words))
    db.session.rollback()
    assert done.exit_code == 0, (done.exception, done.stderr)
    return done.stdout.strip().splitlines()[-1]


def test_the_demonstration_is_loaded_once(app):
    first = run(app, "seed", "demo")
    entries = db.session.scalar(select(func.count(AuditEntry.id)))

    second = run(app, "seed", "demo")

    assert first.startswith(f"seeded {len(CHAPTERS)} problems, ")
    states = dict(db.session.execute(select(Problem.title, Problem.state)).all())
    assert set(states) == set(CHAPTERS)
    assert states["工地夜里浇筑混凝土，连续三晚"] == "whistled"
    assert states["5 号院消防通道被堵死"] == "closed"
    assert states["垃圾清了又堆"] == "reopened"
    assert states["单元门口台阶破了"] == "rating"
    assert second == "nothing to do"
    assert db.session.scalar(select(func.count(AuditEntry.id))) == entries


def test_real_use_gets_no_printed_password(app, monkeypatch):
    monkeypatch.setitem(app.config, "MODE", "service")

    done = app.test_cli_runner().invoke(args=["seed", "demo"])

    assert done.exit_code == 1
    assert "MODE=demo only" in done.stderr
    assert not demo.is_there()


def test_the_whole_cast_can_sign_in(app, travel):
    demo.load(travel.now)

    assert [player.key for player in cast.players()] == [*cast.RESIDENTS, *cast.STAFF]
    zhao = db.session.scalars(select(Account).where(Account.login == "zhao")).one()
    assert zhao.password_hash is not None
    assert zhao.password_hash.startswith("$argon2id$")
    assert matches(zhao.password_hash, demo.PASSWORD)


def test_every_building_stands_in_a_grid_of_its_community(app, travel):
    demo.load(travel.now)

    for building in db.session.scalars(select(Building)):
        assert building.grid_id is not None
        assert places.grid(building.grid_id).community_id == building.community_id


def test_all_five_parties_and_the_convener_are_there(app, travel):
    demo.load(travel.now)

    assert {unit.party for unit in db.session.scalars(select(Unit))} == {
        None, "government", "market", "social", "community", "resident",
    }  # fmt: skip


def rows_of(name):
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_shipped_lists_are_whole_and_come_once(app):
    first = run(app, "import", "divisions")

    second = run(app, "import", "divisions")

    streets = rows_of("beijing_streets_townships_2023.csv")
    communities = rows_of("dongcheng_communities.csv")
    assert (len(streets), len(communities)) == (
        349,
        len({c["community_name"] for c in communities}),
    )
    total = 16 + 349 + len(communities)
    assert first == f"imported {total}, updated 0, unchanged 0, refused 0"
    assert second == f"imported 0, updated 0, unchanged {total}, refused 0"


def test_a_merged_community_has_dates_and_a_successor(app, travel):
    run(app, "import", "divisions")
    row = {"street_code": "110101001", "nbs_code_if_known": "", "successor": "", "valid_to": ""}
    merged = row | {
        "community_name": "甲里社区", "valid_from": "2020-01-01", "valid_to": "2025-01-01",
        "successor": "甲乙里社区@2025-01-01",
    }  # fmt: skip
    heir = row | {"community_name": "甲乙里社区", "valid_from": "2025-01-01"}

    with transaction():
        place_services.import_divisions(
            [community_row(merged), community_row(heir)], now=travel.now
        )

    old = db.session.scalars(select(Division).where(Division.name == "甲里社区")).one()
    new = db.session.scalars(select(Division).where(Division.name == "甲乙里社区")).one()
    assert old.successor_id == new.id
    assert (street := old.parent_id) is not None
    assert old.key == "110101001:甲里社区:2020-01-01"
    assert old.id not in {d.id for d in places.communities(street, new.valid_from)}
    assert new.id in {d.id for d in places.communities(street, new.valid_from)}


def test_an_edition_is_published_once_and_the_calendar_warns(app, travel):
    demo.load(travel.now)
    home = demo.district_id()

    assert run(app, "import", "rulebook") == "imported 0, updated 0, unchanged 1, refused 0"
    # The tests' clock stands in November: next year's 调休 is not announced to the package yet.
    assert rulebook.calendar_warning(home, rulebook_day(59)) == 59
    assert rulebook.calendar_warning(home, rulebook_day(60)) == 60
    assert rulebook.calendar_warning(home, rulebook_day(61)) is None


def rulebook_day(left):
    home = demo.district_id()
    return rulebook.calendar(home).ends() - timedelta(days=left)


def test_the_ledger_is_intact_and_a_change_is_found(app, travel):
    demo.load(travel.now)
    assert run(app, "audit", "verify").endswith("intact")
    with transaction():
        entry = db.session.scalars(select(AuditEntry).limit(1)).one()
        entry.slots = {"changed": True}

    done = app.test_cli_runner().invoke(args=["audit", "verify"])

    assert done.exit_code == 1
    assert "FAULT: entry" in done.stdout.strip().splitlines()[-1]
