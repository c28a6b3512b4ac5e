"""Assembly: rows become the dataset's files, card and report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.build.plan.splits import SPLITS
from socioseg.dataset.card import write_card
from socioseg.dataset.report import write_report
from socioseg.dataset.store import write_split
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pyarrow as pa

    from socioseg.dataset.report import DataFile, Report


def assemble(
    root: Path, tables: Callable[[Level, str], Iterable[pa.Table]], summary: Report
) -> Report:
    """Write the dataset in `root`; the report comes last, and says that the rest is whole.

    `tables` gives the rows of a level and a split, in their order.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    files: list[DataFile] = []
    for level in Level:
        for split in SPLITS:
            files += write_split(root, level, split, tables(level, split))
    report = summary.model_copy(update={"files": files})
    write_card(root, report)
    write_report(root, report)
    return report
