"""Hypothesis strategies of masks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st


@st.composite
def blobs(
    draw: st.DrawFn, shape: tuple[int, int]
) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """A mask of a few rectangles, some with holes, and some noise."""
    mask = np.zeros(shape, dtype=bool)
    for value in draw(st.lists(st.booleans() | st.just(value=True), max_size=5)):
        y, x = draw(st.integers(0, shape[0] - 1)), draw(st.integers(0, shape[1] - 1))
        mask[y : y + draw(st.integers(1, 30)), x : x + draw(st.integers(1, 30))] = value
    if draw(st.booleans()):
        random = np.random.default_rng(draw(st.integers(0, 99)))
        mask ^= random.random(shape) < draw(st.sampled_from([0.01, 0.1, 0.4]))
    return np.asfortranarray(mask) if draw(st.booleans()) else mask


shapes = st.tuples(st.integers(1, 40), st.integers(1, 140) | st.sampled_from([64, 128])).flatmap(
    lambda sides: st.sampled_from([sides, sides[::-1]])
)
masks = shapes.flatmap(blobs)
pairs = shapes.flatmap(lambda shape: st.tuples(blobs(shape), blobs(shape)))
