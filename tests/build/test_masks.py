"""Masks against an independent rasterisation: which pixel centres a polygon contains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from socioseg.build.masks import draw_mask
from socioseg.sample import Window

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = Window(17, 5_000_000, 6_000_000, 48)
coordinates = st.floats(-10, 58, allow_nan=False).map(lambda v: round(v, 2))
# Uneven offsets, so that no edge runs through a pixel's centre, where either answer is right.
vertices = st.tuples(coordinates.map(lambda x: x + 1.13e-3), coordinates.map(lambda y: y + 7.7e-4))
rings = st.lists(vertices, min_size=3, max_size=9, unique=True)


def _polygon(ring: list[tuple[float, float]]) -> shapely.Geometry:
    """A valid polygon or several; rings on one line give none."""
    parts = shapely.get_parts(shapely.make_valid(shapely.Polygon(ring)))
    flat = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
    assume(flat)
    return shapely.union_all(flat)


def _on_ground(polygon: shapely.Geometry) -> shapely.Geometry:
    west, _, _, north = WINDOW.bounds
    scale = np.array([WINDOW.resolution, -WINDOW.resolution])
    return shapely.transform(polygon, lambda xy: xy * scale + (west, north))


def _oracle(polygon: shapely.Geometry) -> NDArray[np.bool_]:
    x, y = np.meshgrid(np.arange(WINDOW.size) + 0.5, np.arange(WINDOW.size) + 0.5)
    return np.asarray(shapely.contains_xy(polygon, x, y))


@given(rings)
def test_a_mask_is_the_pixel_centres_inside(ring: list[tuple[float, float]]) -> None:
    polygon = _polygon(ring)
    assert np.array_equal(draw_mask([_on_ground(polygon)], WINDOW), _oracle(polygon))


@given(rings, rings)
def test_polygons_are_united(a: list[tuple[float, float]], b: list[tuple[float, float]]) -> None:
    polygons = [_polygon(ring) for ring in (a, b)]
    expected = _oracle(polygons[0]) | _oracle(polygons[1])
    assert np.array_equal(draw_mask([_on_ground(p) for p in polygons], WINDOW), expected)


def test_holes_stay_open_and_nothing_is_nothing() -> None:
    ring = shapely.Polygon([(5, 5), (40, 5), (40, 40), (5, 40)], [[(10, 10), (10, 20), (20, 10)]])
    mask = draw_mask([_on_ground(ring)], WINDOW)
    assert mask.sum() == _oracle(ring).sum()
    assert not mask[11, 11]
    assert draw_mask([], WINDOW).shape == (48, 48)
    assert not draw_mask([], WINDOW).any()
