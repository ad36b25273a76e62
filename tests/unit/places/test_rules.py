"""Geometry and keys of places."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.places import rules

SQUARE = ((116.0, 40.0), (116.1, 40.0), (116.1, 40.1), (116.0, 40.1))


def test_a_polygon_is_closed_and_its_box_known():
    polygon = rules.geojson(SQUARE)
    assert polygon.count("[116.0,40.0]") == 2
    assert rules.bounds(polygon) == (116.0, 40.0, 116.1, 40.1)


@pytest.mark.parametrize(
    "ring",
    [
        ((0, 0), (1, 1), (1, 0), (0, 1)),
        ((0, 0), (1, 0), (2, 0)),
    ],
)
def test_a_polygon_that_crosses_itself_is_refused(ring):
    with pytest.raises(rules.ListInvalid):
        rules.geojson(ring)


@given(st.floats(115.9, 116.2), st.floats(39.9, 40.2))
def test_a_point_is_inside_exactly_when_it_is_in_the_square(lng, lat):
    inside = 116.0 <= lng <= 116.1 and 40.0 <= lat <= 40.1
    assert rules.covers(rules.geojson(SQUARE), lat, lng) == inside


def test_a_communitys_key_names_street_name_and_day():
    assert rules.community_key("110101001", "银闸社区", date(2023, 1, 1)) == (
        "110101001:银闸社区:2023-01-01"
    )
