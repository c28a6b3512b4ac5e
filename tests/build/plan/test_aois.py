"""AOIs out of OSM data."""

from __future__ import annotations

import toy

from socioseg.build.plan.aois import Aoi, find_aois, unknown_tags
from socioseg.build.recipe import Aois
from socioseg.features import Feature, OsmData
from socioseg.taxonomy import load_taxonomy


def _aois(data: OsmData, **options: object) -> list[Aoi]:
    return find_aois(data, load_taxonomy(), Aois.model_validate(options))


def _building_with(*points: Feature) -> OsmData:
    return OsmData(areas=[toy.area(1, 0, 0, 0.2, building="yes")], points=list(points))


def test_areas_with_a_class_are_aois_nested_ones_too() -> None:
    school = toy.area(1, 0, 0, 0.5, amenity="school", name="North School")
    pitch = toy.area(2, 0, 0, 0.1, leisure="pitch", sport="soccer")
    water = toy.area(3, 1, 1, 0.5, natural="water", name="Long Lake")
    found = _aois(OsmData(areas=[school, pitch, water]))
    assert [(aoi.osm_id, aoi.name, aoi.function) for aoi in found] == [
        ("way/1", "North School", "educational"),
        ("way/2", "", "sport and cultural"),
    ]


def test_names_in_a_language() -> None:
    tags = {"amenity": "school", "name": "北中学", "name:en": "North School"}
    data = OsmData(areas=[toy.area(1, 0, 0, 0.5, **tags)])
    assert _aois(data)[0].name == "北中学"
    assert _aois(data, language="en")[0].name == "North School"


def test_a_building_takes_the_class_of_its_only_poi() -> None:
    bank = toy.point(5, 0, 0, amenity="bank", name="First Bank")
    tree = toy.point(6, 0.01, 0, natural="tree")
    assert _aois(_building_with(bank, tree)) == []
    (found,) = _aois(_building_with(bank, tree), poi_buildings=True)
    assert (found.osm_ids, found.socio_class, found.name) == (
        ("way/1", "node/5"),
        "bank",
        "First Bank",
    )


def test_a_building_with_two_pois_or_none_stays_without_class() -> None:
    bank = toy.point(5, 0, 0, amenity="bank")
    cafe = toy.point(6, 0.01, 0, amenity="cafe")
    outside = toy.point(7, 0.5, 0, amenity="cafe")
    assert _aois(_building_with(bank, cafe), poi_buildings=True) == []
    assert _aois(_building_with(outside), poi_buildings=True) == []


def test_unknown_tags_are_counted_most_frequent_first() -> None:
    areas = [toy.area(i, i, 0, 0.1, amenity="zzz") for i in range(3)]
    areas.append(toy.area(9, 0, 0, 0.1, amenity="yyy"))
    counts = unknown_tags(OsmData(areas=areas), load_taxonomy())
    assert next(iter(counts.items())) == ("amenity=zzz", 3)
    assert counts["amenity=yyy"] == 1
