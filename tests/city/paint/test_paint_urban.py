"""How built-up the ground is."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from socioseg.city.paint.canvas import View
from socioseg.city.paint.urban import REACH, Density
from socioseg.features import Feature

VIEW = View(17, 65_500 * 256, 65_536 * 256, 256, 256)
LEFT, _, _, TOP = VIEW.bounds


def house(x: float, y: float, size: float = 20.0) -> Feature:
    """A house so many EPSG:3857 units right and down of the view's corner."""
    return Feature("way/1", {}, shapely.box(LEFT + x, TOP - y, LEFT + x + size, TOP - y + size))


def test_nothing_built_is_zero() -> None:
    assert Density([], []).over(VIEW).share.max() == 0


def test_share_is_highest_at_the_house_and_zero_far_away() -> None:
    share = Density([house(150, 150)], []).over(VIEW).share
    res = VIEW.bounds[2] - LEFT
    row, column = np.unravel_index(share.argmax(), share.shape)
    assert (row * res / 256, column * res / 256) == pytest.approx((140, 160), abs=15)
    assert share[:, int((160 + 1.6 * REACH) / res * 256) :].max() == 0


def test_share_of_a_fully_built_quarter_is_its_share() -> None:
    houses = [house(x, y) for x in range(-100, 500, 40) for y in range(-100, 500, 40)]
    share = Density(houses, []).over(VIEW).share
    assert share[60:200, 60:200].mean() == pytest.approx(0.25, abs=0.03)


def test_views_agree_on_shared_ground() -> None:
    density = Density([house(150, 150), house(220, 90)], [])
    one, other = density.over(VIEW), density.over(VIEW._replace(left=VIEW.left + 64))
    assert one.share[:, 64:] == pytest.approx(other.share[:, :-64], abs=1e-4)


def test_streets_count() -> None:
    street = Feature(
        "way/2", {}, shapely.LineString([(LEFT + 100, TOP - 100), (LEFT + 150, TOP - 100)])
    )
    assert Density([], [street]).over(VIEW).share.max() > 0.01
