"""The experiment of a tiny policy that learns from nothing, run whole on little towns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from socioseg.bench.compare import compare
from socioseg.bench.runfile import read_run
from socioseg.train.record import read_log

LEARNING = Path(__file__).parents[1] / "benchmarks/learning"
STEPS = {"first": 30, "both": 30, "form": 4, "divided": 4, "more": 4, "one": 30, "one-grpo": 4}
COMPARED = (
    "towns: grpo against form",
    "grey: divided against more",
    "towns: divided against one-grpo",
)


@pytest.mark.slow
def test_all_rungs_are_climbed_and_told_from_chance(tmp_path: Path, cache: Path) -> None:
    pytest.importorskip("transformers")
    data, out = tmp_path / "data", tmp_path / "ladder"
    python(cache, "towns.py", "--train", "1", "--size", "1500", "--out", str(data))
    told = python(cache, "ladder.py", "--smoke", "--data", str(data), "--out", str(out))
    assert {name: read_log(out / name)[-1]["step"] for name in STEPS} == STEPS
    assert [told.count(f"\n{pair}\n") for pair in COMPARED] == [1, 1, 1]
    runs = out / "runs/grey"
    assert compare(runs / "divided", runs / "more")["ground_known"] is True
    assert options(out / "runs/towns/divided-stage1")["stages"] == 1
    assert options(runs / "grpo")["family"] == "socioreasoner"
    assert options(runs / "one-grpo")["family"] == "visionreasoner"
    other = tmp_path / "other"
    python(cache, "towns.py", "--test", "308", "--size", "1500", "--out", str(other))
    told = python(cache, "ladder.py", "--smoke", "--test", str(other), "--out", str(out))
    assert told.count("\ngrey: divided against more\n") == 1
    assert read_run(out / "runs/other/grey/divided").path == str((other / "grey").resolve())
    assert options(out / "runs/other/towns/divided-stage1")["stages"] == 1


def python(cache: Path, script: str, *words: str) -> str:
    command = [sys.executable, str(LEARNING / script), *words]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "SOCIOSEG_CACHE": str(cache)}
    return subprocess.run(command, text=True, stdout=-1, check=True, env=environment).stdout


def options(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = read_run(run).key.recipe["options"]
    return found
