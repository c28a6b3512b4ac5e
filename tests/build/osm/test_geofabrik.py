from __future__ import annotations

import pytest

from socioseg.build.osm.geofabrik import fclass_tags
from socioseg.taxonomy import load_taxonomy

NEW_REGION_CATEGORIES = """
school museum cinema park theatre convenience supermarket police pub pitch pharmacy beverages
sports_centre fire_station bar hospital department_store veterinary mall fast_food hostel hotel
stationery shoe_shop playground recycling_glass cafe university water_works car_wash kindergarten
furniture_shop car_rental college clothes garden_centre graveyard zoo stadium chemist florist
golf_course food_court nightclub car_dealership greengrocer motel bank nursing_home dentist
doityourself doctors dog_park market_place swimming_pool wastewater_plant courthouse embassy
recycling community_centre bakery butcher arts_centre library ice_rink restaurant theme_park prison
clinic public_building ruins attraction general camp_site town_hall sports_shop memorial post_office
track
""".split()  # noqa: SIM905 - a list would take eighty lines


@pytest.mark.parametrize("fclass", NEW_REGION_CATEGORIES)
def test_every_category_of_the_new_region_set_has_a_class(fclass: str) -> None:
    assert load_taxonomy().classify(fclass_tags(fclass)) is not None


def test_those_categories_keep_apart() -> None:
    classes = {load_taxonomy().classify(fclass_tags(fclass)) for fclass in NEW_REGION_CATEGORIES}
    assert len(classes) >= len(NEW_REGION_CATEGORIES) - 1  # recycling_glass is recycling


@pytest.mark.parametrize(
    ("fclass", "tags"),
    [
        ("graveyard", {"amenity": "grave_yard"}),
        ("market_place", {"amenity": "marketplace"}),
        ("beverages", {"shop": "beverages"}),
        ("water_works", {"man_made": "water_works"}),
        ("motorway_link", {"highway": "motorway_link"}),
        ("track_grade2", {"highway": "track", "tracktype": "grade2"}),
        ("muslim", {"amenity": "place_of_worship", "religion": "muslim"}),
        ("nature_reserve", {"leisure": "nature_reserve"}),
        ("building", {"building": "yes"}),
        ("railway_station", {"railway": "station"}),
        ("no such thing", {}),
    ],
)
def test_tags_of_a_value(fclass: str, tags: dict[str, str]) -> None:
    assert fclass_tags(fclass) == tags


@pytest.mark.parametrize(
    ("fclass", "layer", "tags"),
    [
        ("residential", "gis_osm_roads_free_1.shp", {"highway": "residential"}),
        ("residential", "gis_osm_landuse_a_free_1", {"landuse": "residential"}),
        ("residential", "", {"landuse": "residential"}),
        ("track", "roads", {"highway": "track"}),
        ("track", "gis_osm_pois_a_free_1", {"leisure": "track"}),
        ("river", "gis_osm_water_a_free_1", {"natural": "water", "water": "river"}),
        ("river", "waterways", {"waterway": "river"}),
        ("school", "my own layer", {"amenity": "school"}),
    ],
)
def test_layer_settles_what_a_value_means(fclass: str, layer: str, tags: dict[str, str]) -> None:
    assert fclass_tags(fclass, layer) == tags


def test_answer_is_the_callers_own() -> None:
    fclass_tags("school")["amenity"] = "changed"
    assert fclass_tags("school") == {"amenity": "school"}
