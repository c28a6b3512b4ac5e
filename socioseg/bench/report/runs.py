"""The runs of a report: what each said, and what that scored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socioseg.bench.compare import check_same_data
from socioseg.bench.log import read_log
from socioseg.bench.paper import run_labels
from socioseg.bench.runfile import read_run
from socioseg.bench.score import summarise
from socioseg.bench.scored import score_samples
from socioseg.errors import DatasetError, UsageError
from socioseg.metrics import SOCIOSEG
from socioseg.progress import Progress, quiet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.bench.log import Line
    from socioseg.bench.runfile import RunInfo
    from socioseg.bench.scored import Scored

MOST_RUNS = 8
"""As many as the page has colours for."""


@dataclass(frozen=True)
class ReportRun:
    """One run.

    Attributes
    ----------
    label
        The model's name; where several runs are of one model, with the run's folder.
    path, info
        The run's folder, and its `run.json`.
    lines, scored
        Each sample's line of the log, and its counts, by id, in the dataset's order.
    scores
        As `socioseg.bench.score.score` gives them.
    """

    label: str
    path: Path
    info: RunInfo
    lines: dict[str, Line]
    scored: dict[str, Scored]
    scores: dict[str, Any]

    @property
    def oracle(self) -> bool:
        """Whether the model was shown the truth, so that it is a ceiling and no rival."""
        return self.info.sees_truth


def read_runs(paths: Sequence[Path], progress: Progress = quiet) -> list[ReportRun]:
    """The runs in the folders `paths`, all on one split of one dataset.

    Parameters
    ----------
    progress
        Called with a word, how many runs are read, and of how many.

    Raises
    ------
    UsageError
        If there are none, too many, or one twice.
    OutputError
        If a folder holds no run, or no answers yet, or two are of different datasets or splits.
    DatasetError
        If the dataset is gone or has changed.
    """
    if not 0 < len(paths) <= MOST_RUNS:
        raise UsageError(f"Give the folders of 1 to {MOST_RUNS} runs, not of {len(paths)}.")
    twice = [path for path, count in Counter(map(Path.resolve, paths)).items() if count > 1]
    if twice:
        raise UsageError(f"{twice[0]} is given twice; name each run once.")
    check_same_data(paths)
    runs: list[ReportRun] = []
    for path, label in zip(paths, run_labels(paths), strict=True):
        progress("runs", len(runs), len(paths))
        runs.append(_read(path, label))
    progress("runs", len(runs), len(paths))
    return runs


def _read(path: Path, label: str) -> ReportRun:
    info = read_run(path)
    if not Path(info.path).is_dir():
        raise DatasetError(
            f"{path}: its dataset {info.path} is gone; put it back, or run the model again on the"
            " dataset where it is now."
        )
    scored = {sample.id: sample for sample in score_samples(path, SOCIOSEG)}
    lines = {line.id: line for line in read_log(path)}
    scores = summarise(list(scored.values()), SOCIOSEG)
    return ReportRun(label, path, info, lines, scored, scores)
