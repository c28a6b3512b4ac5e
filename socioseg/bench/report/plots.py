"""Charts: what each run scored on groups of samples, as dots on a line from 0 to 100 %."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from socioseg.bench.report.numbers import NONE, percent

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socioseg.bench.report.runs import ReportRun

SHOWN = 12
"""Rows of a chart that are seen at once; the others are a click away."""
METRIC = "giou"


class Dot(NamedTuple):
    """One run's gIoU, 0 to 1, with its limits where there are any."""

    run: int
    value: float
    low: float | None
    high: float | None
    text: str


class PlotRow(NamedTuple):
    """A group of samples, how many it has, and a dot for each run that has a score there."""

    label: str
    samples: int
    dots: list[Dot]


class Plot(NamedTuple):
    """A chart; `more` are the rows of small groups."""

    title: str
    about: str
    rows: list[PlotRow]
    more: list[PlotRow]


class _Kind(NamedTuple):
    """A grouping of `scores.json`; `order` of its groups, or the largest first."""

    key: str
    title: str
    about: str
    order: tuple[str, ...] = ()


_KINDS = (
    _Kind("level", "By level", "with 95 % limits", ("name", "class", "function")),
    _Kind(
        "size",
        "By size of the target",
        "small: below 1 % of the window; large: 10 % and over; none: nothing is there to find",
        ("small", "medium", "large", "none"),
    ),
    _Kind(
        "count",
        "By number of instances",
        "separate areas of more than 10 pixels in the truth",
        ("one", "several", "none"),
    ),
    _Kind("function", "By function", "of name, class and function queries alike"),
    _Kind("class", "By class", "of name and class queries; few samples say little"),
    _Kind("region", "By region", ""),
)


def plots(runs: Sequence[ReportRun]) -> list[Plot]:
    """A chart for each grouping that the dataset knows; of regions only where there are several."""
    found = []
    for kind in _KINDS:
        rows = _rows(runs, kind)
        if rows and not (kind.key == "region" and len(rows) == 1):
            found.append(Plot(kind.title, kind.about, rows[:SHOWN], rows[SHOWN:]))
    return found


def _rows(runs: Sequence[ReportRun], kind: _Kind) -> list[PlotRow]:
    sizes: dict[str, int] = {}
    for run in runs:
        for name, count in run.scores["counts"].get(kind.key, {}).items():
            sizes[name] = max(sizes.get(name, 0), count["samples"])
    ordered = kind.order or sorted(sizes, key=lambda name: (-sizes[name], name))
    return [
        PlotRow(name, sizes[name], list(_dots(runs, kind.key, name)))
        for name in ordered
        if name in sizes
    ]


def _dots(runs: Sequence[ReportRun], kind: str, name: str) -> Iterable[Dot]:
    for number, run in enumerate(runs):
        score = run.scores["groups"].get(kind, {}).get(name, {}).get(METRIC)
        if score and score["value"] is not None:
            low, high = score["low"], score["high"]
            limits = f" ({percent(low)}{NONE}{percent(high)})" if low is not None else ""
            yield Dot(number, score["value"], low, high, percent(score["value"]) + limits)
