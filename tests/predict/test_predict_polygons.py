"""Masks to outlines: exact, whole across strips, valid, and simple within their tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rasterio.features import rasterize
from scipy import ndimage

from socioseg.instances import MIN_PIXELS, instance_boxes
from socioseg.predict.polygons import instances, simplified

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

MASKS = arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24)))
BLOBS = st.builds(
    lambda seed, blur: ndimage.gaussian_filter(np.random.default_rng(seed).random((60, 70)), blur),
    st.integers(0, 10**6),
    st.floats(1, 4),
).map(lambda field: field > np.median(field))


def strips(mask: Mask, height: int) -> Iterator[tuple[int, Mask]]:
    for top in range(0, len(mask), height):
        yield top, mask[top : top + height]


def cleaned(mask: Mask) -> Mask:
    """Without specks, counted one by one."""
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    kept = [n for n in range(1, count + 1) if (labels == n).sum() >= MIN_PIXELS]
    return np.isin(labels, kept)


@given(MASKS | BLOBS, st.integers(1, 30))
def test_outlines_hold_the_instances_pixel_by_pixel(mask: Mask, height: int) -> None:
    found = instances(strips(mask, height))
    assert all(shape.is_valid for shape in found)
    back = rasterize(found, out_shape=mask.shape) if found else np.zeros(mask.shape, int)
    assert np.array_equal(back > 0, cleaned(mask))
    boxes = sorted(tuple(map(int, shape.bounds)) for shape in found)
    assert boxes == sorted(instance_boxes(mask))


@given(MASKS | BLOBS, st.integers(1, 30))
def test_strips_leave_no_trace(mask: Mask, height: int) -> None:
    whole = instances([(0, mask)])
    assert [shape.wkt for shape in instances(strips(mask, height))] == [s.wkt for s in whole]


@given(BLOBS | MASKS, st.sampled_from([0, 0.5, 0.75, 1.5]))
def test_simple_outlines_are_valid_near_and_shorter(mask: Mask, tolerance: float) -> None:
    for shape in instances([(0, mask)]):
        simple = simplified(shape, tolerance)
        assert simple.is_valid
        assert simple.geom_type == shape.geom_type
        assert shapely.hausdorff_distance(simple, shape) <= tolerance + 1e-6
        assert shapely.get_num_coordinates(simple) <= shapely.get_num_coordinates(shape)


def test_slanted_edges_become_straight_and_corners_stay() -> None:
    rows, columns = np.mgrid[:80, :80] + 0.5
    mask = (columns > 0.37 * rows + 5) & (columns < 60) & (rows < 70)
    (shape,) = instances([(0, mask)])
    true = shapely.Polygon([(5, 0), (60, 0), (60, 70), (0.37 * 70 + 5, 70)])
    for tolerance, corners in ((0.5, 35), (0.75, 8)):
        simple = simplified(shape, tolerance)
        assert shapely.get_num_coordinates(simple) <= corners
        assert shapely.hausdorff_distance(simple, true) < tolerance + 0.1
    (square,) = instances([(3, np.ones((9, 20), np.bool_))])
    assert simplified(square, 0.5).equals_exact(shapely.normalize(shapely.box(0, 3, 20, 12)), 1e-9)


def test_holes_stay_and_parts_that_touch_at_a_corner_are_one() -> None:
    ring = np.ones((10, 10), np.bool_)
    ring[3:7, 4:8] = False
    (shape,) = instances([(0, ring)])
    assert [shapely.Polygon(hole).bounds for hole in shape.interiors] == [(4, 3, 8, 7)]
    assert len(simplified(shape, 0.5).interiors) == 1
    corners = np.zeros((12, 12), np.bool_)
    corners[:6, :6] = corners[6:, 6:] = True
    (pair,) = instances([(0, corners)])
    assert (pair.geom_type, pair.area, pair.is_valid) == ("MultiPolygon", 72, True)


@pytest.mark.parametrize(("pixels", "count"), [(10, 0), (11, 1)])
def test_specks_go(pixels: int, count: int) -> None:
    mask = np.zeros((5, 20), np.bool_)
    mask[2, 3 : 3 + pixels] = True
    assert len(instances([(0, mask)])) == count
    assert len(instances(strips(mask.T.copy(), 4))) == count


def test_nothing() -> None:
    assert instances([]) == []
    assert instances([(0, np.zeros((4, 4), np.bool_))]) == []
