"""Write the report of some runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.bench.openset import open_samples
from socioseg.bench.paper import score_block
from socioseg.bench.report.entries import entries
from socioseg.bench.report.folder import IMAGES, PAGE, SCORES, TABLES, check_folder, new_folder
from socioseg.bench.report.notes import credits_of, warnings
from socioseg.bench.report.page import write_data, write_page
from socioseg.bench.report.runs import read_runs
from socioseg.bench.sidebyside import side_by_side
from socioseg.bench.tables import Block, render
from socioseg.errors import UsageError
from socioseg.files import write_json
from socioseg.progress import Progress, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socioseg.bench.report.runs import ReportRun

CEILINGS = "shown the truth"
"""Origin of rows in the table for papers."""
GALLERY = 1000
"""Samples with pictures, unless more or fewer are asked for."""


def write_report(
    paths: Sequence[Path],
    out: Path,
    *,
    gallery: int = GALLERY,
    form: str = "md",
    progress: Progress = quiet,
) -> dict[str, Any]:
    """Write a folder that shows the runs in the folders `paths`; its `index.html` needs no server.

    Parameters
    ----------
    paths
        Folders of runs on one split of one dataset; differences are taken from the first.
    out
        The report's folder; a report that is there is replaced.
    gallery
        At most so many samples have pictures; numbers are of all.
    form
        Of the table for papers: "md", "latex" or "csv".
    progress
        Called with what is worked on, how many are done, and of how many.

    Returns
    -------
    dict
        For the command line: the page, and how many runs, samples and samples with pictures.

    Raises
    ------
    UsageError
        If there are no runs, too many, one twice, or there is no such form.
    OutputError
        If a folder holds no run, the runs are of different data, or `out` holds something else
        or cannot be written.
    DatasetError
        If the dataset is gone, has changed, or is broken.
    """
    if form not in TABLES:
        raise UsageError(f"There is no format {form!r}: choose one of {', '.join(TABLES)}.")
    check_folder(out)
    runs = read_runs(paths, progress)
    ids = _spread(runs, gallery)
    samples = open_samples(runs[0].info.path, runs[0].info.key.split)
    with new_folder(out) as folder:
        shown = []
        for entry in entries(samples, runs, ids, folder / IMAGES):
            shown.append(entry)
            progress("samples", len(shown), len(ids))
        write_data(folder, runs, shown)
        write_json(folder / SCORES, {run.label: run.scores for run in runs})
        (folder / TABLES[form]).write_text(render(_paper(runs), form), encoding="utf-8")
        facts = {
            "dataset": Path(runs[0].info.dataset).name,
            "split": samples.split,
            "samples": len(_all(runs)),
            "gallery": len(shown),
            "table": TABLES[form],
            "warnings": warnings(samples, runs),
            "credits": credits_of(shown),
            "conventions": list(_conventions(runs, progress)),
        }
        write_page(folder, runs, facts)
    found = {"runs": len(runs), "samples": facts["samples"], "pictured": len(shown)}
    return {"report": str(out / PAGE), **found}


def _paper(runs: Sequence[ReportRun]) -> list[Block]:
    """The table for papers; runs that were shown the truth stand apart."""
    groups = [[run for run in runs if run.oracle is oracle] for oracle in (False, True)]
    rivals, ceilings = ({run.label: run.scores for run in group} for group in groups)
    blocks = [score_block(rivals)] if rivals else []
    if ceilings:
        block = score_block(ceilings)
        caption = f"Runs that were shown the truth. {block.caption}"
        blocks.append(block._replace(origin=CEILINGS, caption=caption))
    return blocks


def _conventions(runs: Sequence[ReportRun], progress: Progress) -> Iterator[list[dict[str, Any]]]:
    for done, run in enumerate(runs):
        progress("conventions", done, len(runs))
        yield side_by_side(run.path)
    progress("conventions", len(runs), len(runs))


def _all(runs: Sequence[ReportRun]) -> list[str]:
    """Ids of all samples that a run has."""
    return list(dict.fromkeys(name for run in runs for name in run.scored))


def _spread(runs: Sequence[ReportRun], most: int) -> set[str]:
    """At most so many samples, evenly from the worst of the first run to its best."""
    first = runs[0].scored
    ranked = sorted(_all(runs), key=lambda name: first[name].stats.iou if name in first else 2.0)
    if len(ranked) <= most:
        return set(ranked)
    return {ranked[i] for i in np.linspace(0, len(ranked) - 1, most).round().astype(int)}
