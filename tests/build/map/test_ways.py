from __future__ import annotations

import pytest
import shapely

from socioseg.build.map.ways import LINK_WIDTH, Way, WayNames, make_way, way_order
from socioseg.features import Feature
from socioseg.sample import Window

WINDOW = Window(17, 2**24, 2**24, 256)  # its upper left corner is at (0, 0)
SIDE = 256 * WINDOW.resolution


def way(tags: dict[str, str], *points: tuple[float, float]) -> Way:
    path = shapely.LineString(points or [(0, -10), (100, -10)])
    made = make_way(Feature("way/1", tags, path), tags.get("name", ""))
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "motorway"}, "motorway"),
        ({"highway": "trunk_link"}, "trunk"),
        ({"highway": "unclassified"}, "residential"),
        ({"highway": "cycleway"}, "path"),
        ({"highway": "steps"}, "steps"),
        ({"railway": "light_rail"}, "rail"),
        ({"railway": "tram", "highway": "residential"}, "residential"),
        ({"waterway": "canal"}, "canal"),
    ],
)
def test_ways_have_a_kind(tags: dict[str, str], kind: str) -> None:
    assert way(tags).kind == kind


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "construction"},
        {"highway": "corridor", "indoor": "yes"},
        {"highway": "pedestrian", "area": "yes"},
        {"highway": "footway", "footway": "sidewalk"},
        {"railway": "abandoned"},
        {"waterway": "dam"},
        {"waterway": "stream", "tunnel": "culvert"},
        {"barrier": "fence"},
        {"power": "line"},
    ],
)
def test_other_lines_are_left_out(tags: dict[str, str]) -> None:
    assert make_way(Feature("way/1", tags, shapely.LineString([(0, 0), (1, 1)])), "") is None


@pytest.mark.parametrize(
    ("tags", "width"),
    [
        ({"highway": "primary"}, 1),
        ({"highway": "primary_link"}, LINK_WIDTH),
        ({"highway": "service", "service": "driveway"}, LINK_WIDTH),
        ({"railway": "rail", "service": "siding"}, LINK_WIDTH),
    ],
)
def test_slip_roads_and_sidings_are_narrower(tags: dict[str, str], width: float) -> None:
    assert way(tags).width == width


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({}, 0),
        ({"bridge": "yes"}, 1),
        ({"layer": "-2"}, -2),
        ({"layer": "3;4"}, 0),
        ({"bridge": "no"}, 0),
    ],
)
def test_ways_have_a_level(tags: dict[str, str], level: int) -> None:
    assert way({"highway": "primary", **tags}).level == level


def test_ways_are_ordered_by_level_then_rank() -> None:
    kinds = ["motorway", "path", "service", "residential"]
    ways = [way({"highway": "path", "bridge": "yes"}), *(way({"highway": k}) for k in kinds)]
    ordered = [(w.level, w.kind) for w in sorted(ways, key=way_order)]
    ranks = ["path", "service", "residential", "motorway"]
    assert ordered == [*((0, kind) for kind in ranks), (1, "path")]


def test_the_pieces_of_a_street_have_one_name() -> None:
    street = {"highway": "residential", "name": "Mill Lane"}
    pieces = [way(street, (0, -10), (50, -10)), way(street, (90, -12), (50, -10))]
    [found] = WayNames(pieces).within(WINDOW)
    assert found.text == "Mill Lane"
    assert found.geometry.length == pytest.approx(50 + 40.05, abs=0.1)


def test_only_what_lies_in_the_window_is_named() -> None:
    street = {"highway": "residential", "name": "Mill Lane"}
    far = way(street, (SIDE + 1, -10), (SIDE + 90, -10))
    through = way({**street, "name": "Long Road"}, (-500, -50), (5000, -50))
    [found] = WayNames([far, through]).within(WINDOW)
    assert found.geometry.bounds == pytest.approx((0, -50, SIDE, -50))


def test_a_street_that_touches_the_window_in_a_point_has_no_name() -> None:
    touching = way({"highway": "primary", "name": "Edge"}, (-50, 0), (0, 0), (-50, 50))
    assert WayNames([touching]).within(WINDOW) == []
    assert WayNames([]).within(WINDOW) == []


def test_great_roads_are_named_before_small_ones() -> None:
    ways = [way({"highway": k, "name": k}) for k in ("service", "primary", "residential")]
    found = [line.text for line in WayNames(ways).within(WINDOW)]
    assert found == ["primary", "residential", "service"]
