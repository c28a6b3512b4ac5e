"""A polygon's own axes, and the rows that are laid along them."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from socioseg.city.paint.axes import axes, boxes, lattice, within
from socioseg.city.paint.canvas import stretch

Y = 6_000_000.0
UNIT = stretch(Y)


def rectangle(long: float, wide: float, angle: float) -> shapely.Polygon:
    """A rectangle of `long` x `wide` metres, its long side turned by `angle` degrees."""
    box = shapely.box(-long / 2 * UNIT, -wide / 2 * UNIT, long / 2 * UNIT, wide / 2 * UNIT)
    return shapely.affinity.translate(shapely.affinity.rotate(box, angle), 100.0, Y)


@given(st.floats(30, 200), st.floats(5, 29), st.floats(-80, 80))
def test_axes_of_a_rectangle_are_its_sides(long: float, wide: float, angle: float) -> None:
    found = axes(rectangle(long, wide, angle))
    assert (found.length, found.width) == pytest.approx((long, wide), rel=1e-3)
    assert math.degrees(math.atan2(found.north, found.east)) == pytest.approx(angle, abs=0.02)
    assert (found.x, found.y) == pytest.approx((100, Y), abs=0.01)


@pytest.mark.parametrize("shape", [shapely.Point(3, 4), shapely.Polygon()])
def test_axes_of_what_has_no_area_have_no_size(shape: shapely.Geometry) -> None:
    found = axes(shape)
    assert (found.length, found.width) == (0, 0)
    assert not len(lattice(found, 2, 2))


@given(st.floats(1, 20), st.floats(1, 20))
def test_lattice_stays_within_the_rectangle_and_fills_it(along: float, across: float) -> None:
    frame = axes(rectangle(100, 60, 30))
    points = lattice(frame, along, across)
    assert (np.abs(points) <= (50, 30)).all()
    assert len(points) >= int(100 / along - 1) * int(60 / across - 1)
    assert within(rectangle(101, 61, 30), frame.place(points)).all()


def test_turned_axes_lie_across() -> None:
    frame = axes(rectangle(100, 60, 30))
    assert frame.turned.place(np.array([0.0, -10.0])) == pytest.approx(
        frame.place(np.array([10.0, 0.0]))
    )
    assert frame.turned.length == frame.width


def test_boxes_have_their_size_and_turn() -> None:
    corners = boxes(np.array([[10.0, 20.0]]), 4.0, 2.0, math.pi / 2)[0]
    shape = shapely.Polygon(corners)
    assert shape.area == pytest.approx(8)
    assert shape.bounds == pytest.approx((9, 18, 11, 22))
