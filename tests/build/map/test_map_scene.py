from __future__ import annotations

import pytest
import shapely

from socioseg.build.map.labels import Label
from socioseg.build.map.scene import MapOptions, MapScene, map_scene
from socioseg.features import Feature, OsmData
from socioseg.taxonomy import load_taxonomy

SQUARE = shapely.box(0, 0, 100, 60)


def scene(data: OsmData, **options: object) -> MapScene:
    return map_scene(data, MapOptions()._replace(**options), load_taxonomy())


def areas(*tags: dict[str, str]) -> OsmData:
    return OsmData([Feature(f"way/{i}", t, SQUARE) for i, t in enumerate(tags, start=1)])


def points(*tags: dict[str, str]) -> OsmData:
    return OsmData(
        points=[Feature(f"node/{i}", t, shapely.Point(i, 0)) for i, t in enumerate(tags)]
    )


def shapes_of(found: MapScene) -> int:
    """How many geometries a scene has, labels apart."""
    layers = (found.coast, found.water, found.waterways, found.tunnels, found.buildings, found.ways)
    return sum(map(len, layers))


def test_an_aoi_is_a_label_and_nothing_else() -> None:
    found = scene(areas({"leisure": "park", "name": "West Park"}))
    assert found.symbols == [Label(50, 30, "West Park", "park_and_greenspace", aoi=True)]
    assert shapes_of(found) == 0


def test_an_aoi_without_a_name_is_not_shown() -> None:
    assert scene(areas({"leisure": "park"})) == scene(OsmData())


@pytest.mark.parametrize(
    "tags",
    [
        {"leisure": "track", "highway": "footway"},
        {"amenity": "school", "barrier": "fence"},
        {"leisure": "park", "natural": "coastline"},
        {"amenity": "parking", "highway": "service"},
    ],
)
def test_the_line_that_draws_an_aoi_is_left_out(tags: dict[str, str]) -> None:
    outline = Feature("way/1", tags, SQUARE.exterior)
    other = Feature("way/2", {"highway": "service"}, SQUARE.exterior)
    found = scene(OsmData(areas(tags).areas, [outline, other]))
    assert len(found.ways) == 1
    assert shapes_of(found) == 1


def test_a_building_stands_among_buildings_whether_aoi_or_not() -> None:
    found = scene(areas({"building": "yes"}, {"building": "school", "name": "A School"}))
    assert found.buildings == [SQUARE, SQUARE]
    assert [label.text for label in found.symbols] == ["A School"]


@pytest.mark.parametrize(
    "tags",
    [{"building": "no"}, {"building": "yes", "location": "underground"}, {"building:part": "yes"}],
)
def test_what_is_no_building_above_ground_has_no_footprint(tags: dict[str, str]) -> None:
    assert scene(areas(tags)).buildings == []


def test_buildings_can_be_left_out() -> None:
    data = areas({"building": "school", "name": "A School"})
    assert scene(data, buildings=False) == scene(data)._replace(buildings=[])


@pytest.mark.parametrize(
    "tags",
    [
        {"natural": "water"},
        {"waterway": "riverbank"},
        {"landuse": "reservoir"},
        {"landuse": "basin"},
    ],
)
def test_water_is_drawn_as_an_area(tags: dict[str, str]) -> None:
    assert scene(areas(tags)).water == [SQUARE]


def test_water_that_is_an_aoi_is_not_drawn() -> None:
    assert scene(areas({"natural": "water", "leisure": "swimming_pool"})).water == []


@pytest.mark.parametrize("tags", [{"landuse": "forest"}, {"natural": "scrub"}, {"barrier": "wall"}])
def test_other_areas_are_not_drawn(tags: dict[str, str]) -> None:
    assert shapes_of(scene(areas(tags))) == 0


def test_waters_have_names() -> None:
    found = scene(areas({"natural": "water", "name": "Mere"}))
    assert found.names == [Label(50, 30, "Mere", "water")]


def test_symbols_stand_in_the_order_of_their_importance() -> None:
    data = points({"amenity": "cafe"}, {"amenity": "bank", "name": "Bank"})
    data.areas.extend(areas({"amenity": "school", "name": "School"}).areas)
    assert [label.text for label in scene(data).symbols] == ["School", "Bank", ""]


def test_points_without_a_class_have_no_symbol() -> None:
    assert scene(points({"natural": "tree", "name": "Old Oak"})).symbols == []


def test_places_have_names_without_a_symbol() -> None:
    found = scene(points({"place": "suburb", "name": "Eastham"}, {"place": "farm", "name": "F"}))
    assert found.names == [Label(0, 0, "Eastham", "place")]


def test_the_name_of_a_private_person_is_not_shown() -> None:
    found = scene(points({"amenity": "doctors", "name": "Dr. Jane Roe"}))
    assert [label.text for label in found.symbols] == [""]


def test_the_language_holds_for_every_kind_of_name() -> None:
    names = {"name": "Nom", "name:en": "Name"}
    data = areas({"amenity": "school", **names}, {"natural": "water", **names})
    data.points.extend(points({"place": "suburb", **names}, {"amenity": "cafe", **names}).points)
    data.lines.append(Feature("way/9", {"highway": "road", **names}, SQUARE.exterior))
    for language, text in (("en", "Name"), ("", "Nom"), ("xx", "Nom")):
        found = scene(data, language=language)
        assert {label.text for label in [*found.symbols, *found.names]} == {text}
        assert found.ways[0].name == text


def test_tunnels_lie_below_and_bridges_above() -> None:
    tags: list[dict[str, str]] = [
        {"highway": "primary", "bridge": "yes"},
        {"highway": "residential"},
        {"highway": "primary"},
        {"highway": "service", "layer": "2", "bridge": "yes"},
        {"highway": "primary", "tunnel": "yes"},
    ]
    data = OsmData(lines=[Feature(f"way/{i}", t, SQUARE.exterior) for i, t in enumerate(tags)])
    found = scene(data)
    order = [(way.level, way.kind) for way in found.ways]
    assert order == [(0, "residential"), (0, "primary"), (1, "primary"), (2, "service")]
    assert len(found.tunnels) == 1
