"""The same predictions under every convention, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.bench.score import TITLES, number
from socioseg.bench.scored import answers
from socioseg.metrics import CONVENTIONS, aggregate, stats_of
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from socioseg.metrics import Convention, SampleStats

    Counted = list[tuple[Level, SampleStats]]

ALL = "all"


def side_by_side(run: Path) -> list[dict[str, Any]]:
    """Scores of one run under every convention of `socioseg.metrics.CONVENTIONS`.

    The masks are read once. What has the same name in two conventions need not be the same.

    Returns
    -------
    list of dict
        For each convention, the default first: `convention`, its name; `source`, where it was
        read; `differs`, in what it differs; `metrics`: by the name that it prints, values by
        level and of "all", from 0 to 1 (a generalised or complete IoU from -1), None where the
        convention gives no number.

    Raises
    ------
    OutputError, DatasetError
        As `socioseg.bench.scored.answers`.
    """
    frames = {convention.frame: convention for convention in CONVENTIONS.values()}
    counted: dict[int | None, Counted] = {frame: [] for frame in frames}
    for answer in answers(run):
        for frame, convention in frames.items():
            stats = stats_of(answer.mask, answer.truth, convention)
            counted[frame].append((Level(answer.row["level"]), stats))
    return [
        {
            "convention": convention.name,
            "source": convention.source,
            "differs": convention.differs,
            "metrics": _metrics(counted[convention.frame], convention),
        }
        for convention in CONVENTIONS.values()
    ]


def _metrics(counted: Counted, convention: Convention) -> dict[str, dict[str, float | None]]:
    sets = {ALL: [stats for _, stats in counted]}
    sets |= {str(level): [stats for of, stats in counted if of is level] for level in Level}
    scores = {name: aggregate(stats, convention) for name, stats in sets.items()}
    return {
        metric: {name: number(values[metric]) for name, values in scores.items()}
        for metric in convention.metrics
    }


def side_rows(found: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """What `side_by_side` gave as rows for people, in percent: the metrics of `TITLES`."""
    return [
        {
            "convention": each["convention"],
            "metric": TITLES[metric],
            **{name: _percent(value) for name, value in values.items()},
        }
        for each in found
        for metric, values in each["metrics"].items()
        if metric in TITLES
    ]


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f}"
