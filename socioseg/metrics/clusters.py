"""Clusters of samples that share ground."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from socioseg.metrics.runs import ranges

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_SLACK = 1e-6
"""Share of a window's side by which neighbours on one grid may overlap through rounding."""


WIDEST = 1.5
"""Side of a cluster in windows, tried on the windows of four datasets from three regions.

Where half of the variance of scores is of the ground, intervals of 95 % held the true mean in 76
to 85 % of trials with it; in 40 to 66 % as if samples were independent, and in 0 to 83 % with
whole components. Sides of 1, 2, 3 and 4 windows were nowhere better by more than two points.
"""


def ground_clusters(bounds: ArrayLike, widest: float | None = WIDEST) -> NDArray[np.int64]:
    """Cluster of every window, so that windows of two clusters share no ground, or little.

    Clusters are the connected components of windows that overlap. In a town these chain into one
    or two, from which no interval can be made, so those that are wider or higher than `widest`
    windows are cut by a grid of cells of that side, and a window belongs to the cell of its
    centre: a block bootstrap (Lahiri, 2003, 12). Windows on both sides of a cut still share
    ground, so intervals stay a little too narrow.

    Parameters
    ----------
    bounds
        (n, 4): xmin, ymin, xmax, ymax of each sample's window, all in one frame.
    widest
        None leaves every component whole.

    Returns
    -------
    (n,) array
        Numbers from 0; the same windows get the same clusters in whatever order they come.
    """
    windows, number = np.unique(
        np.asarray(bounds, dtype=np.float64).reshape(-1, 4), axis=0, return_inverse=True
    )
    cluster = _components(windows)
    if widest is not None and len(windows):
        cluster = _cut(windows, cluster, widest)
    return cluster[number.reshape(-1)]


def _components(windows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Connected components of overlapping windows, which are sorted by xmin."""
    xmin, ymin, xmax, ymax = windows.T
    slack = _SLACK * (xmax - xmin)
    later = np.searchsorted(xmin, xmax - slack)
    order = np.arange(len(windows))
    later = np.maximum(later, order + 1)
    i, j = np.repeat(order, later - order - 1), ranges(order + 1, later)
    low, high = np.maximum(ymin[i], ymin[j]), np.minimum(ymax[i], ymax[j])
    meet = high - low > slack[i]
    graph = coo_array((np.ones(meet.sum()), (i[meet], j[meet])), shape=2 * (len(windows),))
    labels: NDArray[np.int64] = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _cut(
    windows: NDArray[np.float64], cluster: NDArray[np.int64], widest: float
) -> NDArray[np.int64]:
    """Number the cells of the clusters that are wider or higher than `widest` windows."""
    lows, highs = windows[:, :2], windows[:, 2:]
    side = widest * np.median(highs - lows)
    low, high = np.full((2, cluster.max(initial=-1) + 1, 2), np.inf)
    np.minimum.at(low, cluster, lows)
    np.minimum.at(high, cluster, -highs)
    wide = ((-high - low).max(axis=1) > side)[cluster]
    cell = np.floor(((lows + highs) / 2 - low[cluster]) / side)
    key = np.column_stack([cluster, np.where(wide[:, None], cell, 0)])
    return np.unique(key, axis=0, return_inverse=True)[1].reshape(-1)
