"""Blocks: a region cut into rectangles where few windows are cut, and their split."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.build.plan.balance import class_table, imbalance

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.random import Generator
    from numpy.typing import NDArray

RESTARTS = 6


def cut_blocks(corners: NDArray[np.int64], size: int, count: int) -> NDArray[np.int64]:
    """The block of each window, by halving the region where few windows are cut.

    Parameters
    ----------
    corners : (n, 2) upper left corners of the windows, pixels.
    size : their side, pixels. No block is made narrower than one window.
    count : how many blocks are aimed at.
    """
    block = np.zeros(len(corners), dtype=np.int64)
    smallest = max(1, len(corners) // count)
    pending = [np.arange(len(corners))]
    made = 0
    while pending:
        members = pending.pop()
        halves = _halve(corners[members], size) if len(members) > smallest else None
        if halves is None:
            block[members] = made
            made += 1
        else:
            pending += [members[halves], members[~halves]]
    return block


def _halve(corners: NDArray[np.int64], size: int) -> NDArray[np.bool_] | None:
    """Which windows lie before the best cut; None where the block is too small to be cut."""
    best: tuple[float, NDArray[np.bool_]] | None = None
    for axis in (0, 1):
        place = corners[:, axis]
        for cut in np.unique(np.quantile(place, np.linspace(0.25, 0.75, 21)).astype(np.int64)):
            before = place < cut
            if min(before.sum(), (~before).sum()) == 0 or np.ptp(place) < 2 * size:
                continue
            crossed = np.count_nonzero(np.abs(place - cut) < size) / len(place)
            uneven = abs(before.mean() - 0.5)
            cost = crossed + 0.2 * uneven
            if best is None or cost < best[0]:
                best = (cost, before)
    return best[1] if best else None


class _Problem(NamedTuple):
    """What an assignment of blocks is judged by."""

    classes: NDArray[np.float64]  # (blocks, classes) counts of samples
    lost: NDArray[np.float64]  # (blocks, blocks) samples lost if the two stand in two splits
    shares: NDArray[np.float64]


def assign_blocks(
    blocks: NDArray[np.int64],
    classes: NDArray[np.int64],
    edges: NDArray[np.int64],
    shares: Sequence[float],
    random: Generator,
) -> list[NDArray[np.int64]]:
    """Good splits of the blocks: sizes as asked, classes alike, little lost at borders.

    Several, the best first: what is really lost is known only once samples are given up.

    Parameters
    ----------
    blocks, classes : (n,) block and class of each sample.
    edges : (m, 2) pairs of samples in conflict.
    """
    problem = _problem(blocks, classes, edges, shares)
    count = len(problem.classes)
    tries = [
        _improve(random.choice(len(shares), count, p=np.array(shares)), problem)
        for _ in range(RESTARTS)
    ]
    return sorted(tries, key=lambda split: _cost(split, problem))


def _problem(
    blocks: NDArray[np.int64],
    classes: NDArray[np.int64],
    edges: NDArray[np.int64],
    shares: Sequence[float],
) -> _Problem:
    count = int(blocks.max()) + 1
    table = class_table(blocks, classes, count)
    ends = blocks[edges]
    crossing = ends[:, 0] != ends[:, 1]
    involved = np.zeros((count, count))
    for here, there in ((0, 1), (1, 0)):
        triples = np.stack(
            [edges[crossing, here], ends[crossing, here], ends[crossing, there]], axis=1
        )
        unique = np.unique(triples, axis=0)
        np.add.at(involved, (unique[:, 1], unique[:, 2]), 1)
    # Either side may be given up; the smaller one is.
    return _Problem(table, np.minimum(involved, involved.T), np.array(shares))


def _cost(split: NDArray[np.int64], problem: _Problem) -> float:
    member = np.eye(len(problem.shares))[split]
    apart = 1 - member @ member.T
    lost = (problem.lost * apart).sum() / 2 / problem.classes.sum()
    return float(lost) + imbalance(member.T @ problem.classes, problem.shares)


def _improve(split: NDArray[np.int64], problem: _Problem) -> NDArray[np.int64]:
    """Move single blocks, then exchange two, while that lowers the cost."""
    best = _cost(split, problem)
    improved = True
    while improved:
        improved = False
        for trial in _neighbours(split, len(problem.shares)):
            cost = _cost(trial, problem)
            if cost < best - 1e-12:
                split, best, improved = trial, cost, True
                break
    return split


def _neighbours(split: NDArray[np.int64], splits: int) -> Iterator[NDArray[np.int64]]:
    """Assignments that differ from `split` in one block, or in two that change places."""
    for block, target in itertools.product(range(len(split)), range(splits)):
        if split[block] != target:
            trial = split.copy()
            trial[block] = target
            yield trial
    for a, b in itertools.combinations(range(len(split)), 2):
        if split[a] != split[b]:
            trial = split.copy()
            trial[[a, b]] = split[[b, a]]
            yield trial
