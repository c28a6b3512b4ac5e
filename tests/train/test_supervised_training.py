"""Trainings of seconds: they learn, stop, go on, and leave what can be run."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from train.colours import SEGFORMER, learn, request

from socioseg.bench.run import BenchRequest, bench
from socioseg.bench.score import score
from socioseg.models.registry import load_model
from socioseg.train.methods import train
from socioseg.train.record import METRICS, RECORD, WORK, read_log, read_record

if TYPE_CHECKING:
    from pathlib import Path


class Killed(BaseException):
    """Stands for a kill: nothing catches it."""


def killed_at(step: int) -> Any:  # noqa: ANN401 - a callback
    def progress(part: str, done: int, total: int) -> None:
        if part == "steps" and done == step:
            raise Killed

    return progress


def curve(out: Path) -> list[dict[str, float]]:
    return [{**line, "seconds": 0.0} for line in read_log(out)]


def giou(data: Path, out: Path, run: Path, split: str, level: str = "all") -> float:
    bench(BenchRequest(str(out), str(data), run, split=split, level=level))
    found = score(run)["groups"]["all"]["all"]["giou"]["value"]
    assert isinstance(found, float)
    return found


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "all"),
        ({"inputs": "satellite+map"}, "all"),
        ({"network": SEGFORMER, "learning_rate": 0.01}, "all"),
        ({"setting": "multi-class", "level": "class"}, "class"),
        ({"setting": "multi-label"}, "function"),
        ({"setting": "multi-label", "network": SEGFORMER, "learning_rate": 0.01}, "class"),
    ],
)
def test_what_is_learnt_is_run(
    colours: Path, tmp_path: Path, settings: dict[str, Any], level: str
) -> None:
    learn(colours, tmp_path / "out", steps=60, evaluations=4, **settings)
    losses = [line["loss"] for line in read_log(tmp_path / "out")]
    assert losses[-1] < 0.8 * losses[0]
    known = 0.35 if settings.get("setting", "binary") == "binary" else 0.75  # binary marks both
    assert giou(colours, tmp_path / "out", tmp_path / "run", "test", level) > known


def test_the_validation_score_is_what_bench_gives(colours: Path, tmp_path: Path) -> None:
    learn(colours, tmp_path / "out", steps=12, setting="multi-label", level="class")
    record = read_record(tmp_path / "out")
    assert record is not None
    found = giou(colours, tmp_path / "out", tmp_path / "run", "validation", "class")
    assert found == pytest.approx(record.best["giou"], abs=1e-9)


def test_after_a_kill_the_curve_is_that_of_an_unbroken_training(
    colours: Path, tmp_path: Path
) -> None:
    settings = {"steps": 12, "evaluations": 4, "network": SEGFORMER}  # which draws dropouts
    whole = request(colours, tmp_path / "whole", settings=settings)
    broken = request(colours, tmp_path / "broken", settings=settings)
    train(whole)
    for step in (2, 8, 12):
        with pytest.raises(Killed):
            train(replace(broken, progress=killed_at(step)))
    train(broken)
    assert curve(tmp_path / "broken") == curve(tmp_path / "whole")
    revisions = {load_model(str(tmp_path / name)).revision for name in ("whole", "broken")}
    assert len(revisions) == 1
    record = read_record(tmp_path / "broken")
    assert record is not None
    assert (len(record.sessions), record.finished) == (4, "all steps")


def test_a_checkpoint_that_was_being_written_is_not_gone_on_from(
    colours: Path, tmp_path: Path
) -> None:
    wanted = request(colours, tmp_path / "out", settings={"steps": 12, "evaluations": 4})
    with pytest.raises(Killed):
        train(replace(wanted, progress=killed_at(8)))
    torn = tmp_path / "out" / WORK / "checkpoint-9"
    torn.mkdir()
    (torn / "trainer_state.json").write_text('{"global_')
    assert train(wanted)["steps"] == "12 of 12"


def test_it_stops_when_nothing_gets_better(colours: Path, tmp_path: Path) -> None:
    result = learn(
        colours, tmp_path / "out", steps=40, evaluations=40, patience=3, learning_rate=1e-12
    )
    assert result["ended"] == "early stop"
    log = read_log(tmp_path / "out")
    best = max(line["giou"] for line in log)
    first = next(line["step"] for line in log if line["giou"] == best)
    assert log[-1]["step"] == first + 3
    assert not (tmp_path / "out" / WORK).exists()


def test_it_stops_when_the_time_is_over_and_goes_on(
    colours: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", logger="socioseg")
    wanted = request(colours, tmp_path / "out")
    assert train(replace(wanted, limit_minutes=0))["steps"] == "1 of 8"
    stopped = train(replace(wanted, limit_minutes=0))
    assert "run the same command again" in stopped["ended"]
    assert "next" not in stopped
    assert train(wanted)["steps"] == "8 of 8"
    assert [text.rpartition(" goes on ")[2] for text in caplog.messages] == [
        "after step 1.",
        "after step 2.",
    ]


def test_a_finished_training_is_left_as_it_is(colours: Path, tmp_path: Path) -> None:
    first = learn(colours, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert learn(colours, tmp_path / "out") == first
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert set(before) == {"model.yaml", "config.json", "model.safetensors", METRICS, RECORD}


def test_the_record_says_what_is_needed_to_train_again(colours: Path, tmp_path: Path) -> None:
    learn(colours, tmp_path / "out")
    record = json.loads((tmp_path / "out" / RECORD).read_text())
    assert record["key"]["settings"]["network"]["encoder"] == "resnet18"
    assert record["samples"] == {"train": 24, "validation": 12}
    assert record["sessions"][0]["versions"]["torch"]
    assert record["key"]["dataset"]
