"""Boxes of a mask, against a plain flood fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from socioseg.instances import instance_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.sample import Box


def flood(mask: NDArray[np.bool_], start: tuple[int, int], seen: set[tuple[int, int]]) -> None:
    """Add to `seen` every pixel that is 8-connected to `start`."""
    stack = [start]
    while stack:
        y, x = stack.pop()
        inside = 0 <= y < mask.shape[0] and 0 <= x < mask.shape[1]
        if inside and mask[y, x] and (y, x) not in seen:
            seen.add((y, x))
            stack += [(y + dy, x + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


def plain_boxes(mask: NDArray[np.bool_]) -> list[Box]:
    done: set[tuple[int, int]] = set()
    boxes = []
    for y, x in np.argwhere(mask).tolist():
        if (y, x) in done:
            continue
        component: set[tuple[int, int]] = set()
        flood(mask, (y, x), component)
        done |= component
        if len(component) > 10:
            ys, xs = zip(*component, strict=True)
            boxes.append((min(xs), min(ys), max(xs) + 1, max(ys) + 1))
    return boxes


masks = arrays(
    np.bool_,
    array_shapes(min_dims=2, max_dims=2, max_side=24),
    elements=st.booleans() | st.just(value=True),
    fill=st.booleans(),
)


@given(masks)
def test_boxes_equal_a_flood_fill(mask: NDArray[np.bool_]) -> None:
    assert instance_boxes(mask) == plain_boxes(mask)


@pytest.mark.parametrize("seed", range(30))
def test_boxes_equal_a_flood_fill_on_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    mask = rng.random((40, 60)) < rng.uniform(0.2, 0.6)
    assert instance_boxes(mask) == plain_boxes(mask)


def test_more_than_ten_pixels_make_an_instance() -> None:
    mask = np.zeros((5, 30), dtype=bool)
    mask[1, 2:12] = True
    assert instance_boxes(mask) == []
    mask[2, 12] = True  # touches by a corner
    assert instance_boxes(mask) == [(2, 1, 13, 3)]


def test_boxes_are_plain_ints() -> None:
    (box,) = instance_boxes(np.ones((4, 4), dtype=bool))
    assert [type(value) for value in box] == [int] * 4
