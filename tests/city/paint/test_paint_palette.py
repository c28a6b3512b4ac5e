"""The palette: every name in it leads somewhere, and tags are matched in the stated order."""

from __future__ import annotations

import pytest

from socioseg.city.paint.palette import PLAIN, load, match, mix, tint
from socioseg.city.paint.roofs import FORMS

PALETTE = load()


def test_every_ground_that_is_named_exists() -> None:
    named = {ground for values in PALETTE.areas.values() for ground in values.values()}
    named |= {way.ground for ways in PALETTE.ways.values() for way in ways.values()}
    named |= set(PALETTE.surfaces.values()) | set(PALETTE.inherited)
    named |= {roof["ground"] for roof in PALETTE.roofs.values()}
    assert named <= set(PALETTE.grounds) | {"bunker"}


def test_every_roof_that_is_named_exists() -> None:
    named = {roof for values in PALETTE.buildings.values() for roof in values.values()}
    assert named | set(PALETTE.inherited.values()) <= set(PALETTE.roofs)
    assert {roof["form"] for roof in PALETTE.roofs.values()} == set(FORMS)
    assert set(PALETTE.shapes.values()) <= set(FORMS)


def test_colours_are_bytes_and_codes_fit_one() -> None:
    assert PALETTE.grounds["plain"].code == PLAIN
    assert max(ground.code for ground in PALETTE.grounds.values()) < 256
    assert all(0 <= value <= 255 for ground in PALETTE.grounds.values() for value in ground.rgb)


@pytest.mark.parametrize(
    ("tags", "ground"),
    [
        ({"leisure": "pitch", "landuse": "grass"}, "turf"),
        ({"amenity": "school", "landuse": "residential"}, "yard"),
        ({"natural": "water"}, "water"),
        ({"golf": "bunker"}, "sand"),
        ({"shop": "no", "landuse": "forest"}, "wood"),
        ({"shop": "florist"}, "paved"),
        ({"boundary": "administrative"}, None),
        ({}, None),
    ],
)
def test_tags_choose_the_ground(tags: dict[str, str], ground: str | None) -> None:
    assert PALETTE.area(tags) == ground


def test_first_key_of_the_table_wins() -> None:
    table = {"a": {"1": "x"}, "b": {"*": "y"}}
    assert match(table, {"b": "2", "a": "1"}) == "x"
    assert match(table, {"b": "2", "a": "2"}) == "y"


def test_greater_roads_are_wider_and_lie_on_top() -> None:
    roads = [PALETTE.ways["highway"][name] for name in ("motorway", "tertiary", "service", "path")]
    assert roads == sorted(roads, key=lambda way: (way.width, way.rank), reverse=True)


def test_inks() -> None:
    assert tint((100, 200, 250), 1.5, 7) == (150, 255, 255, 7)
    assert mix((0, 0, 0, 3), (100, 200, 40, 9), 0.5) == (50, 100, 20, 3)
