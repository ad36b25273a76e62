"""Who may know of a whistle: the policy, its twin in SQL, and what a quiet one hides."""

import pytest
from sqlalchemy import select

from portal.core.actor import VISITOR
from portal.core.db import db
from portal.core.uow import transaction
from portal.problems import queries as problem_queries
from portal.problems import services as problem_services
from portal.problems.models import Problem
from portal.whistles import policies, queries, services
from portal.whistles.models import Whistle
from tests.factories import calls, problems
from tests.factories.world import PEOPLE, STAFF

READERS = [None, *STAFF, *PEOPLE]


def actor(world, key):
    return VISITOR if key is None else world.actor(key)


def everything(world):
    """A whistle of every visibility."""
    draft = calls.draft(world, "key_work")
    quiet = calls.make(world, "enforcement")
    public = calls.make(world)
    secret = calls.make(world, "key_work", staff_only(world))
    return {"draft": draft, "quiet": quiet, "public": public, "secret": secret}


def staff_only(world):
    matter = problems.make(
        world, "accepted", category="building", audience="staff", address="朝阳里 3 号楼"
    )
    with transaction():
        problem_services.take_measure(
            problem_queries.lock(matter.id), unit_id=world.unit_of("zhou"), method="visit",
            words="看过。", taken_at=calls.now(), photos=[problems.photo(world)],
            actor=world.actor("zhou"), now=calls.now(),
        )  # fmt: skip
    return db.session.get_one(Problem, matter.id)


def test_the_policy_and_its_twin_agree(world):
    everything(world)
    for key in READERS:
        who = actor(world, key)
        seen = set(db.session.scalars(select(Whistle.id).where(queries.visible_to(who))))
        allowed = {
            one.id
            for one in db.session.scalars(select(Whistle))
            if policies.can_see(who, queries.standing(one, who), calls.now())
        }
        assert seen == allowed, key


def test_who_sees_what(world):
    whistles = everything(world)
    street, called_to_quiet, district = {"zhao", "he"}, {"zhang", "zheng"}, {"lin"}
    expected = {
        "draft": street,
        "quiet": street | called_to_quiet | district,
        "public": set(READERS),
        "secret": street | district | {"feng", "gao", "zhang"},
    }
    for name, whistle in whistles.items():
        found = {
            key
            for key in READERS
            if policies.can_see(
                actor(world, key), queries.standing(whistle, actor(world, key)), calls.now()
            )
        }
        assert found == expected[name], name


def test_a_quiet_whistle_is_nowhere_until_it_is_released(world, client):
    matter = calls.problem(world, "enforcement")
    whistle = calls.make(world, "enforcement", matter)
    url, page = f"/whistles/{whistle.ref}", f"/p/{matter.ref}"
    assert queries.timeline(matter.id, VISITOR) == []
    assert len(queries.timeline(matter.id, world.actor("zhao"))) > 3
    client.get(url, expect=404)
    public = client.get(page)
    assert whistle.ref not in public.html
    assert "城管" not in public.text
    for code in ("yunhu-chengguan", "yunhu-huanbao"):
        calls.go(world, calls.callout(whistle, code), "stood_down")
    client.get(url, expect=404)
    assert "城管" not in client.get(page).text
    with transaction():
        services.release(
            queries.lock(whistle.id), words="已依法责令停工。", actor=world.actor("zhao"),
            now=calls.now(),
        )  # fmt: skip
    assert "已依法责令停工。" in client.get(url)
    assert queries.timeline(matter.id, VISITOR) != []
    assert db.session.get_one(Problem, matter.id).quiet is False


@pytest.mark.parametrize("reader", ["zhou", "cao"])
def test_handling_the_problem_tells_nothing_of_a_quiet_whistle(world, client, reader):
    matter = calls.problem(world, "enforcement")
    with transaction():
        problem_services.assign(
            problem_queries.lock(matter.id), holder_unit_id=world.unit_of("cao"),
            actor=world.actor("zhao"), now=calls.now(),
        )  # fmt: skip
    calls.make(world, "enforcement", matter)
    page = client.sign_in(reader).get(f"/p/{matter.ref}")
    assert "Record what was tried" in page
    for word in ("城管", "Whistle blown", "Departments called", "环境局"):
        assert word not in page.text
    called = client.again().sign_in("zhang").get(f"/p/{matter.ref}")
    assert "Whistle blown" in called
    assert "城管" in called


def test_a_report_nearby_tells_nothing_of_a_quiet_whistle(world, client):
    matter = calls.problem(world, "enforcement")
    calls.make(world, "enforcement", matter)
    with transaction():
        there, home = problem_queries.lock(matter.id), world.home(building="3 号楼")
        there.latitude, there.longitude = home.latitude, home.longitude
    page = client.get("/report").form("Next").submit(body="楼下这件事怎么还没人管")
    page = page.form("place-form").submit("Show its buildings", community_id="朝阳里")
    page = page.form("place-form").submit("Show its buildings", building_id="3 号楼")
    assert matter.ref in page.html
    assert "Whistle blown" not in page.text


def test_an_open_whistle_waits_for_its_problem_to_be_public(world):
    matter = problems.make(world, "accepted", category="gas", urgency="L1", release=False)
    whistle = calls.make(world, "emergency", matter)
    assert whistle.released_at is None
    with transaction():
        problem_services.publish(
            problem_queries.lock(matter.id), photo_ids=[], actor=world.actor("shen"),
            now=calls.now(),
        )  # fmt: skip
    assert db.session.get_one(Whistle, whistle.id).released_at is not None


def test_the_public_reads_units_and_never_officers(world, client):
    whistle = calls.make(world)
    calls.go(world, calls.callout(whistle, "yunhu-gas"), "result")
    public = client.get(f"/whistles/{whistle.ref}")
    assert "云湖燃气" in public
    for name in ("赵敏", "马跃", "zhao"):
        assert name not in public.html
    assert "/photos/" not in public.html
    inside = client.again().sign_in("zhao").get(f"/whistles/{whistle.ref}")
    assert "/photos/" in inside.html
    token = inside.html.split("/photos/")[1].split("/")[0]
    client.get(f"/whistles/{whistle.ref}/photos/{token}/thumb", expect=404)
    client.again().sign_in("ma").get(f"/whistles/{whistle.ref}/photos/{token}/thumb")


@pytest.mark.parametrize("reader", ["zhao", "ma", None])
def test_how_often_the_page_asks(world, client, count_queries, reader):
    whistle = calls.make(world)
    calls.go(world, calls.callout(whistle, "yunhu-gas"), "result")
    if reader:
        client.sign_in(reader)
    url = f"/whistles/{whistle.ref}"
    with count_queries() as asked:
        client.get(url)
    assert asked.count <= 12, asked.statements


def test_the_boards_column_asks_once(world, count_queries):
    calls.make(world)
    calls.make(world, "enforcement")
    street_id = world.actor("zhao").seats[0].street_id
    with count_queries() as asked:
        cards = queries.live_for_street(street_id, calls.now())
    assert asked.count == 1
    assert [card.called for card in cards] == [2, 2]
    assert cards[0].kind == "emergency"
