"""The benchmark of a GRPO step, run for real at its smallest size."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SPEED = Path(__file__).parents[1] / "benchmarks/speed"
SMALLEST = ("--device", "cpu", "--queries", "1", "--group", "2", "--tokens", "2", "--steps", "1")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}


def python(*words: str, given: str = "") -> str:
    command, folder = [sys.executable, *words], str(SPEED)
    done = subprocess.run(
        command, input=given, text=True, stdout=-1, check=True, cwd=folder, env=ENVIRONMENT
    )
    return done.stdout


def measured(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(python("train.py", *SMALLEST, "--json", *words))
    return found


@pytest.mark.slow
def test_a_step_is_timed_and_its_operations_are_counted() -> None:
    pytest.importorskip("transformers")
    found, kept = measured(), measured("--keep-activations")
    parts = found["parts"]
    assert found["completions"] == 4  # two in each stage
    assert min(parts.values()) > 0
    assert sum(parts.values()) == pytest.approx(2 * parts["step"])
    assert found["rollout_rate"] > 0
    assert found["engine_rate"] > 0
    assert found["operations"]["done"] > 1.05 * found["operations"]["needed"]
    assert kept["operations"]["done"] == kept["operations"]["needed"]
    assert found["operations"]["needed"] == kept["operations"]["needed"]
    show = "import json, sys, traintable; print(traintable.table(json.load(sys.stdin)))"
    lines = python("-c", show, given=json.dumps(found)).splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("rollout / engine") for line in lines)
