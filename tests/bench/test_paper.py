"""What tables for papers hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import run

from socioseg.bench.compare import compare
from socioseg.bench.paper import (
    HERE,
    compare_block,
    paper_blocks,
    published_block,
    run_labels,
    score_block,
)
from socioseg.bench.score import score
from socioseg.bench.sidebyside import side_by_side
from socioseg.bench.tables import Cell, render
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def runs(data: Path, tmp_path: Path) -> list[Path]:
    folders = [tmp_path / "full", tmp_path / "oracle-fill"]
    run(data, folders[0], "full")
    run(data, folders[1], "oracle-fill")
    return folders


def test_scores_are_a_row_for_each_run_and_level(runs: list[Path]) -> None:
    results = [score(folder) for folder in runs]
    (block,) = paper_blocks(runs, results)
    assert (block.origin, block.convention) == (HERE, "socioseg")
    assert [(row["model"], row["level"]) for row in block.rows] == [
        (model, level)
        for level in ("all", "name", "class", "function")
        for model in ("full", "oracle-fill")
    ]
    whole = results[0]["groups"]["all"]["all"]["giou"]
    assert block.rows[0]["gIoU"] == Cell(*(100 * whole[k] for k in ("value", "low", "high")))
    assert all(
        isinstance(row["gIoU"], Cell) and row["gIoU"].best == (row["model"] == "oracle-fill")
        for row in block.rows
    )


def test_every_metric_on_demand(runs: list[Path]) -> None:
    result = score(runs[0])
    row = score_block({"full": result}, every=True).rows[0]
    assert {"boundary_iou", "pq", "count_error", "gIoU"} <= set(row)
    error = result["groups"]["all"]["all"]["count_error"]["value"]
    assert isinstance(row["count_error"], Cell)
    assert row["count_error"].value == pytest.approx(error)  # in instances, not in percent


def test_runs_of_one_model_are_called_by_their_folders_too(data: Path, runs: list[Path]) -> None:
    other = runs[0].with_name("again")
    run(data, other, "full", limit=1)
    assert run_labels([*runs, other]) == [f"full ({runs[0]})", "oracle-fill", f"full ({other})"]


def test_published_rows_stand_apart_with_source_and_definitions(runs: list[Path]) -> None:
    block = published_block("main")
    assert block.convention == "paper"
    assert "arXiv 2601.10477v2, Table 1; not computed here" in block.caption
    (ours,) = (
        row for row in block.rows if row["model"] == "SocioReasoner" if row["level"] == "all"
    )
    assert (ours["gIoU"], ours["F1"]) == (Cell(52.8), Cell(59.7))
    assert len(block.rows) == 40
    text = render([*paper_blocks(runs, [score(r) for r in runs]), block], "md")
    before, after = text.split("SocioSeg test set")
    assert "oracle-fill" not in after
    assert "SocioReasoner" not in before
    with pytest.raises(UsageError, match=r"no published table 'mian'; did you mean main\?$"):
        published_block("mian")


def test_seconds_are_no_percentages() -> None:
    assert "| 2.71 |" in render([published_block("seconds")], "md")


def test_conventions_are_a_block_for_each_run(runs: list[Path]) -> None:
    blocks = paper_blocks(runs, [side_by_side(folder) for folder in runs])
    assert [block.rows[0]["model"] for block in blocks] == ["full", "oracle-fill"]
    assert {row["convention"] for row in blocks[0].rows} >= {"lisa", "everest"}
    assert "scored here,lisa,oracle-fill,gIoU,100,100,100,100" in render(blocks, "csv")


def test_a_comparison_is_a_row_for_each_level_and_metric(runs: list[Path]) -> None:
    result = compare(runs[1], runs[0])
    block = compare_block(result)
    assert len(block.rows) == 4 * 3
    cell = block.rows[0]["difference"]
    assert isinstance(cell, Cell)
    assert cell.signed
    assert cell.value == 100 * result["levels"]["all"]["metrics"]["giou"]["value"]
    assert "oracle-fill" in block.caption
