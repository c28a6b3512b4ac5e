"""What the page says of runs, against their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socioseg.bench.openset import open_samples
from socioseg.bench.report.differences import differences
from socioseg.bench.report.notes import warnings
from socioseg.bench.report.outcomes import OUTCOMES, histogram, outcomes, statuses, times, usage
from socioseg.bench.report.plots import plots
from socioseg.bench.report.runs import ReportRun, read_runs
from socioseg.bench.report.summary import METRICS, comparable, level_scores

if TYPE_CHECKING:
    from pathlib import Path

from bench.report.reportset import CLASSES, EVIL, FEW

NAMES = ("chatty", "empty", "oracle-fill")


@pytest.fixture(scope="module")
def runs(hostile: Path) -> list[ReportRun]:
    return read_runs([hostile / name for name in NAMES])


def test_every_level_has_a_row_for_each_run_with_the_scores_of_its_file(
    runs: list[ReportRun],
) -> None:
    levels = level_scores(runs)
    assert [level.title.partition(":")[0] for level in levels] == [
        "All levels", "Name", "Class", "Function",
    ]  # fmt: skip
    for level in levels:
        assert [(row.run, row.clusters <= row.samples) for row in level.rows] == [
            (0, True), (1, True), (2, True),
        ]  # fmt: skip
    giou = runs[0].scores["groups"]["all"]["all"]["giou"]["value"]
    assert levels[0].rows[0].cells[0].value == f"{100 * giou:.1f}"


def test_the_best_is_marked_among_runs_that_do_not_see_the_truth(runs: list[ReportRun]) -> None:
    chatty, empty, oracle = level_scores(runs)[1].rows
    place = [metric.key for metric in METRICS].index("giou")
    assert float(oracle.cells[place].value) >= float(chatty.cells[place].value) > 0
    assert [row.cells[place].best for row in (chatty, empty, oracle)] == [True, False, False]
    assert not any(cell.best for cell in oracle.cells)
    failed = [metric.key for metric in METRICS].index("failed")
    assert level_scores(runs)[3].rows[1].cells[failed].best  # the other failed at each


def test_nothing_is_best_where_all_are_equal_or_alone_or_on_other_samples(
    runs: list[ReportRun],
) -> None:
    assert comparable(runs[:1]) == []
    fewer = dict(list(runs[1].scored.items())[1:])
    other = ReportRun("x", runs[1].path, runs[1].info, runs[1].lines, fewer, runs[1].scores)
    assert comparable([runs[0], other]) == []
    failed = [metric.key for metric in METRICS].index("failed")
    assert not any(row.cells[failed].best for row in level_scores(runs)[1].rows)


def test_outcomes_and_bins_count_every_sample_once(runs: list[ReportRun]) -> None:
    for run in runs:
        found = outcomes(run)
        assert list(found) == list(OUTCOMES)
        assert sum(share.samples for share in found.values()) == len(run.scored) == 3 * FEW
        assert sum(share.samples for share in histogram(run)) == len(run.scored)
    assert [outcomes(run)["failed"].samples for run in runs] == [FEW, 0, 0]
    assert outcomes(runs[1])["empty"].samples == 3 * FEW
    assert outcomes(runs[2])["good"].samples == 3 * FEW


def test_statuses_and_costs_are_those_of_the_log(runs: list[ReportRun]) -> None:
    first, second = statuses(runs)
    assert (first.status, [share.samples for share in first.shares]) == ("ok", [8, 12, 12])
    assert (second.status, second.details) == (f"no {EVIL}", [f"because {EVIL}"])
    assert [(row.run, row.part) for row in times(runs)][:2] == [(0, "total"), (0, "think")]
    assert times(runs)[1].figures == ["8", "250 ms", "250 ms", "250 ms"]
    assert [(row.part, row.figures) for row in usage(runs)] == [
        (f"tokens {EVIL}", ["12", "12", "144"])
    ]


def test_charts_hold_every_group_and_run(runs: list[ReportRun]) -> None:
    found = {plot.title: plot for plot in plots(runs)}
    assert {row.label for row in found["By class"].rows} == set(CLASSES)
    assert sum(row.samples for row in found["By level"].rows) == 3 * FEW
    assert [dot.run for dot in found["By level"].rows[0].dots] == [0, 1, 2]
    assert "By region" not in found


def test_differences_are_taken_from_the_first(runs: list[ReportRun]) -> None:
    less = differences(runs)
    assert [(each.run, each.than, each.shared) for each in less] == [(1, 0, 12), (2, 0, 12)]
    assert less[0].rows[1].cells[0].value.startswith("\N{MINUS SIGN}")
    assert differences(runs[:1]) == []


def test_few_places_other_samples_and_a_stop_are_said(runs: list[ReportRun], hostile: Path) -> None:
    samples = open_samples(str(hostile / "data"), "test")
    said = " ".join(warnings(samples, runs))
    assert "rest on 4 separate pieces of ground" in said
    assert "too narrow" in said
    assert "not on the same samples" not in said
    lines = dict(list(runs[1].lines.items())[1:])
    scored = dict(list(runs[1].scored.items())[1:])
    short = ReportRun("short", runs[1].path, runs[1].info, lines, scored, runs[1].scores)
    said = " ".join(warnings(samples, [runs[0], short]))
    assert "not on the same samples" in said
    assert "short stopped early: 11 of 12 samples" in said


def test_unknown_ground_is_said(runs: list[ReportRun], hostile: Path) -> None:
    samples = open_samples(str(hostile / "data"), "test")
    first = runs[0]
    scores = {**first.scores, "ground_known": False}
    lost = ReportRun("lost", first.path, first.info, first.lines, first.scored, scores)
    assert "does not tell where its windows lie" in " ".join(warnings(samples, [lost]))
    assert "does not tell" not in " ".join(warnings(samples, [first]))
