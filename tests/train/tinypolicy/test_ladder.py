"""From nothing to a policy that is rewarded: each rung begins with what the last one left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from train.tinypolicy.tiny import warm

from socioseg.bench.run import BenchRequest, bench
from socioseg.bench.score import score
from socioseg.train.methods import TrainRequest, train
from socioseg.train.record import read_log, read_record

if TYPE_CHECKING:
    from pathlib import Path


def climb(start: Path, data: Path, out: Path, method: str, **settings: Any) -> None:  # noqa: ANN401
    train(TrainRequest(str(start), str(data), out, method=method, settings=settings, device="cpu"))


def test_the_rungs_follow_upon_each_other(colours: Path, tmp_path: Path) -> None:
    warm(colours, tmp_path, steps=60, learning_rate=5e-3, checkpoint=60)
    climb(tmp_path / "warm", colours, tmp_path / "sft", "sft", steps=120, evaluations=1)
    rewards = {"level": "class", "queries": 2, "group": 4, "steps": 2, "evaluations": 1}
    rewards |= {"learning_rate": 1e-3, "trackers": [], "pictures": 0}
    climb(tmp_path / "sft", colours, tmp_path / "grpo", "grpo", **rewards)
    tuned, rewarded = read_record(tmp_path / "sft"), read_log(tmp_path / "grpo")
    assert tuned is not None
    assert rewarded[0]["giou"] == tuned.best["giou"]  # before the first step it is the same policy
    assert rewarded[1]["invalid_stage1"] < 1
    bench(BenchRequest(str(tmp_path / "grpo"), str(colours), tmp_path / "run", level="class"))
    assert score(tmp_path / "run")["samples"] == 4
