"""The best answer that looks at no image: one fixed region for each level."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.errors import UsageError
from socioseg.models.base import Prediction
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Query

GRID = 64
"""A region is made of GRID x GRID cells, whatever the size of the image."""
_THRESHOLDS = 99
_MARKS = {True: "#", False: "."}


class Centre:
    """Answers every query of a level with the region that served best on the training masks.

    The regions tried are centred boxes, and the cells that the training masks cover most often,
    from the topmost percent on. A high score of this model shows how much of a benchmark can be
    had by knowing where in the window things lie.
    """

    name = "centre"

    def __init__(self) -> None:
        self._regions: dict[Level, NDArray[np.bool_]] = {}

    def fit(self, masks: Iterable[tuple[Level, NDArray[np.bool_]]]) -> dict[str, Any]:
        """Learn the region of each level from training masks; empty ones teach nothing.

        Returns
        -------
        dict
            For each level the rows of its region as text, `#` for what is in it.
        """
        counts: dict[Level, list[NDArray[np.float64]]] = {}
        for level, mask in masks:
            if mask.any():
                counts.setdefault(level, []).append(_cells(mask))
        self._regions = {level: _best_region(np.stack(some)) for level, some in counts.items()}
        return {
            str(level): ["".join(_MARKS[bool(cell)] for cell in row) for row in region]
            for level, region in self._regions.items()
        }

    def restore(self, learnt: dict[str, Any]) -> None:
        """Take back what `fit` returned."""
        self._regions = {
            Level(level): np.array([[mark == "#" for mark in row] for row in rows])
            for level, rows in learnt.items()
        }

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """The region of the sample's level, for each of `samples`."""
        return [Prediction(query.id, self._mask(query)) for query in samples]

    def _mask(self, query: Query) -> NDArray[np.bool_]:
        region = self._regions.get(query.level)
        if region is None:
            raise UsageError(
                f"centre has seen no training mask of level {query.level}: give a dataset that has"
                " some in its train split."
            )
        rows, columns = (_cell_of_pixel(side) for side in query.size)
        mask: NDArray[np.bool_] = region[np.ix_(rows, columns)]
        return mask


def _cell_of_pixel(side: int) -> NDArray[np.intp]:
    return np.arange(side) * GRID // side


def _cells(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of the image that `mask` covers in each cell, (GRID * GRID,); all cells count alike."""
    for axis, side in enumerate(mask.shape):
        mask = mask.repeat(math.ceil(GRID / side), axis)  # so that no cell is without a pixel
    rows, columns = (_cell_of_pixel(side) for side in mask.shape)
    cells = (rows[:, None] * GRID + columns).ravel()
    covered = np.bincount(cells, weights=mask.ravel(), minlength=GRID * GRID)
    return covered / np.bincount(cells) / GRID**2


def _best_region(covered: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The candidate of the highest mean IoU with the masks `covered`, (N, GRID * GRID)."""
    candidates = np.concatenate([_centred_boxes(), _often_covered(covered)])
    inside = candidates.astype(np.float64).T
    intersection = covered @ inside
    areas = covered.sum(axis=1)[:, None] + inside.sum(axis=0) / GRID**2
    scores = (intersection / (areas - intersection)).mean(axis=0)
    best: NDArray[np.bool_] = candidates[int(np.argmax(scores))].reshape(GRID, GRID)
    return best


def _centred_boxes() -> NDArray[np.bool_]:
    half = GRID // 2
    distance = np.abs(np.arange(GRID) + 0.5 - half)
    square = np.maximum(distance[:, None], distance).ravel()
    return np.stack([square < reach for reach in range(1, half + 1)])


def _often_covered(covered: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Regions of the cells covered most, where each mask counts alike, from few to many."""
    often = (covered / covered.sum(axis=1, keepdims=True)).mean(axis=0)
    order = np.argsort(-often, kind="stable")
    ranks = np.empty(order.size, dtype=np.int64)
    ranks[order] = np.arange(order.size)
    sizes = np.linspace(0, order.size, _THRESHOLDS + 2)[1:-1]
    return np.stack([ranks < size for size in sizes])
