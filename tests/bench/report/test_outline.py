"""Outlines of masks, against filling them again."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage

from socioseg.bench.report.outline import outline

Mask = NDArray[np.bool_]
MASKS = arrays(np.bool_, st.tuples(st.integers(1, 24), st.integers(1, 24)))


def _rings(path: str) -> list[NDArray[np.int64]]:
    rings = []
    for start, steps in re.findall(r"M([^l]*)l([^z]*)z", path):
        first = np.array(re.findall(r"-?\d+", start), dtype=int)
        moves = np.array(re.findall(r"-?\d+", steps), dtype=int).reshape(-1, 2)
        rings.append(np.vstack([first, first + moves.cumsum(axis=0)]))
    return rings


def _filled(path: str, shape: tuple[int, ...]) -> Mask:
    """Fill by the even-odd rule."""
    mask = np.zeros(shape, dtype=np.bool_)
    for ring in _rings(path):
        polygon = {"type": "Polygon", "coordinates": [[*ring.tolist(), ring[0].tolist()]]}
        mask ^= rasterize([polygon], shape) > 0
    return mask


@given(MASKS)
def test_without_tolerance_the_outline_is_that_of_the_pixels(mask: Mask) -> None:
    assert (_filled(outline(mask, 0), mask.shape) == mask).all()


@given(st.integers(0, 2**32 - 1), st.floats(0.4, 0.6))
@example(1, 0.40625)  # its outline leaves the image's frame, which is an edge too
def test_what_simplifying_changes_touches_the_edge(seed: int, level: float) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).random((60, 80)), 3)
    mask = noise > np.quantile(noise, level)
    changed = _filled(outline(mask), mask.shape) != mask
    square = np.ones((3, 3), dtype=np.bool_)
    edge = ndimage.binary_dilation(mask, square) & ~ndimage.binary_erosion(mask, square)
    assert not (changed & ~edge).any()


def test_a_square_is_four_corners_and_nothing_is_nothing() -> None:
    mask = np.zeros((64, 64), dtype=np.bool_)
    assert outline(mask) == ""
    mask[10:30, 5:25] = True
    (ring,) = _rings(outline(mask))
    assert sorted(map(tuple, ring.tolist())) == [(5, 10), (5, 30), (25, 10), (25, 30)]


@pytest.mark.parametrize("side", [767, 768])
def test_noise_is_drawn_coarser_and_soon(side: int) -> None:
    noise = np.random.default_rng(0).random((side, side)) > 0.5
    start = time.perf_counter()
    path = outline(noise)
    assert time.perf_counter() - start < 3
    assert len(path) < 200_000
    assert np.vstack(_rings(path)).max() <= side + side % 2 + 8
