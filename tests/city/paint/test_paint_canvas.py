"""The canvas draws on the global pixel grid, holes and clips included."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from socioseg.city.paint.canvas import Canvas, View, stretch
from socioseg.sample import Window

VIEW = View(17, 40_000, 50_000, 100, 80, fine=2)


def square(west: float, south: float, east: float, north: float) -> shapely.Polygon:
    """A rectangle in shares of the view, from its south-western corner."""
    left, bottom, right, top = VIEW.bounds
    x, y = right - left, top - bottom
    return shapely.box(left + west * x, bottom + south * y, left + east * x, bottom + north * y)


def drawn(canvas: Canvas) -> np.ndarray:
    return np.asarray(canvas.image)


def test_view_has_the_bounds_and_the_scale_of_the_window() -> None:
    window = Window(17, 40_000, 50_000, 80)
    view = View(17, 40_000, 50_000, 80, 80, fine=2)
    assert view.bounds == window.bounds
    assert view.metre == pytest.approx(2 / window.gsd)


@given(st.floats(-85, 85))
def test_stretch_is_one_over_the_cosine_of_the_latitude(latitude: float) -> None:
    y = 6378137.0 * np.arctanh(np.sin(np.radians(latitude)))
    assert stretch(y) == pytest.approx(1 / np.cos(np.radians(latitude)))


def test_ground_undoes_dots() -> None:
    canvas, points = Canvas(VIEW), shapely.get_coordinates(square(0.1, 0.2, 0.7, 0.9))
    assert canvas.ground(canvas.dots(points)) == pytest.approx(points)


def test_fills_what_the_polygon_covers() -> None:
    canvas = Canvas(VIEW, "L")
    canvas.fill(square(0.25, 0.5, 0.75, 1.0), 9)
    assert (drawn(canvas) == 9).mean() == pytest.approx(0.25, abs=0.02)
    assert drawn(canvas)[40, 100] == 9  # the north is up
    assert drawn(canvas)[120, 100] == 0


def test_leaves_holes_and_fills_every_part() -> None:
    canvas = Canvas(VIEW, "L")
    ring = square(0, 0, 0.4, 1) - square(0.1, 0.25, 0.3, 0.75)
    canvas.fill(shapely.union(ring, square(0.6, 0, 1, 1)), 9)
    assert drawn(canvas)[80, 40] == 0
    assert drawn(canvas)[80, 10] == drawn(canvas)[80, 150] == 9


@given(st.integers(3, 400), st.floats(0.05, 3))
def test_polygons_of_many_corners_are_cut_without_harm(corners: int, size: float) -> None:
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    middle = np.array(square(0, 0, 1, 1).centroid.coords[0])
    radius = size * (VIEW.bounds[2] - VIEW.bounds[0]) / 2
    disc = shapely.Polygon(middle + radius * np.stack([np.cos(angles), np.sin(angles)], axis=-1))
    canvas, other = Canvas(VIEW, "L"), Canvas(VIEW, "L")
    canvas.fill(disc, 9)
    other.shape(other.dots(shapely.get_coordinates(disc)), 9)
    assert (drawn(canvas) != drawn(other)).mean() < 0.01


def test_filling_many_is_filling_each() -> None:
    shapes = [square(0, 0, 0.5, 0.5), square(0.2, 0.2, 0.9, 0.9) - square(0.3, 0.3, 0.4, 0.4)]
    many, each = Canvas(VIEW, "L"), Canvas(VIEW, "L")
    many.fills(shapes, [3, 7])
    for shape, ink in zip(shapes, (3, 7), strict=True):
        each.fill(shape, ink)
    assert np.array_equal(drawn(many), drawn(each))


def test_what_is_drawn_inside_stays_inside() -> None:
    canvas = Canvas(VIEW, "L", 1)
    with canvas.inside(square(0.25, 0.25, 0.75, 0.75)) as part:
        part.fill(square(-1, -1, 2, 2), 9)
    inside = np.zeros((160, 200), bool)
    inside[41:119, 51:149] = True
    assert (drawn(canvas)[inside] == 9).all()
    assert (drawn(canvas)[:38] == 1).all()
    assert (drawn(canvas)[:, 154:] == 1).all()


def test_drawing_inside_what_lies_elsewhere_changes_nothing() -> None:
    canvas = Canvas(VIEW, "L", 1)
    with canvas.inside(square(3, 3, 4, 4)) as part:
        part.fill(square(-9, -9, 9, 9), 9)
    assert (drawn(canvas) == 1).all()


def test_stroke_is_as_wide_as_asked() -> None:
    canvas = Canvas(VIEW, "L")
    canvas.stroke(np.array([[-10.0, 80.0], [210.0, 80.0]]), 5.0, 9)
    assert (drawn(canvas)[:, 100] == 9).sum() == pytest.approx(5 * VIEW.metre, abs=2)
