"""What a building is taken for."""

from __future__ import annotations

import pytest
import shapely

from socioseg.city.paint.buildings import building, is_building
from socioseg.city.paint.palette import load
from socioseg.features import Feature


def roof(size: float = 200.0, around: str | None = None, **tags: str) -> str:
    """Name of the roof that a building of `size` square metres gets."""
    feature = Feature("way/1", tags, shapely.box(0, 0, size**0.5, size**0.5))
    look = building(feature, size, around, 0).look
    return next(name for name, one in load().roofs.items() if one is look)


@pytest.mark.parametrize(
    ("tags", "size", "name"),
    [
        ({"building": "warehouse"}, 5000, "hall"),
        ({"building": "yes", "amenity": "school"}, 900, "school"),
        ({"building": "church"}, 500, "church"),
        ({"building": "yes", "shop": "florist"}, 300, "shop"),
        ({"building": "yes"}, 120, "house"),
        ({"building": "yes"}, 2000, "block"),
        ({"building": "yes"}, 20, "shed"),
        ({"building": "house"}, 900, "block"),
        ({"man_made": "storage_tank"}, 300, "tank"),
    ],
)
def test_tags_and_size_choose_the_roof(tags: dict[str, str], size: float, name: str) -> None:
    assert roof(size, **tags) == name


def test_ground_around_chooses_where_the_tags_do_not() -> None:
    assert roof(900, "concrete", building="yes") == "hall"
    assert roof(900, "yard", building="yes") == "school"
    assert roof(900, "concrete", building="church") == "church"


@pytest.mark.parametrize(
    ("tags", "height"),
    [
        ({"height": "12.5 m"}, 12.5),
        ({"height": "7,5"}, 7.5),
        ({"building:levels": "4"}, 13.8),
        ({"height": "9999"}, 300.0),
    ],
)
def test_height_is_what_the_tags_say(tags: dict[str, str], height: float) -> None:
    feature = Feature("way/1", {"building": "yes"} | tags, shapely.box(0, 0, 20, 20))
    assert building(feature, 400, None, 0).height == pytest.approx(height)


def test_roof_has_its_tagged_colour_and_shape() -> None:
    tags = {"building": "yes", "roof:colour": "red", "roof:shape": "flat"}
    one = building(Feature("way/1", tags, shapely.box(0, 0, 9, 9)), 81, None, 0)
    assert one.ink[0] > one.ink[1] + 50
    assert one.form == "flat"


@pytest.mark.parametrize(
    ("tags", "seen"),
    [
        ({"building": "yes"}, True),
        ({"building:part": "yes"}, True),
        ({"building": "no"}, False),
        ({"building": "yes", "location": "underground"}, False),
        ({"landuse": "retail"}, False),
    ],
)
def test_is_building(tags: dict[str, str], *, seen: bool) -> None:
    assert is_building(tags) is seen
