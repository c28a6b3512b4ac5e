"""What tables for papers hold: scores of runs, published rows, conventions, differences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from socioseg.bench.published import load_published
from socioseg.bench.runfile import read_run
from socioseg.bench.score import TITLES, by_level, shown_metrics
from socioseg.bench.tables import NOTE, Block, Cell, Row, mark_best
from socioseg.errors import UsageError
from socioseg.recipe import hint
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from socioseg.bench.published import Table

HERE = "scored here"
_COUNTS = ("count_error",)
"""Metrics that are no shares."""
_DIGITS = {"percent": 1, "seconds": 2}


def run_labels(runs: Sequence[Path]) -> list[str]:
    """What to call each run in a table: its model, and its folder where two have one model.

    Raises
    ------
    OutputError
        If one is no run.
    """
    models = [read_run(run).key.model for run in runs]
    often = Counter(models)
    return [
        model if often[model] == 1 else f"{model} ({run})"
        for model, run in zip(models, runs, strict=True)
    ]


def paper_blocks(
    runs: Sequence[Path], results: Sequence[Any], *, every: bool = False
) -> list[Block]:
    """Blocks of the results of runs: of all scores one, or one for each run under all conventions.

    Parameters
    ----------
    runs
        Folders, all of one dataset and split.
    results
        What `score` gave for each, or what `side_by_side` gave.
    every
        As in `score_block`.

    Raises
    ------
    OutputError
        If one is no run.
    """
    named = dict(zip(run_labels(runs), results, strict=True))
    if all(isinstance(result, list) for result in results):
        return [side_block(name, result) for name, result in named.items()]
    return [score_block(named, every=every)]


def score_block(results: Mapping[str, Mapping[str, Any]], *, every: bool = False) -> Block:
    """Rows of what `socioseg.bench.score.score` gave, by level, in percent.

    Parameters
    ----------
    results
        By what each run is called; all under one convention and on one dataset.
    every
        Show every metric of the convention, not only those that papers print.
    """
    found = {name: (by_level(each), by_level(each, "counts")) for name, each in results.items()}
    rows = [
        _score_row(name, level, groups[level], counts[level], every=every)
        for level in ("all", *map(str, Level))
        for name, (groups, counts) in found.items()
        if level in groups
    ]
    titles = [title for title in TITLES.values() if rows and title in rows[0]]
    convention = next(iter(results.values()))["convention"]
    return Block(
        HERE,
        convention,
        f"Scores in percent with 95 % limits, by the definitions of {convention}"
        f"{'; the best of a level is marked' if len(results) > 1 else ''}.",
        mark_best(rows, titles, within=("level", "samples")),
    )


def _score_row(
    name: str,
    level: str,
    scores: Mapping[str, Mapping[str, float | None]],
    counts: Mapping[str, int],
    *,
    every: bool,
) -> Row:
    shown = shown_metrics(scores)
    if every:
        shown |= {metric: metric for metric in scores if metric not in shown.values()}
    cells = {title: _cell(scores[metric], metric) for title, metric in shown.items()}
    failed = {"failed answers": counts["failed"]}
    return {"model": name, "level": level, "samples": counts["samples"], **cells, **failed}


def _cell(score: Mapping[str, float | None], metric: str) -> Cell:
    scale = 1 if metric in _COUNTS else 100
    numbers = (score["value"], score["low"], score["high"])
    value, low, high = (None if number is None else scale * number for number in numbers)
    return Cell(value, low, high)


def published_block(name: str) -> Block:
    """The published table called `name`, an id of `socioseg.bench.published`.

    Raises
    ------
    UsageError
        If there is none.
    RecipeError
        If its file is wrong.
    """
    tables = {table.id: table for table in load_published()}
    if name not in tables:
        raise UsageError(f"There is no published table {name!r}{hint(name, tables)}")
    return _published(tables[name])


def _published(table: Table) -> Block:
    rows: list[Row] = [
        {
            "model": row.name,
            "inputs": row.inputs,
            "level": level,
            **{
                metric: Cell(row.values[level][metric], digits=_DIGITS[unit])
                for metric, unit in table.metrics.items()
            },
            NOTE: row.note,
        }
        for level in ("all", *Level)
        for row in table.rows
        if level in row.values
    ]
    notes = " ".join(table.notes)
    source = f"{table.source.label}; not computed here. Definitions: {table.convention}."
    caption = f"{table.title}. As published: {source} {notes}".strip()
    return Block(table.source.label, table.convention, caption, rows)


def side_block(name: str, found: Sequence[Mapping[str, Any]]) -> Block:
    """Rows of what `socioseg.bench.sidebyside.side_by_side` gave for the run called `name`."""
    rows: list[Row] = [
        {
            "model": name,
            "convention": each["convention"],
            "metric": TITLES.get(metric, metric),
            **{level: _whole(value, metric) for level, value in values.items()},
        }
        for each in found
        for metric, values in each["metrics"].items()
    ]
    return Block(HERE, "all", f"The answers of {name} under every convention, in percent.", rows)


def _whole(value: float | None, metric: str) -> Cell:
    return _cell({"value": value, "low": None, "high": None}, metric)


def compare_block(result: Mapping[str, Any]) -> Block:
    """Rows of what `socioseg.bench.compare.compare` gave."""
    names = {which: f"{which} run" for which in ("first", "second")}
    rows: list[Row] = [
        {
            "level": level,
            "metric": TITLES[metric],
            "samples": found["samples"],
            **{title: _whole(each[which], metric) for which, title in names.items()},
            "difference": _cell(each, metric)._replace(signed=True),
            "p": Cell(each["p"], digits=3),
        }
        for level, found in result["levels"].items()
        for metric, each in found["metrics"].items()
        if metric in TITLES
    ]
    runs = [f"{result[which]['model']} ({result[which]['run']})" for which in names]
    caption = f"{runs[0]} less {runs[1]}, in percent with 95 % limits, by the definitions of"
    convention = result["convention"]
    return Block(HERE, convention, f"{caption} {convention}; p is of each row alone.", rows)
