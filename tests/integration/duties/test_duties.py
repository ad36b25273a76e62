"""Place + matter leads to a unit, citing item and version; the list is public."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from portal.cli.demo import district as demo
from portal.core.db import db
from portal.core.uow import transaction
from portal.duties import queries, services
from portal.duties.models import DutyItem
from portal.duties.queries import Place
from portal.duties.states import ListKind, PowerHolder
from portal.places import queries as places
from portal.places.models import Division

DAY = date(2026, 11, 24)


@pytest.fixture
def place(app, travel):
    """The middle of 朝阳里."""
    demo.load(travel.now)
    return place_of("朝阳里")


def place_of(name):
    community = db.session.scalars(select(Division).where(Division.name == name)).one()
    assert community.district_id is not None
    return Place(community.district_id, community.parent_id, community.id)


def found_for(where, text, on=DAY):
    found = queries.suggest(where, on=on, text=text)
    assert found is not None
    assert found.lead is not None
    return found


def codes(units):
    return [unit.code for unit in units]


@pytest.mark.parametrize(
    ("text", "number", "lead"),
    [
        ("工地夜里浇筑混凝土，连续三晚", 41, "yunhu-zhujian"),
        ("三号楼前路灯不亮", 1, "wanghu-power"),
        ("楼道里有燃气味", 4, "yunhu-gas"),
        ("垃圾桶满了没人清运", 6, "wanghu-office"),
        ("早市摆摊占道", 12, "wanghu-team"),
    ],
)
def test_a_sentence_finds_its_item(place, text, number, lead):
    found = found_for(place, text)
    assert found.lead is not None
    assert (found.number, found.version, found.lead.code) == (number, 1, lead)
    assert found.matched


def test_the_night_site_is_supporting_and_calls_four_departments(place):
    found = found_for(place, "夜里浇筑混凝土")
    assert found.list_kind is ListKind.SUPPORTING
    assert not found.street_alone
    assert codes(found.departments) == [
        "yunhu-zhujian", "yunhu-chengguan", "wanghu-police", "yunhu-huanbao",
    ]  # fmt: skip


def test_street_power_means_the_streets_own_team_and_nobody_to_call(place):
    found = found_for(place, "店外经营")
    assert found.power_holder is PowerHolder.STREET
    assert found.item.power_from == date(2020, 7, 1)
    assert found.street_alone
    assert found.departments == ()


def test_where_there_is_no_property_company_the_street_answers(place):
    text = "楼道堆物没人清"
    assert found_for(place, text).lead.code == "chaoyangli-property"
    elsewhere = found_for(place_of("铁狮里"), text)
    assert elsewhere.lead.code == "wanghu-office"


def test_no_words_no_guess(place):
    assert queries.suggest(place, on=DAY, text="你好") is None
    assert queries.suggest_categories("") == []


def test_a_new_version_ends_the_one_before_and_the_old_one_can_be_cited(place, travel):
    items = [
        services.NewItem(
            1, "路灯", "lighting", ListKind.OWN, PowerHolder.NONE, DAY, None, (), "依据", "路灯"
        )
    ]
    with transaction():
        version = services.publish_list(place.district_id, items, valid_from=DAY, now=travel.now)
    assert version == 2
    assert found_for(place, "路灯").version == 2
    assert found_for(place, "路灯", DAY - timedelta(days=1)).version == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"category": "nothing"}, "unknown category nothing"),
        ({"lead": "nobody"}, "unknown unit nobody"),
        ({"lead": None, "list_kind": ListKind.SUPPORTING}, "a lead unit is missing"),
        ({"supports": ("yunhu-gas",), "lead": "yunhu-gas"}, "leads and supports"),
    ],
)
def test_a_list_that_contradicts_itself_is_refused(place, travel, change, says):
    fields = {
        "number": 1, "title": "t", "category": "gas", "list_kind": ListKind.OWN,
        "power_holder": PowerHolder.NONE, "power_from": DAY, "lead": None, "supports": (),
        "legal_basis": "b", "keywords": "",
    }  # fmt: skip
    with pytest.raises(services.ListInvalid, match=says), transaction():
        services.publish_list(
            place.district_id,
            [services.NewItem(**(fields | change))],
            valid_from=DAY,
            now=travel.now,
        )
    assert {item.version for item in db.session.scalars(select(DutyItem))} == {1}


def test_everybody_reads_the_list_and_asks_it(place, client):
    page = client.get("/duties?text=夜里浇筑混凝土")
    assert "Duty list item 41" in page
    assert "Item 12" in page
    assert "Item 12" not in client.get("/duties?category=noise")


def test_a_point_finds_its_grid_and_a_place_outside_none(place):
    spot = places.spot_at(40.0541, 116.7079, DAY)
    assert spot is not None
    assert spot.community == "朝阳里"
    assert spot.grid_id is not None
    assert places.spot_at(39.0, 116.0, DAY) is None


def test_the_picker_has_every_community_and_building(place):
    spots = places.picker(place.district_id, DAY)
    assert [s.community for s in spots if s.building_id is None] == [
        "朝阳里", "槐荫里", "铁狮里", "北湖湾",
    ]  # fmt: skip
    assert len([s for s in spots if s.building_id is not None]) == 27
