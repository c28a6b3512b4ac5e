"""Differences of runs on the samples that both have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.bench.compare import differences as compare
from socioseg.bench.report.numbers import NONE, percent, signed
from socioseg.bench.report.summary import ALL, LEVELS
from socioseg.bench.score import TITLES
from socioseg.metrics import SOCIOSEG

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from socioseg.bench.report.runs import ReportRun

SURE = 0.05


class Difference(NamedTuple):
    """A cell: the difference in points, its limits, p, and whether chance is unlikely."""

    value: str
    limits: str
    p: str
    sure: bool


class LevelDifference(NamedTuple):
    """A row: of which level, over how many samples, a cell for each metric of `TITLES`."""

    level: str
    samples: int
    detectable: str
    cells: list[Difference]


class RunDifference(NamedTuple):
    """One run less the first: the places of both among the runs, and their rows."""

    run: int
    than: int
    shared: int
    rows: list[LevelDifference]


def differences(runs: Sequence[ReportRun]) -> list[RunDifference]:
    """Each run less the first, on the samples that both have; none that has none of them."""
    found = [(number, _compared(run, runs[0])) for number, run in enumerate(runs) if number]
    return [
        RunDifference(number, 0, levels[ALL]["samples"], list(_rows(levels)))
        for number, levels in found
        if levels
    ]


def _compared(run: ReportRun, other: ReportRun) -> dict[str, Any]:
    """By level, as `socioseg.bench.compare.differences`; nothing where they share no sample."""
    shared = [name for name in run.scored if name in other.scored]
    first, second = ([each.scored[name] for name in shared] for each in (run, other))
    return compare(first, second, SOCIOSEG)


def _rows(levels: Mapping[str, Any]) -> Iterator[LevelDifference]:
    for level, title in LEVELS.items():
        if level in levels:
            metrics = levels[level]["metrics"]
            cells = [_cell(metrics[name]) for name in TITLES if name in metrics]
            smallest = percent(metrics["giou"]["detectable"])
            yield LevelDifference(title, levels[level]["samples"], smallest, cells)


def _cell(found: Mapping[str, float | None]) -> Difference:
    low, high, p = found["low"], found["high"], found["p"]
    limits = "" if low is None else f"{signed(low)} to {signed(high)}"
    shown = NONE if p is None else "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
    return Difference(signed(found["value"]), limits, shown, p is not None and p < SURE)
