"""One run under every convention at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import run

from socioseg.bench.score import score
from socioseg.bench.sidebyside import side_by_side, side_rows
from socioseg.errors import OutputError
from socioseg.metrics import CONVENTIONS

if TYPE_CHECKING:
    from pathlib import Path


def test_every_convention_gives_what_it_gives_alone(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run")
    found = side_by_side(tmp_path / "run")
    assert [each["convention"] for each in found] == list(CONVENTIONS)
    for each in found:
        groups = score(tmp_path / "run", each["convention"])["groups"]
        sets = {"all": groups["all"]["all"], **groups["level"]}
        expected = {
            metric: {name: scores[metric]["value"] for name, scores in sets.items()}
            for metric in CONVENTIONS[each["convention"]].metrics
        }
        assert each["metrics"] == expected
        assert each["differs"] == CONVENTIONS[each["convention"]].differs


def test_conventions_differ_where_nothing_is_asked_for(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "empty")
    giou = {
        each["convention"]: each["metrics"].get("giou", {}).get("all")
        for each in side_by_side(tmp_path / "run")
    }
    assert (giou["socioseg"], giou["visionreasoner"]) == (pytest.approx(0.2), 0)
    assert giou["rsrefseg"] is None


def test_a_level_that_was_not_run_has_no_numbers(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", "full", level="class")
    (ours, *_) = side_by_side(tmp_path / "run")
    assert ours["metrics"]["giou"]["name"] is None
    assert ours["metrics"]["giou"]["class"] == ours["metrics"]["giou"]["all"] > 0
    assert side_rows([ours])[0]["name"] == "none"


def test_rows_for_people_hold_every_convention(data: Path, tmp_path: Path) -> None:
    run(data, tmp_path / "run", limit=2)
    rows = side_rows(side_by_side(tmp_path / "run"))
    assert {row["convention"] for row in rows} == set(CONVENTIONS)
    assert {row["metric"] for row in rows} == {"gIoU", "cIoU", "F1", "IoU", "mIoU"}


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the folder of a run"):
        side_by_side(tmp_path)
