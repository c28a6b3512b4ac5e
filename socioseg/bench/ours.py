"""Samples of a dataset of our own format."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from socioseg.bench.samples import Key
from socioseg.dataset.images import decode_image
from socioseg.dataset.report import read_report
from socioseg.dataset.schema import FACTS
from socioseg.dataset.store import read_rows
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class OurSamples:
    """One split of a dataset that `socioseg build` made; see `socioseg.bench.samples.Samples`.

    The fingerprint is made of the receipts in `report.json`: of the images themselves.

    Raises
    ------
    DatasetError
        If the report cannot be read.
    """

    def __init__(self, root: Path, split: str) -> None:
        self.root, self.split = root, split
        receipts = sorted((file.path, file.sha256) for file in read_report(root).files)
        self.fingerprint = hashlib.sha256(repr(receipts).encode()).hexdigest()[:16]
        self.facts = FACTS

    def index(self) -> list[Key]:
        """All samples, level by level."""
        return [
            Key(row["id"], level)
            for level in Level
            for row in read_rows(self.root, level, self.split, ["id"])
        ]

    def rows(self, keys: Collection[Key], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows of the samples `keys`; any column of the dataset may be asked for."""
        wanted, names = set(keys), list(dict.fromkeys(["id", *columns]))
        for level in sorted({key.level for key in wanted}, key=list(Level).index):
            for row in read_rows(self.root, level, self.split, names):
                if Key(row["id"], level) in wanted:
                    yield row

    def decode(self, column: str, data: bytes) -> NDArray[np.uint8]:
        """Pixels of an image, which must be as the format promises."""
        return decode_image(column, data)

    def other(self, split: str) -> OurSamples:
        """Another split of the same dataset."""
        return OurSamples(self.root, split)
