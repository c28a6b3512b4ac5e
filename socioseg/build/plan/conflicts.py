"""Conflicts: samples that may not stand in different splits, and what is given up for them."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import shapely

from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from socioseg.build.plan.samples import Planned


def conflicts(samples: Sequence[Planned]) -> NDArray[np.int64]:
    """Pairs (n, 2) of samples that share ground, an AOI, or a name-level query; i < j, sorted."""
    pairs = [_overlapping(samples), _chained(_sharing(samples))]
    edges = np.concatenate(pairs)
    unique: NDArray[np.int64] = np.unique(np.sort(edges, axis=1), axis=0)
    return unique


def _overlapping(samples: Sequence[Planned]) -> NDArray[np.int64]:
    # Shrunk by a quarter pixel: windows that only touch share no ground.
    boxes = [
        shapely.box(w.x + 0.25, w.y + 0.25, w.x + w.size - 0.25, w.y + w.size - 0.25)
        for w in (sample.window for sample in samples)
    ]
    pairs = shapely.STRtree(boxes).query(boxes).T
    return np.asarray(pairs[pairs[:, 0] < pairs[:, 1]], dtype=np.int64)


def _sharing(samples: Sequence[Planned]) -> Iterable[list[int]]:
    """Groups of samples that have an AOI or a name-level query in common."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for i, sample in enumerate(samples):
        for osm_id in sample.osm_ids:
            groups[osm_id].append(i)
        if sample.level is Level.NAME:
            groups["name " + sample.problem.casefold()].append(i)
    return groups.values()


def _chained(groups: Iterable[list[int]]) -> NDArray[np.int64]:
    pairs = [pair for group in groups for pair in itertools.combinations(group, 2)]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def across(split: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.int64]:
    """The edges whose ends both stand in a split, and not in the same one."""
    a, b = split[edges[:, 0]], split[edges[:, 1]]
    crossing: NDArray[np.int64] = edges[(a != b) & (a >= 0) & (b >= 0)]
    return crossing


def give_up(split: NDArray[np.int64], edges: NDArray[np.int64]) -> list[int]:
    """Few samples without which no conflict crosses splits: greedily, the worst one first."""
    neighbours: defaultdict[int, set[int]] = defaultdict(set)
    for i, j in across(split, edges).tolist():
        neighbours[i].add(j)
        neighbours[j].add(i)
    buckets: defaultdict[int, set[int]] = defaultdict(set)
    for i, near in neighbours.items():
        buckets[len(near)].add(i)
    given_up = []
    for degree in range(max(buckets, default=0), 0, -1):
        while buckets[degree]:
            worst = min(buckets[degree])
            buckets[degree].remove(worst)
            given_up.append(worst)
            for other in neighbours.pop(worst):
                near = neighbours[other]
                buckets[len(near)].discard(other)
                near.discard(worst)
                buckets[len(near)].add(other)
    return given_up


def place_back(split: NDArray[np.int64], edges: NDArray[np.int64], splits: int) -> None:
    """Give samples that were given up (-1) a split again, in place, where none conflicts."""
    neighbours: defaultdict[int, list[int]] = defaultdict(list)
    out = set(np.flatnonzero(split < 0).tolist())
    for i, j in edges.tolist():
        if i in out:
            neighbours[i].append(j)
        if j in out:
            neighbours[j].append(i)
    for i in sorted(out):
        taken = {int(s) for s in split[neighbours[i]]} - {-1}
        if len(taken) == 1:
            split[i] = taken.pop()
        elif not taken:
            split[i] = i % splits
