"""Shadows are as long as the sun says, on the ground and on lower roofs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from socioseg.city.paint.buildings import Building, building
from socioseg.city.paint.canvas import View
from socioseg.city.paint.shadows import EAST, SOUTH, cast, sun_pixels
from socioseg.city.paint.trees import Trees
from socioseg.features import Feature

VIEW = View(18, 131_000 * 256, 131_072 * 256 - 150, 300, 300)  # at the equator
METRE = VIEW.metre
NO_TREES = Trees(np.empty((0, 2)))


def block(number: int, box: tuple[float, float, float, float], height: float) -> Building:
    """A box of `height` in metres east and south of the view's corner."""
    west, north, east, south = (value / METRE * VIEW.metre for value in box)
    left, _, _, top = VIEW.bounds
    shape = shapely.box(left + west, top - south, left + east, top - north)
    tags = {"building": "yes", "height": str(height)}
    return building(Feature(f"way/{number}", tags, shape), shape.area, None, 0)


def shade(*blocks: Building) -> np.ndarray:
    return cast(VIEW, blocks, [], NO_TREES)


def at(picture: np.ndarray, east: float, south: float) -> float:
    return float(picture[round(south * METRE), round(east * METRE)])


def test_no_building_no_shadow() -> None:
    assert shade().max() == 0


@pytest.mark.parametrize("height", [10.0, 30.0])
def test_shadow_ends_where_the_sun_comes_over_the_roof(height: float) -> None:
    picture = shade(block(1, (80, 80, 120, 120), height))
    middle = (100 - EAST * height, 80 - SOUTH * height)  # of the shadow of the northern edge
    assert at(picture, middle[0], middle[1] + 3) > 0.9
    assert at(picture, middle[0], middle[1] - 3) < 0.1
    assert at(picture, 130, 130) == 0


def test_roof_is_not_in_its_own_shadow() -> None:
    assert at(shade(block(1, (80, 80, 120, 120), 20)), 100, 100) == 0


def test_high_building_shades_a_lower_one_and_not_the_other_way_round() -> None:
    low, high = block(1, (60, 60, 90, 90), 5), block(2, (91, 91, 120, 120), 40)
    picture = shade(low, high)
    assert at(picture, 80, 80) > 0.9
    assert at(picture, 105, 105) == 0


def test_building_beyond_the_view_shades_it() -> None:
    outside = VIEW.width / METRE + 5
    picture = shade(block(1, (outside, 80, outside + 40, 120), 40))
    assert picture[:, -1].max() > 0.9


def test_tree_casts_a_shadow() -> None:
    left, _, _, top = VIEW.bounds
    picture = cast(VIEW, [], [], Trees(np.array([[left + 100, top - 100]])))
    assert 0.5 < picture.max() <= 1
    assert at(picture, 110, 110) == 0


def test_sun_stands_in_the_south_east() -> None:
    right, down = sun_pixels(VIEW, 10)
    assert (right, down) == (round(10 * EAST * METRE), round(10 * SOUTH * METRE))
