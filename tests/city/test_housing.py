from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from socioseg.city.housing import ROWS, houses

BLOCK = Polygon([(0, 0), (150, 8), (160, 95), (70, 110), (-8, 90)])


@pytest.mark.parametrize("style", [*ROWS, "perimeter"])
def test_houses_stand_apart_inside_their_block(style: str) -> None:
    built = houses(BLOCK, style, np.random.default_rng(0))
    plans = [item.geometry for item in built]
    assert plans
    assert all(BLOCK.contains(plan) for plan in plans)
    overlap = sum(plan.area for plan in plans) - shapely.union_all(plans).area
    assert overlap < 0.01 * sum(plan.area for plan in plans)
    assert all(int(item.tags["building:levels"]) >= 1 for item in built)


def test_a_perimeter_house_has_a_courtyard() -> None:
    (item,) = houses(BLOCK, "perimeter", np.random.default_rng(0))
    assert isinstance(item.geometry, Polygon)
    assert len(item.geometry.interiors) == 1


def test_a_block_too_small_for_a_courtyard_gets_a_row() -> None:
    built = houses(box(0, 0, 60, 26), "perimeter", np.random.default_rng(0))
    assert {item.tags["building"] for item in built} <= {"terrace"}


def test_a_block_without_room_stays_empty() -> None:
    assert houses(box(0, 0, 8, 8), "slabs", np.random.default_rng(0)) == []
