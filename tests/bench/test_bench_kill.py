"""`kill -9` at random points of a run: no sample is lost, none runs twice once it is logged."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from bench.benchset import outcome

from socioseg.bench.log import LOG

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 12
MODEL = """
import os, time
from socioseg.models.base import Prediction

class Slow:
    name = "slow"
    def predict(self, samples):
        time.sleep(0.02)
        with open("asked.txt", "a") as file:
            file.write("".join(f"{s.id}\\n" for s in samples))
        return [Prediction(s.id, s.sat[..., 0] > s.seed % 256) for s in samples]
"""
PROGRAM = """
import sys
import time
from pathlib import Path
from socioseg.bench.run import BenchRequest, bench
bench(BenchRequest("slow_model:Slow", sys.argv[1], Path(sys.argv[2]), batch_size=2))
"""


def _start(data: Path, out: Path, cwd: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(data), str(out)], cwd=cwd)


def _logged(out: Path) -> list[str]:
    data = (out / LOG).read_bytes() if (out / LOG).exists() else b""
    return [line.split(b'"')[3].decode() for line in data.split(b"\n")[:-1]]


def _kill_after(process: subprocess.Popen[bytes], log: Path, grown: int, delay: float) -> bool:
    """Kill `process` once its log has grown by so many bytes; whether it still ran then."""
    start = log.stat().st_size if log.exists() else 0
    while process.poll() is None and (not log.exists() or log.stat().st_size < start + grown):
        time.sleep(0.001)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    return process.wait() != 0


@pytest.mark.slow
def test_killed_runs_end_like_an_unbroken_one(data: Path, tmp_path: Path) -> None:
    (tmp_path / "slow_model.py").write_text(MODEL)
    whole, broken, dice = tmp_path / "whole", tmp_path / "broken", random.Random(7)
    assert _start(data, whole, tmp_path).wait() == 0
    kills = 0
    while kills < KILLS:
        before, asked = _logged(broken), tmp_path / "asked.txt"
        asked.write_text("")
        with _start(data, broken, tmp_path) as process:
            kills += _kill_after(process, broken / LOG, dice.randint(0, 900), dice.random() / 20)
        assert _logged(broken)[: len(before)] == before
        assert not set(before) & set(asked.read_text().split())
        if process.returncode == 0:
            assert outcome(broken) == outcome(whole)
            (broken / LOG).write_bytes(b"")  # from the start, in the same folder
    assert _start(data, broken, tmp_path).wait() == 0
    assert outcome(broken) == outcome(whole)
