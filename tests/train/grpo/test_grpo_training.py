"""Trainings of seconds: they learn, stop, go on as if they had not, and leave what can be run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from train.grpo.trainings import a_request

from socioseg.bench.run import BenchRequest, bench
from socioseg.bench.score import score
from socioseg.errors import CheckpointError
from socioseg.models.registry import load_model
from socioseg.train.methods import train
from socioseg.train.record import METRICS, RECORD, WORK, read_log, read_record

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.train.methods import TrainRequest


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def killed_at(step: int) -> Any:  # noqa: ANN401 - a callback
    def progress(part: str, done: int, total: int) -> None:
        if part == "steps" and done == step:
            raise Killed

    return progress


def curve(request: TrainRequest) -> list[dict[str, float]]:
    return [
        {name: value for name, value in line.items() if "seconds" not in name}
        for line in read_log(request.out)
    ]


def test_the_reward_of_both_stages_rises(recipe: str, colours: Path, tmp_path: Path) -> None:
    settings = {
        "steps": 8,
        "evaluations": 1,
        "checkpoint": 99,
        "group": 8,
        "kl": 0.0,
        "learning_rate": 0.01,
    }
    wanted = a_request(recipe, colours, tmp_path / "out", settings=settings)
    train(wanted)
    _, first, *_, last = read_log(wanted.out)
    for stage in (1, 2):
        assert last[f"reward_stage{stage}"] > first[f"reward_stage{stage}"] + 0.1


def test_after_a_kill_the_curve_is_that_of_an_unbroken_training(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    settings = {"steps": 5, "checkpoint": 2, "policy.lora": {"rank": 4}}
    whole = a_request(recipe, colours, tmp_path / "whole", settings=settings)
    broken = a_request(recipe, colours, tmp_path / "broken", settings=settings)
    train(whole)
    for step in (1, 3):
        with pytest.raises(Killed):
            train(replace(broken, progress=killed_at(step)))
    train(broken)
    assert curve(broken) == curve(whole)
    assert len(curve(whole)) == 6
    revisions = {load_model(str(request.out)).revision for request in (whole, broken)}
    assert len(revisions) == 1
    record = read_record(broken.out)
    assert record is not None
    assert (len(record.sessions), record.finished) == (3, "all steps")


def test_what_is_trained_is_run_and_scores_as_in_validation(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    wanted = a_request(recipe, colours, tmp_path / "out", settings={"validation_limit": None})
    assert train(wanted)["steps"] == "3 of 3"
    (weights,) = wanted.out.glob("weights-*")
    assert {path.name for path in wanted.out.iterdir()} == {
        "model.yaml",
        METRICS,
        RECORD,
        weights.name,
    }
    run = BenchRequest(str(wanted.out), str(colours), tmp_path / "run", "validation", level="class")
    bench(run)
    found = score(tmp_path / "run")["groups"]["all"]["all"]["giou"]["value"]
    record = read_record(wanted.out)
    assert record is not None
    assert found == pytest.approx(record.best["giou"], abs=1e-9)
    weights.rename(tmp_path / "elsewhere")
    with pytest.raises(CheckpointError, match=f"There are no weights at {weights}"):
        load_model(str(wanted.out))


def test_it_stops_when_the_time_is_over_and_goes_on(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    wanted = a_request(recipe, colours, tmp_path / "out")
    assert train(replace(wanted, limit_minutes=0))["steps"] == "1 of 3"
    assert (wanted.out / WORK).is_dir()
    assert train(wanted)["steps"] == "3 of 3"
    assert not (wanted.out / WORK).exists()
    before = (wanted.out / METRICS).read_bytes()
    assert train(wanted)["steps"] == "3 of 3"
    assert (wanted.out / METRICS).read_bytes() == before


def test_what_was_trained_is_trained_on(recipe: str, colours: Path, tmp_path: Path) -> None:
    first = a_request(recipe, colours, tmp_path / "first")
    train(first)
    second = a_request(str(first.out), colours, tmp_path / "second", settings={"steps": 1})
    train(second)
    assert curve(second)[0]["giou"] == read_record(first.out).best["giou"]  # type: ignore[union-attr]
