from __future__ import annotations

import pytest
from shapely import LineString, Point, box

from socioseg.city.lines import nearest_corner
from socioseg.city.roads import avenue_trees, joined, road_items
from socioseg.city.skeleton import Road

EAST = Road(LineString([(0, 0), (100, 0)]), "primary")
NORTH = Road(LineString([(40, 0), (40, 70)]), "residential")
CROSS = Road(LineString([(70, -20), (70, 20)]), "residential")


def test_roads_share_the_points_where_they_meet() -> None:
    east, north, cross = joined([EAST, NORTH, CROSS])
    assert list(east.line.coords) == [(0, 0), (40, 0), (70, 0), (100, 0)]
    assert list(north.line.coords) == [(40, 0), (40, 70)]
    assert (70, 0) in cross.line.coords


def test_a_road_over_water_is_on_a_bridge_there() -> None:
    items = road_items([EAST], box(30, -9, 50, 9), lambda _: {"name": "Long Road"})
    bridges = [item for item in items if item.tags.get("bridge") == "yes"]
    assert [b.geometry.bounds for b in bridges] == [(30, 0, 50, 0)]
    assert sum(item.geometry.length for item in items) == pytest.approx(100)
    assert {item.tags["name"] for item in items} == {"Long Road"}


def test_trees_line_primary_roads_but_not_bridges() -> None:
    trees = avenue_trees([EAST, NORTH], box(40, -50, 60, 50))
    assert trees
    assert all(abs(item.geometry.bounds[1]) == pytest.approx(9.5) for item in trees)
    assert not any(28 < item.geometry.bounds[0] < 72 for item in trees)


def test_nearest_corner_is_a_point_of_the_line() -> None:
    assert nearest_corner(NORTH.line, Point(90, 60)) == Point(40, 70)
