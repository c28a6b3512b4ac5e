"""Clusters of windows that share ground, against a plain search."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.metrics import ground_clusters
from socioseg.sample import Window

windows = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.sampled_from([6, 10])), max_size=25
)


def bounds(*corners: tuple[int, int, int]) -> list[tuple[int, ...]]:
    return [(x, y, x + side, y + side) for x, y, side in corners]


def plain(boxes: list[tuple[int, ...]]) -> list[set[int]]:
    """Merge clusters while two of them hold windows that overlap."""
    clusters = [{i} for i in range(len(boxes))]

    def meet(one: set[int], other: set[int]) -> bool:
        pairs = [(boxes[i], boxes[j]) for i in one for j in other]
        return any(a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3] for a, b in pairs)

    for i in range(len(boxes)):
        touching = [each for each in clusters if meet(each, {i})]
        clusters = [each for each in clusters if each not in touching]
        clusters.append(set().union(*touching))
    return clusters


@given(windows)
def test_clusters_are_connected_components(corners: list[tuple[int, int, int]]) -> None:
    found = ground_clusters(bounds(*corners), widest=None)
    sets = [set(np.flatnonzero(found == label).tolist()) for label in np.unique(found)]
    assert sorted(map(sorted, sets)) == sorted(map(sorted, plain(bounds(*corners))))


def test_neighbours_on_the_tile_grid_share_no_ground() -> None:
    grid = [Window(17, 768 * x, 768 * y, 768).bounds for x in range(9) for y in range(9)]
    assert len(np.unique(ground_clusters(grid))) == 81
    moved = [Window(17, 768 * x - 1, 768, 768).bounds for x in range(9)]
    assert len(np.unique(ground_clusters([*grid, *moved], widest=None))) == 72 + 1


def test_a_chain_is_one_cluster_or_cells_of_it() -> None:
    chain = bounds(*((8 * step, 0, 10) for step in range(25)))
    assert set(ground_clusters(chain, widest=None)) == {0}
    cells = ground_clusters(chain, widest=4)
    assert np.bincount(cells).tolist() == [5] * 5
    assert (np.diff(cells) >= 0).all()


def test_small_clusters_are_not_cut() -> None:
    corners = bounds((0, 0, 10), (5, 5, 10), (100, 0, 10))
    assert ground_clusters(corners, widest=2).tolist() == [0, 0, 1]


@given(windows, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(
    corners: list[tuple[int, int, int]], random: st.DrawFn
) -> None:
    order = list(range(len(corners)))
    random.shuffle(order)  # type: ignore[attr-defined]
    found = ground_clusters(bounds(*corners), widest=2)
    shuffled = ground_clusters(bounds(*(corners[i] for i in order)), widest=2)
    assert shuffled.tolist() == found[order].tolist()


@pytest.mark.parametrize("widest", [None, 2.0])
def test_no_windows_have_no_clusters(widest: float | None) -> None:
    assert ground_clusters([], widest).tolist() == []
