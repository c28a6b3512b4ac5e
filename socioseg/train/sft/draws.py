"""The samples of each step, each drawn in a way that depends on seed and place alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from socioseg.instances import instance_boxes
from socioseg.sample import Truth
from socioseg.train.store import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.sample import Query
    from socioseg.train.store import Store


class Draws:
    """What the steps of a training look at; any of them can be had at any time.

    Parameters
    ----------
    flips
        Whether each sample is mirrored and turned, another way each time.
    """

    def __init__(self, store: Store, seed: int, *, flips: bool = False) -> None:
        self._store, self._seed, self._flips = store, seed, flips

    def queries(self, step: int, count: int) -> list[Query]:
        """The `count` samples of `step`, which counts from 1, with their truth.

        Broken ones are left out, with a warning.
        """
        keys = drawn(self._store.index(), self._seed, step, count)
        found = self._store.queries(keys, self._seed * 1_000_003 + step)
        return [turned(query) for query in found] if self._flips else found


def turned(query: Query) -> Query:
    """`query` in one of eight ways to lay it, by its seed: images and truth alike."""
    way = int(np.random.default_rng([query.seed, 8]).integers(8))

    def lay(image: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.ascontiguousarray(np.rot90(image[:, ::-1] if way // 4 else image, way % 4))

    truth = query.truth
    if truth is not None:
        mask = lay(truth.mask)
        truth = Truth(mask.astype(np.bool_), tuple(instance_boxes(mask.astype(np.bool_))))
    sat, drawn_map = (lay(image).astype(np.uint8) for image in (query.sat, query.map))
    return replace(query, sat=sat, map=drawn_map, truth=truth)
