"""Pure geometry and the reading of division lists."""

import json
from collections.abc import Sequence
from datetime import date

from shapely import Point, Polygon, from_geojson

LngLat = tuple[float, float]


class ListInvalid(ValueError):
    """A row of a division list can't be used; the message says why."""


def community_key(street_code: str, name: str, valid_from: date) -> str:
    """Return the key of a community, whose statistical code is not always known."""
    return f"{street_code}:{name}:{valid_from.isoformat()}"


def geojson(ring: Sequence[LngLat]) -> str:
    """Return a polygon as GeoJSON; raises ListInvalid when it crosses itself or has no area."""
    shape = Polygon(ring)
    if not shape.is_valid or shape.area == 0:
        raise ListInvalid("the polygon crosses itself or has no area")
    closed = [*ring, ring[0]] if ring[0] != ring[-1] else list(ring)
    return json.dumps({"type": "Polygon", "coordinates": [closed]}, separators=(",", ":"))


def bounds(polygon: str) -> tuple[float, float, float, float]:
    """Return (min lng, min lat, max lng, max lat) of a GeoJSON polygon."""
    west, south, east, north = from_geojson(polygon).bounds
    return west, south, east, north


def covers(polygon: str, lat: float, lng: float) -> bool:
    """Tell whether a point lies in a GeoJSON polygon; its edge counts as inside."""
    return bool(from_geojson(polygon).covers(Point(lng, lat)))
