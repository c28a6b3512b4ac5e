"""The table of scores: levels by metrics, a row for each run, with 95 % limits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from socioseg.bench.report.numbers import NONE, percent, plain
from socioseg.bench.score import by_level
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from socioseg.bench.report.runs import ReportRun

ALL = "all"
LEVELS = {
    ALL: "All levels",
    Level.NAME: "Name: one place",
    Level.CLASS: "Class: every place of a class",
    Level.FUNCTION: "Function: every place of a function",
}


class Metric(NamedTuple):
    """A column: key of `scores.json`, heading, what it is, which way is better (0: neither)."""

    key: str
    title: str
    about: str
    better: int = 1
    show: Callable[[float | None], str] = percent


METRICS = (
    Metric("giou", "gIoU", "mean over samples of the IoU of the masks"),
    Metric("ciou", "cIoU", "summed intersection over summed union"),
    Metric("f1", "F1", "of instances at IoU above 0.5, pooled"),
    Metric("f1_precision", "F1 prec.", "share of the predicted instances that hit"),
    Metric("f1_recall", "F1 recall", "share of the true instances that are hit"),
    Metric("precision", "Precision", "of pixels, pooled"),
    Metric("recall", "Recall", "of pixels, pooled"),
    Metric("dice", "Dice", "of pixels, pooled"),
    Metric("boundary_iou", "Boundary", "IoU of the pixels near the outlines, pooled"),
    Metric("pq", "PQ", "F1 times the mean IoU of the hits"),
    Metric("count_error", "Count err.", "mean difference of the number of instances", -1, plain),
    Metric("empty", "Empty", "share of predictions without a pixel, failures among them", 0),
    Metric("failed", "Failed", "share of samples without a usable answer", -1),
)


class Score(NamedTuple):
    """A cell: the score, its limits ("" where there are none), whether no run has a better one."""

    value: str
    limits: str
    best: bool


class RunScores(NamedTuple):
    """A row: the run's place among the runs, how many samples, a cell for each metric."""

    run: int
    samples: int
    clusters: int
    cells: list[Score]


class LevelScores(NamedTuple):
    """The rows of one level."""

    title: str
    rows: list[RunScores]


def level_scores(runs: Sequence[ReportRun]) -> list[LevelScores]:
    """The rows of "all" and of each level that a run has.

    The best are marked among runs on the same samples that were not shown the truth, where there
    are two or more and not all equal, by the numbers as they are printed.
    """
    rivals = comparable(runs)
    found = []
    for level, title in LEVELS.items():
        those = [(i, run) for i, run in enumerate(runs) if level in by_level(run.scores)]
        if those:
            best = _best([by_level(run.scores)[level] for run in rivals])
            found.append(LevelScores(title, [_row(i, run, level, best) for i, run in those]))
    return found


def comparable(runs: Sequence[ReportRun]) -> list[ReportRun]:
    """Runs among which one may be called best; none where fewer than two are."""
    rivals = [run for run in runs if not run.oracle]
    same = all(run.scored.keys() == rivals[0].scored.keys() for run in rivals)
    return rivals if same and len(rivals) > 1 else []


def _best(scores: Sequence[Mapping[str, Mapping[str, float | None]]]) -> dict[str, str]:
    """The best score of each metric, as it is printed."""
    best = {}
    for metric in METRICS:
        values = [value for each in scores if (value := each[metric.key]["value"]) is not None]
        if metric.better and len({metric.show(value) for value in values}) > 1:
            top = max(values) if metric.better > 0 else min(values)
            best[metric.key] = metric.show(top)
    return best


def _row(number: int, run: ReportRun, level: str, best: Mapping[str, str]) -> RunScores:
    scores, counts = by_level(run.scores)[level], by_level(run.scores, "counts")[level]
    rival = bool(best) and not run.oracle
    cells = [_cell(metric, scores[metric.key], best if rival else {}) for metric in METRICS]
    return RunScores(number, counts["samples"], counts["clusters"], cells)


def _cell(metric: Metric, score: Mapping[str, float | None], best: Mapping[str, str]) -> Score:
    value, low, high = (metric.show(score[key]) for key in ("value", "low", "high"))
    limits = "" if NONE in {low, high} else f"{low}{NONE}{high}"
    return Score(value, limits, best.get(metric.key) == value)
