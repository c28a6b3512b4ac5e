"""Points on a true mask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from socioseg.models.truepoints import true_points

if TYPE_CHECKING:
    from numpy.typing import NDArray

masks = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))


@given(masks, st.integers(0, 5))
def test_points_are_different_pixels_of_the_mask(mask: NDArray[np.bool_], count: int) -> None:
    height, width = mask.shape
    points = true_points(mask, (0, 0, width, height), count)
    assert len(set(points)) == len(points) <= count
    assert bool(points) == (bool(mask.any()) and count > 0)
    assert all(mask[int(y), int(x)] for x, y in points)


def test_the_first_is_the_deepest_and_the_second_far_from_it() -> None:
    mask = np.zeros((40, 100), dtype=np.bool_)
    mask[10:31, 20:90] = True
    first, second = true_points(mask, (20, 10, 90, 31), 2)
    assert first[1] == 20.5
    assert abs(first[0] - second[0]) > 40


def test_only_the_box_counts() -> None:
    mask = np.ones((20, 20), dtype=np.bool_)
    points = true_points(mask, (4, 6, 9, 11), 4)
    assert all(4 < x < 9 and 6 < y < 11 for x, y in points)
