"""References: models that know nothing or everything, and so tell what a number means."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.models.base import Prediction
from socioseg.models.registry import load_part
from socioseg.models.truepoints import true_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.models.base import Point
    from socioseg.models.segmenters import Segmenter
    from socioseg.sample import Query, Truth


class Empty:
    """Says that what is asked for is nowhere."""

    name = "empty"

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """An empty mask for each of `samples`."""
        return [Prediction(query.id, np.zeros(query.size, dtype=np.bool_)) for query in samples]


class Full:
    """Says that what is asked for is everywhere."""

    name = "full"

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """A full mask for each of `samples`."""
        return [Prediction(query.id, np.ones(query.size, dtype=np.bool_)) for query in samples]


class Oracle:
    """Gives the true boxes to a segmenter: the ceiling of every method that prompts it.

    Parameters
    ----------
    segmenter
        As `socioseg.models.registry.load_part` takes it.
    points
        How many points on the true mask go with each box.

    Raises
    ------
    UsageError
        If there is no such segmenter, or its package is missing.
    """

    name = "oracle"
    needs_truth = True

    def __init__(self, segmenter: str | Mapping[str, Any] = "grabcut", points: int = 0) -> None:
        self._segmenter: Segmenter = load_part(segmenter, "segmenter")
        self._points = points

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """The masks that the segmenter cuts out of the satellite images."""
        return [self._predict(query) for query in samples]

    def _predict(self, query: Query) -> Prediction:
        if query.truth is None:
            raise ValueError("an oracle needs Query.truth")
        start = time.perf_counter()
        boxes, points = query.truth.boxes, self._true_points(query.truth)
        mask = self._segmenter.segment(query.sat, boxes, points).union()
        seconds = {"segment": time.perf_counter() - start}
        return Prediction(query.id, mask, boxes=boxes, points=points, seconds=seconds)

    def _true_points(self, truth: Truth) -> list[list[Point]]:
        if not self._points:
            return []
        return [true_points(truth.mask, box, self._points) for box in truth.boxes]
