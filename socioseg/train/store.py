"""The samples of a training, held in memory as the files of their images, and their order."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.bench.samples import IMAGES, MASK, BadSample, Key, queries
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from numpy.typing import NDArray

    from socioseg.bench.samples import Samples
    from socioseg.sample import Query

log = logging.getLogger(__name__)
COLUMNS = ("id", "level", "problem", *IMAGES, MASK)


class Store:
    """Samples `keys` of a split, any of which can be had at once."""

    def __init__(self, samples: Samples, keys: Sequence[Key]) -> None:
        self.root, self.split, self.fingerprint = samples.root, samples.split, samples.fingerprint
        self._samples, self._keys = samples, list(keys)
        self.facts: frozenset[str] = frozenset()
        self._rows = {
            Key(row["id"], Level(row["level"])): row for row in samples.rows(keys, COLUMNS)
        }

    def index(self) -> list[Key]:
        """All samples."""
        return self._keys

    def rows(self, keys: Collection[Key], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows in the order of `keys`."""
        for key in keys:
            yield {name: self._rows[key][name] for name in columns}

    def decode(self, column: str, data: bytes) -> NDArray[np.uint8]:
        """Pixels of an image."""
        return self._samples.decode(column, data)

    def other(self, split: str) -> Samples:
        """Another split of the same dataset."""
        return self._samples.other(split)

    def queries(self, keys: Sequence[Key], seed: int) -> list[Query]:
        """The queries of `keys` with their truth; broken ones are left out, with a warning."""
        found: list[Query] = []
        for query in queries(self, keys, seed=seed, truth=True):
            if isinstance(query, BadSample):
                log.warning("%s is left out: %s", query.key.id, query.detail)
            else:
                found.append(query)
        return found


def drawn(keys: Sequence[Key], seed: int, step: int, count: int) -> list[Key]:
    """What step `step`, counted from 1, looks at: each epoch sees every sample once.

    It depends on the arguments alone, so a training goes on at any step as if it had not stopped.
    """
    places = (divmod(place, len(keys)) for place in range((step - 1) * count, step * count))
    return [keys[int(_order(seed, epoch, len(keys))[rest])] for epoch, rest in places]


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, count: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(count)
