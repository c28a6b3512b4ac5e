"""`socioseg score` and `compare`: what they print, and what they refuse."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from bench.benchset import make_benchset, run
from commands import refused, say

from socioseg.metrics import CONVENTIONS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("runs", "alone")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root: Path = tmp_path_factory.mktemp("score")
    make_benchset(root / "town")
    for model in ("oracle-fill", "full"):
        run(root / "town", root / "runs" / model, model)
    run(root / "town", root / "runs" / "picky", "bench.benchset:Picky", limit=13)
    run(root / "town", root / "runs" / "train", "full", split="train")
    return root / "runs"


@pytest.fixture
def runs(alone: None, finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder that has `runs`; the terminal is 80 columns wide."""
    (tmp_path / "runs").symlink_to(finished)
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    "words",
    [
        ("score", "runs/picky"),
        ("score", "runs/picky", "runs/full", "--convention", "everest"),
        ("score", "runs/picky", "--convention", "all"),
        ("compare", "runs/oracle-fill", "runs/picky"),
        ("compare", "runs/oracle-fill", "runs/full", "--convention", "everest"),
    ],
)
def test_what_people_read_fits_the_terminal(
    words: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    said = say(capfd, *words)
    assert (said.code, said.err) == (0, "")
    assert max(map(len, said.out.splitlines())) <= 80
    assert "\N{HORIZONTAL ELLIPSIS}" not in said.out


def test_scores_say_how_many_failed_and_that_places_are_few(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = " ".join(say(capfd, "score", "runs/picky").out.split())
    assert "over 5 places (few, so they are too narrow); 13 answers, 3 failed" in said
    both = say(capfd, "score", "runs/full", "runs/picky").out
    assert both.index("runs/full:") < both.index("runs/picky:")


def test_all_conventions_are_explained(capfd: pytest.CaptureFixture[str]) -> None:
    lines = say(capfd, "score", "runs/full", "--convention", "all").out.splitlines()
    assert {line.split(":")[0] for line in lines if ": " in line} >= set(CONVENTIONS)


def test_json_is_a_line_for_each_run(capfd: pytest.CaptureFixture[str]) -> None:
    lines = say(capfd, "score", "runs/full", "runs/picky", "--json").out.splitlines()
    assert [json.loads(line)["samples"] for line in lines] == [15, 13]
    (line,) = say(capfd, "score", "runs/full", "--convention", "all", "--json").out.splitlines()
    assert [each["convention"] for each in json.loads(line)] == list(CONVENTIONS)
    (line,) = say(capfd, "compare", "runs/full", "runs/picky", "--json").out.splitlines()
    assert json.loads(line)["shared"] == 13


def test_tables_for_papers(capfd: pytest.CaptureFixture[str]) -> None:
    names = ("score", "runs/oracle-fill", "runs/full", "--published", "main")
    assert "| oracle-fill | all | 15 | **100.0**" in say(capfd, *names, "--format", "md").out
    assert say(capfd, *names, "--format", "latex").out.count(r"\begin{tabular}") == 2
    rows = list(csv.DictReader(io.StringIO(say(capfd, *names, "--format", "csv").out)))
    assert {row["convention"] for row in rows} == {"socioseg", "paper"}
    assert rows[0]["boundary_iou"] == "100"
    table = say(capfd, "compare", "runs/oracle-fill", "runs/full", "--format", "md").out
    assert "| all | gIoU | 15 | 100.0 |" in table


def test_a_comparison_warns_of_few_places_and_tells_what_is_left_out(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said = " ".join(say(capfd, "compare", "runs/oracle-fill", "runs/picky").out.split())
    assert "first: oracle-fill, runs/oracle-fill, 2 more samples that the other run" in said
    assert "places: 5 of all, 5 of name, 5 of class, 3 of function; with fewer than 20" in said


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("score", "runs"), 1, "is runs the folder of a run"),
        (("score", "runs/full", "--convention", "mine"), 2, "no convention 'mine'"),
        (("score", "runs/full", "--published", "main"), 2, "give --format as well"),
        (("score", "runs/full", "--format", "html"), 2, "one of md, latex, csv"),
        (("score", "runs/full", "--format", "md", "--json"), 2, "give one of them"),
        (("score", "runs/full", "--format", "md", "--published", "men"), 2, "published table"),
        (("score", "runs/full", "runs/train", "--format", "md"), 1, "different splits"),
        (("compare", "runs/full", "runs/train"), 1, "different splits"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    words: tuple[str, ...], code: int, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    refused(say(capfd, *words), code, sentence)
