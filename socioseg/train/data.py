"""The samples of a training: resized once, then drawn in an order that the seed alone decides."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset

from socioseg.errors import DatasetError
from socioseg.models.supervised.pixels import mask_pixels, query_pixels
from socioseg.models.supervised.spec import Word
from socioseg.sample import Level, Query
from socioseg.train.augment import augment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from socioseg.bench.samples import Key, Samples
    from socioseg.metrics import Rle
    from socioseg.models.supervised.spec import Spec
    from socioseg.train.settings import AugmentSettings

log = logging.getLogger(__name__)


class Shown(NamedTuple):
    """A sample of the validation split: its pixels as the network takes them, and its truth."""

    pixels: NDArray[np.uint8]
    channel: int | None
    truth: Rle


class Stock(NamedTuple):
    """Samples as the network takes them.

    `pixels` is (N, bands + 1, S, S), images and mask, in a file; `channels` is (N,).
    """

    pixels: NDArray[np.uint8]
    channels: NDArray[np.int64]


class Draw(NamedTuple):
    """What one step of training draws."""

    pixels: Tensor
    mask: Tensor
    channel: int


def words_of(samples: Samples, keys: Sequence[Key]) -> tuple[Word, ...]:
    """The queries of `keys`, level by level, in the alphabet's order."""
    rows = samples.rows(keys, ("id", "level", "problem"))
    found = {Word.of(Level(row["level"]), row["problem"]) for row in rows}
    return tuple(sorted(found, key=lambda word: (word.level, word.text)))


def stock(
    samples: Samples, keys: Sequence[Key], spec: Spec, path: Path, tick: Callable[[int], None]
) -> Stock:
    """Resize the samples `keys` that `spec` has a map for into the file `path`.

    Raises
    ------
    DatasetError
        If none can be used. Single broken ones are left out, with a warning.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (len(keys), spec.bands + 1, spec.size, spec.size)
    pixels = np.lib.format.open_memmap(path, "w+", np.uint8, shape)
    channels: list[int] = []
    for query, truth in _queries(samples, keys, tick):
        channel = spec.channel(query.level, query.text)
        if channel is not None:
            pixels[len(channels), :-1] = query_pixels(query, spec)
            pixels[len(channels), -1] = mask_pixels(truth, spec)
            channels.append(channel)
    if not channels:
        raise DatasetError(f"{samples.root}, split {samples.split}: no sample to train on.")
    return Stock(pixels[: len(channels)], np.array(channels))


def shown(
    samples: Samples, keys: Sequence[Key], spec: Spec, tick: Callable[[int], None]
) -> list[Shown]:
    """The samples `keys` of the validation split.

    Raises
    ------
    DatasetError
        If none can be used.
    """
    from socioseg.train.scoring import code_of  # noqa: PLC0415 - the rooms stand side by side

    found = []
    for query, truth in _queries(samples, keys, tick):
        channel = spec.channel(query.level, query.text)
        found.append(Shown(query_pixels(query, spec), channel, code_of(truth)))
    if not found:
        raise DatasetError(f"{samples.root}, split {samples.split}: no sample to validate on.")
    return found


def _queries(
    samples: Samples, keys: Sequence[Key], tick: Callable[[int], None]
) -> Iterator[tuple[Query, NDArray[np.bool_]]]:
    from socioseg.bench.samples import queries  # noqa: PLC0415 - the rooms stand side by side

    bad: Counter[str] = Counter()
    for done, query in enumerate(queries(samples, keys, truth=True), start=1):
        tick(done)
        if isinstance(query, Query) and query.truth is not None:
            yield query, query.truth.mask
        else:
            bad[getattr(query, "detail", "")] += 1
    for detail, count in bad.items():
        log.warning("%d samples of %s are left out: %s", count, samples.split, detail)


class Draws(Dataset[Draw]):
    """The samples of all steps as one list, of which every item depends on seed and place alone.

    So a training goes on at any step as if it had never stopped. Each epoch draws every sample
    once, in an order of its own.
    """

    def __init__(self, stock_: Stock, settings: AugmentSettings, seed: int, length: int) -> None:
        self._stock, self._settings, self._seed, self._length = stock_, settings, seed, length
        self._epoch, self._order = -1, np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: int) -> Draw:
        epoch, rest = divmod(place, len(self._stock.channels))
        if epoch != self._epoch:
            order = np.random.default_rng([self._seed, 0, epoch])
            self._epoch = epoch
            self._order = order.permutation(len(self._stock.channels))
        index = int(self._order[rest])
        pixels = torch.from_numpy(np.array(self._stock.pixels[index])).float() / 255
        random = np.random.default_rng([self._seed, 1, place])
        changed = augment(pixels, self._settings, random)
        return Draw(changed[:-1], changed[-1], int(self._stock.channels[index]))


def collate(draws: Sequence[Draw]) -> dict[str, Tensor]:
    """A batch."""
    return {
        "pixels": torch.stack([draw.pixels for draw in draws]),
        "masks": torch.stack([draw.mask for draw in draws]),
        "channels": torch.tensor([draw.channel for draw in draws]),
    }
