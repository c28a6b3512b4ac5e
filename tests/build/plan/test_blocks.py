"""Blocks: cut where little is cut, dealt out so that splits are alike."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.plan.blocks import assign_blocks, cut_blocks

SHARES = (0.6, 0.1, 0.3)
NO_EDGES = np.zeros((0, 2), dtype=np.int64)
corners = st.lists(
    st.tuples(st.integers(0, 9000), st.integers(0, 9000)), min_size=1, max_size=60
).map(np.array)


@given(corners)
def test_every_window_is_in_one_block_of_few(places: np.ndarray) -> None:
    block = cut_blocks(places, 256, 32)
    assert sorted(set(block.tolist())) == list(range(int(block.max()) + 1))
    assert block.max() < 128


@given(corners)
def test_blocks_are_rectangles_that_do_not_overlap(places: np.ndarray) -> None:
    block = cut_blocks(places, 256, 32)
    boxes = [(*places[block == b].min(axis=0), *places[block == b].max(axis=0)) for b in set(block)]
    for i, (x0, y0, x1, y1) in enumerate(boxes):
        for u0, v0, u1, v1 in boxes[i + 1 :]:
            assert x1 < u0 or u1 < x0 or y1 < v0 or v1 < y0


def test_the_cut_falls_into_a_gap() -> None:
    left = [(x, y) for x in range(0, 1000, 50) for y in (0, 500)]
    right = [(x + 3000, y) for x, y in left]
    block = cut_blocks(np.array(left + right), 256, 32)
    half = len(left)
    assert not set(block[:half].tolist()) & set(block[half:].tolist())


def test_blocks_are_dealt_out_in_the_shares_with_classes_alike() -> None:
    blocks = np.repeat(np.arange(40), 20)
    classes = np.tile(np.arange(20) % 3, 40)
    split = assign_blocks(blocks, classes, NO_EDGES, SHARES, np.random.default_rng(1))[0]
    sizes = np.bincount(split[blocks]) / len(blocks)
    assert np.abs(sizes - SHARES).max() < 0.03


def test_neighbours_in_conflict_stay_together() -> None:
    blocks = np.repeat(np.arange(20), 10)
    pairs = np.arange(200).reshape(10, 2, 10)  # blocks 0 and 1, 2 and 3, ... in full conflict
    edges = np.array([(a, b) for first, second in pairs for a in first for b in second])
    classes = np.zeros(200, dtype=np.int64)
    split = assign_blocks(blocks, classes, edges, SHARES, np.random.default_rng(1))[0]
    assert (split[0::2] == split[1::2]).all()
