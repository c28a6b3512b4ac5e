"""References: models that know nothing or everything, and so tell what a number means."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.models.base import Prediction
from socioseg.models.registry import load_part
from socioseg.models.segmenters import Target
from socioseg.models.truepoints import true_points

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.models.segmenters import Segmenter
    from socioseg.sample import Query


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
        self.revision = self._segmenter.revision

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        """The masks that the segmenter cuts out of the satellite images."""
        start = time.perf_counter()
        targets = [self._targets(query) for query in samples]
        embedded = self._segmenter.embed([query.sat for query in samples])
        found = self._segmenter.segment(embedded, targets)
        seconds = {"segment": (time.perf_counter() - start) / max(1, len(samples))}
        return [
            Prediction(
                query.id,
                segments.union(),
                boxes=[target.box for target in some if target.box],
                points=[target.points for target in some] if self._points else [],
                seconds=seconds,
            )
            for query, some, segments in zip(samples, targets, found, strict=True)
        ]

    def _targets(self, query: Query) -> list[Target]:
        if query.truth is None:
            raise ValueError("an oracle needs Query.truth")
        mask, boxes = query.truth
        return [
            Target(box, tuple(true_points(mask, box, self._points)) if self._points else ())
            for box in boxes
        ]
