from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from socioseg.city.shapes import SHAPES


@pytest.mark.parametrize("name", SHAPES)
@given(st.floats(8, 150), st.floats(8, 90), st.integers(0, 99))
def test_a_shape_is_one_valid_polygon_in_its_rectangle(
    name: str, width: float, depth: float, seed: int
) -> None:
    plan = SHAPES[name](width, depth, np.random.default_rng(seed))
    assert isinstance(plan, Polygon)
    assert plan.is_valid
    assert box(-width / 2, -depth / 2, width / 2, depth / 2).buffer(1e-6).contains(plan)
    assert plan.area > 0.1 * min(width, depth) ** 2


@pytest.mark.parametrize("name", ["court", "ring"])
def test_a_courtyard_is_a_hole(name: str) -> None:
    plan = SHAPES[name](60, 50, np.random.default_rng(0))
    assert isinstance(plan, Polygon)
    assert len(plan.interiors) == 1
