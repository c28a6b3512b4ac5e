"""Geographic splits: blocks on the ground, border samples given up, the rest balanced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from socioseg.build.plan.balance import class_table, imbalance, rebalance
from socioseg.build.plan.blocks import assign_blocks, cut_blocks
from socioseg.build.plan.conflicts import conflicts, give_up, place_back
from socioseg.build.plan.windows import stable_random

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from socioseg.build.plan.samples import Planned
    from socioseg.build.recipe import BuildRecipe

BLOCKS = (8, 16, 32, 64)
"""Numbers of blocks that are tried: few lose little at their borders, many mix the classes."""
TRIED = 3
"""Assignments of one set of blocks that are carried through."""
DROPPED = -1


def geographic_split(
    samples: Sequence[Planned], classes: NDArray[np.int64], recipe: BuildRecipe
) -> NDArray[np.int64]:
    """The split (0, 1, 2) of each sample, or -1 where it was given up: (n,).

    No two samples of different splits share ground, an AOI, or a name-level query. Of several
    ways to lay blocks, the one is taken that gives up fewest samples and keeps sizes and class
    shares (`classes`: (n,) numbers) closest.
    """
    edges = conflicts(samples)
    shares = np.array(recipe.split.shares)
    results = (
        _settle(split, edges, classes, shares) for split in _drafts(samples, edges, classes, recipe)
    )
    return min(results, key=lambda split: _cost(split, classes, shares))


def _drafts(
    samples: Sequence[Planned],
    edges: NDArray[np.int64],
    classes: NDArray[np.int64],
    recipe: BuildRecipe,
) -> Iterator[NDArray[np.int64]]:
    """Splits by blocks, with conflicts across their borders."""
    windows = sorted({sample.window for sample in samples})
    number = {window: i for i, window in enumerate(windows)}
    window_of = np.array([number[sample.window] for sample in samples])
    corners = np.array([(window.x, window.y) for window in windows])
    for count in BLOCKS:
        blocks = cut_blocks(corners, recipe.size, count)[window_of]
        random = stable_random(recipe.seed, "blocks", count)
        drafts = assign_blocks(blocks, classes, edges, recipe.split.shares, random)
        yield from (draft[blocks] for draft in drafts[:TRIED])


def _settle(
    split: NDArray[np.int64],
    edges: NDArray[np.int64],
    classes: NDArray[np.int64],
    shares: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Give up what is in conflict, balance what is free to move, take back what now fits."""
    split = split.copy()
    split[give_up(split, edges)] = DROPPED
    kept = np.flatnonzero(split != DROPPED)
    island = _islands(len(split), edges, split)[kept]
    _, first, island = np.unique(island, return_index=True, return_inverse=True)
    table = class_table(island, classes[kept], len(first))
    split[kept] = rebalance(split[kept][first], table, shares)[island]
    place_back(split, edges, len(shares))
    return split


def _islands(count: int, edges: NDArray[np.int64], split: NDArray[np.int64]) -> NDArray[np.int64]:
    """Number of the island of each sample: those that conflicts tie together, given-up ones out.

    An island as a whole may stand in any split.
    """
    tied = edges[(split[edges] != DROPPED).all(axis=1)]
    graph = coo_array((np.ones(len(tied)), (tied[:, 0], tied[:, 1])), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _cost(
    split: NDArray[np.int64], classes: NDArray[np.int64], shares: NDArray[np.float64]
) -> float:
    kept = split != DROPPED
    table = class_table(split[kept], classes[kept], len(shares))
    empty = np.count_nonzero(table.sum(axis=1) == 0)
    return float(empty + np.mean(~kept) + imbalance(table, shares))
