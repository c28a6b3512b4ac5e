from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box
from shapely.affinity import rotate

from socioseg.city.frame import Frame, across, long_frame, orientation

angles = st.floats(-math.pi, math.pi)
coordinates = st.floats(-5000, 5000)


@given(coordinates, coordinates, angles)
def test_into_and_out_undo_each_other(x: float, y: float, angle: float) -> None:
    shape, frame = box(-3, 2, 8, 40), Frame(x, y, angle)
    assert frame.out(frame.into(shape)).equals_exact(shape, 1e-6)
    assert frame.into(shape).area == pytest.approx(shape.area)


@given(st.floats(-44, 44))
def test_orientation_is_the_turn_of_a_rectangle(degrees: float) -> None:
    turned = rotate(box(0, 0, 90, 20), degrees)
    assert math.degrees(orientation(turned)) == pytest.approx(degrees, abs=1e-6)
    assert np.ptp(long_frame(turned).into(turned).bounds[0::2]) == pytest.approx(90)


@given(st.integers(2, 5), st.floats(0, 180), st.integers(0, 99))
def test_pieces_of_a_cut_fill_the_whole(parts: int, degrees: float, seed: int) -> None:
    whole = rotate(Polygon([(0, 0), (300, 10), (280, 120), (140, 150), (-10, 90)]), degrees)
    pieces, lines = across(whole, parts, np.random.default_rng(seed))
    assert len(pieces) == parts
    assert len(lines) == parts - 1
    assert shapely.union_all(pieces).symmetric_difference(whole).area < 1e-3
    assert sum(p.area for p in pieces) == pytest.approx(whole.area)
    assert all(line.boundary.distance(whole.boundary) < 1e-6 for line in lines)
