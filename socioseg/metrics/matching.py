"""Instances of a prediction and of the truth, matched one to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from socioseg.instances import MIN_PIXELS
from socioseg.metrics.runs import Runs, ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.metrics.runs import Overlaps


class Matching(NamedTuple):
    """How many instances either mask has, and the IoU of every pair that shares pixels."""

    n_pred: int
    n_true: int
    ious: tuple[float, ...]


def match(pred: Runs, true: Runs, shared: Overlaps) -> Matching:
    """Match the instances of two masks so that the sum of the pairs' IoU is greatest.

    Notes
    -----
    The paper of SocioSeg calls its F1 instance-level and tells neither the matching nor the
    threshold. This is ours: 8-connected components of more than 10 pixels, the assignment of the
    greatest total IoU; which IoU makes a hit is decided when scores are made. A pair above 0.5 may
    be passed over for two pairs below it; Kirillov et al. (CVPR 2019) would take it as a hit.
    """
    if not (len(pred.start) or len(true.start)):
        return Matching(0, 0, ())
    cut = len(pred.start)
    labels, sizes = _components(_end_to_end(pred, true))
    is_true = np.zeros(len(sizes), dtype=bool)
    is_true[labels[cut:]] = True
    large = sizes >= MIN_PIXELS
    preds, trues = np.flatnonzero(large & ~is_true), np.flatnonzero(large & is_true)
    if not (len(preds) and len(trues)):
        return Matching(len(preds), len(trues), ())
    number = np.full(len(sizes), -1)
    number[preds], number[trues] = np.arange(len(preds)), np.arange(len(trues))
    row, column = number[labels[:cut]][shared.first], number[labels[cut:]][shared.second]
    kept = (row >= 0) & (column >= 0)
    cells = row[kept] * len(trues) + column[kept]
    both = np.bincount(cells, shared.pixels[kept], len(preds) * len(trues))
    both = both.reshape(len(preds), len(trues))
    ious = both / (sizes[preds][:, None] + sizes[trues] - both)
    best = ious[linear_sum_assignment(ious, maximize=True)]
    return Matching(len(preds), len(trues), tuple(best[best > 0].tolist()))


def _end_to_end(pred: Runs, true: Runs) -> Runs:
    """The runs of both, far enough apart not to touch."""
    apart = (int(pred.stop[-1]) if len(pred.stop) else 0) + 2 * pred.line
    start = np.concatenate([pred.start, true.start + apart])
    return Runs(start, np.concatenate([pred.stop, true.stop + apart]), pred.line, pred.shape)


def _components(runs: Runs) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """8-connected component of every run, and the components' pixels."""
    # The runs of the next line that touch a run, corners included, follow each other.
    low = np.searchsorted(runs.stop, runs.start + runs.line)
    high = np.searchsorted(runs.start, runs.stop + runs.line, side="right")
    neighbours = ranges(low, high)
    ends = np.concatenate([[0], np.cumsum(high - low)])
    graph = csr_array((np.ones(len(neighbours)), neighbours, ends), shape=(len(low), len(low)))
    _, labels = connected_components(graph, directed=False)
    return labels, np.bincount(labels, weights=runs.stop - runs.start).astype(np.int64)
