"""Assembly: finished shards become the dataset's files, card and report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.build.plan.splits import SPLITS
from socioseg.build.shard import shard_tables
from socioseg.dataset.card import write_card
from socioseg.dataset.report import write_report
from socioseg.dataset.store import write_split
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.build.jobs import Shard
    from socioseg.dataset.report import DataFile, Report


def assemble(root: Path, shards: Sequence[Shard], summary: Report) -> Report:
    """Write the dataset in `root`; the report comes last, and says that the rest is whole.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    files: list[DataFile] = []
    for level in Level:
        for split in SPLITS:
            outs = [shard.out for shard in shards if shard.split == split]
            files += write_split(root, level, split, shard_tables(outs, level))
    report = summary.model_copy(update={"files": files})
    write_card(root, report)
    write_report(root, report)
    return report
