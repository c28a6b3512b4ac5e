"""Balance: units dealt out to splits so that sizes and class shares are as asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASS_WEIGHT = 0.5
"""What the mean distance of class shares counts, beside wrong sizes and lost samples."""
SWEEPS = 8


def imbalance(table: NDArray[np.float64], shares: NDArray[np.float64]) -> float:
    """How far splits are from what is asked for: sizes from `shares`, classes from being alike.

    Parameters
    ----------
    table : (splits, classes) counts of samples.
    shares : (splits,) wanted, adding up to 1.
    """
    sizes = table.sum(axis=1)
    total = max(1.0, float(sizes.sum()))
    uneven = np.abs(sizes / total - shares).sum()
    mix = table / np.maximum(sizes, 1)[:, None]
    unlike = np.abs(mix - table.sum(axis=0) / total).sum(axis=1).mean() / 2
    return float(uneven + CLASS_WEIGHT * unlike)


def class_table(
    units: NDArray[np.int64], classes: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Samples of each class in each of `count` units: (count, classes)."""
    table = np.zeros((count, int(classes.max(initial=-1)) + 1))
    np.add.at(table, (units, classes), 1)
    return table


def rebalance(
    split: NDArray[np.int64], classes: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Move units, the largest first, to the split where they serve the balance best.

    Parameters
    ----------
    split : (units,) where each one stands.
    classes : (units, classes) counts of samples.
    """
    split = split.copy()
    table = np.eye(len(shares))[split].T @ classes
    order = np.argsort(-classes.sum(axis=1), kind="stable").tolist()
    for _ in range(SWEEPS):
        moved = False
        for unit in order:
            here = int(split[unit])
            table[here] -= classes[unit]
            costs = [_with(table, target, classes[unit], shares) for target in range(len(shares))]
            best = int(np.argmin(costs))
            best = best if costs[best] < costs[here] - 1e-12 else here
            table[best] += classes[unit]
            split[unit], moved = best, moved or best != here
        if not moved:
            break
    return split


def _with(
    table: NDArray[np.float64],
    target: int,
    counts: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> float:
    """Imbalance once a unit of `counts` is added to the split `target`."""
    table[target] += counts
    found = imbalance(table, shares)
    table[target] -= counts
    return found
