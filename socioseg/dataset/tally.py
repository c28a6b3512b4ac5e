"""Counts of a dataset, taken from its files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from socioseg.dataset.schema import SPLITS
from socioseg.dataset.store import read_rows
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path


class Tally(NamedTuple):
    """Samples by level and split; by class and level; by function and level; and of classes.

    `functions_of` names the function of every class.
    """

    splits: Counter[tuple[Level, str]]
    classes: Counter[tuple[str, Level]]
    functions: Counter[tuple[str, Level]]
    functions_of: dict[str, str]

    @property
    def total(self) -> int:
        """Number of samples."""
        return self.splits.total()


def tally(root: Path) -> Tally:
    """Count the samples of the dataset in `root`, without reading its images.

    Raises
    ------
    DatasetError
        If a file cannot be read.
    """
    found = Tally(Counter(), Counter(), Counter(), {})
    for level in Level:
        for split in SPLITS:
            for row in read_rows(root, level, split, ["socio_class", "socio_function"]):
                found.splits[level, split] += 1
                found.functions[row["socio_function"], level] += 1
                if row["socio_class"]:
                    found.classes[row["socio_class"], level] += 1
                    found.functions_of[row["socio_class"]] = row["socio_function"]
    return found
