"""The page: its template filled with numbers, and the gallery's data as a script."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2

import socioseg
from socioseg.bench.published import load_published
from socioseg.bench.report.differences import differences
from socioseg.bench.report.folder import ASSETS, DATA, PAGE
from socioseg.bench.report.notes import OSM_CREDIT
from socioseg.bench.report.numbers import percent, plain
from socioseg.bench.report.outcomes import (
    OUTCOMES,
    histogram,
    machines,
    outcomes,
    statuses,
    times,
    usage,
)
from socioseg.bench.report.plots import plots
from socioseg.bench.report.summary import METRICS, level_scores
from socioseg.bench.score import TITLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from socioseg.bench.report.runs import ReportRun

MAIN = "main"
"""The published table that is seen at once."""
_FILES = resources.files("socioseg.bench.report") / "page"


def write_page(folder: Path, runs: Sequence[ReportRun], shown: Mapping[str, Any]) -> None:
    """Write the page, its style sheet and its scripts into `folder`.

    Parameters
    ----------
    shown
        What else the template needs: `dataset`, `split`, `samples`, `warnings`, `credits`,
        `gallery` (how many samples it shows), `conventions` (of each run, as
        `socioseg.bench.sidebyside.side_by_side`), `table` (the file of the table for papers).
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("socioseg.bench.report", "page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "plain": plain}
    text = environment.get_template("index.html.j2").render(**_numbers(runs), **shown)
    (folder / PAGE).write_text(text, encoding="utf-8")
    for name in ASSETS:
        (folder / name).write_bytes((_FILES / name).read_bytes())


def _numbers(runs: Sequence[ReportRun]) -> dict[str, Any]:
    return {
        "version": socioseg.__version__,
        "runs": runs,
        "machines": [machines(run) for run in runs],
        "metrics": METRICS,
        "levels": level_scores(runs),
        "differences": differences(runs),
        "titles": TITLES,
        "difference_titles": [TITLES[name] for name in TITLES if name in _shown(runs)],
        "plots": plots(runs),
        "outcome_titles": OUTCOMES,
        "outcomes": [outcomes(run) for run in runs],
        "statuses": statuses(runs),
        "histograms": [histogram(run) for run in runs],
        "times": times(runs),
        "usage": usage(runs),
        "published": sorted(load_published(), key=lambda table: table.id != MAIN),
        "osm_credit": OSM_CREDIT,
    }


def _shown(runs: Sequence[ReportRun]) -> Mapping[str, Any]:
    metrics: Mapping[str, Any] = runs[0].scores["groups"]["all"]["all"]
    return metrics


def write_data(folder: Path, runs: Sequence[ReportRun], entries: Sequence[object]) -> None:
    """Write the gallery's data as a script, which a page may read from the disk.

    Nothing in it can end a script or a comment, wherever its text may be put.
    """
    data = {
        "runs": [{"label": run.label, "oracle": run.oracle} for run in runs],
        "samples": entries,
    }
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":  # which stand in JSON only within its strings
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    (folder / DATA).write_text(f"window.REPORT_DATA={text};\n", encoding="ascii")
