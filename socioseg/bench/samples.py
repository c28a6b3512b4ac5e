"""Samples to run a model on, whatever the layout of their dataset."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from socioseg.errors import DatasetError
from socioseg.instances import instance_boxes
from socioseg.sample import Level, Query, Truth

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

IMAGES = ("sat_image", "map_image")
MASK = "mask_label"


class Key(NamedTuple):
    """Which sample."""

    id: str
    level: Level


class Samples(Protocol):
    """One split of a dataset.

    Attributes
    ----------
    root
        The dataset's folder.
    split
        "train", "validation" or "test".
    fingerprint
        Changes whenever an image, a mask or a query changes.
    facts
        What its rows tell beside query and images, by the names in `socioseg.dataset.schema`.
    """

    root: Path
    split: str
    fingerprint: str
    facts: frozenset[str]

    def index(self) -> list[Key]:
        """All samples, in the dataset's order."""
        ...

    def rows(self, keys: Collection[Key], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows of the samples `keys`, in the dataset's order, one at a time.

        `columns` are of `id`, `level`, `problem`, `sat_image`, `map_image`, `mask_label` and
        `facts`; those of images come as the bytes of their files.
        """
        ...

    def decode(self, column: str, data: bytes) -> NDArray[np.uint8]:
        """Pixels of an image: (H, W, 3) RGB, of `mask_label` (H, W), above 0 where true.

        Raises
        ------
        DatasetError
            If the image is broken.
        """
        ...

    def other(self, split: str) -> Samples:
        """Another split of the same dataset."""
        ...


class BadSample(NamedTuple):
    """A sample whose images cannot be used, and why."""

    key: Key
    detail: str


def queries(
    samples: Samples, keys: Collection[Key], *, seed: int = 0, truth: bool = False
) -> Iterator[Query | BadSample]:
    """The query of each of `keys`, in the dataset's order.

    Parameters
    ----------
    seed
        From which each query's own seed is made.
    truth
        Whether the queries hold their answer, for oracles.
    """
    columns = ("id", "level", "problem", *IMAGES, *((MASK,) if truth else ()))
    for row in samples.rows(keys, columns):
        try:
            yield _query(samples, row, seed)
        except DatasetError as error:
            yield BadSample(Key(row["id"], Level(row["level"])), str(error))


def true_masks(
    samples: Samples, keys: Collection[Key]
) -> Iterator[tuple[Level, NDArray[np.bool_]]]:
    """Level and mask of each of `keys`, in the dataset's order.

    Raises
    ------
    DatasetError
        If a mask is broken.
    """
    for row in samples.rows(keys, ("id", "level", MASK)):
        yield Level(row["level"]), samples.decode(MASK, row[MASK]) > 0


def _query(samples: Samples, row: Mapping[str, Any], seed: int) -> Query:
    sat, drawn = (samples.decode(column, row[column]) for column in IMAGES)
    truth = _truth(samples.decode(MASK, row[MASK]) > 0) if MASK in row else None
    shapes = {sat.shape[:2], drawn.shape[:2], *([truth.mask.shape] if truth else [])}
    if len(shapes) > 1:
        raise DatasetError(f"images and mask differ in size: {sorted(shapes)}")
    return Query(
        id=row["id"],
        level=Level(row["level"]),
        text=row["problem"],
        sat=sat,
        map=drawn,
        seed=zlib.crc32(f"{seed}/{row['id']}".encode()),
        truth=truth,
    )


def _truth(mask: NDArray[np.bool_]) -> Truth:
    return Truth(mask, tuple(instance_boxes(mask)))
