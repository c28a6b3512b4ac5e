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

from socioseg.bench.log import LOG, read_log

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
        if os.path.exists("down") and any(s.seed % 3 for s in samples):
            raise ConnectionError
        return [Prediction(s.id, s.sat[..., 0] > s.seed % 256) for s in samples]
"""
PROGRAM = """
import sys
import time
from dataclasses import replace
from pathlib import Path
from socioseg.bench.run import BenchRequest, bench
request = BenchRequest("slow_model:Slow", sys.argv[1], Path(sys.argv[2]), batch_size=2)
bench(replace(request, retry_failed=len(sys.argv) > 3))
"""


def _start(data: Path, out: Path, cwd: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", PROGRAM, str(data), str(out), *words]
    return subprocess.Popen(command, cwd=cwd)


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


@pytest.mark.slow
def test_killed_retries_lose_nothing_and_ask_only_again_what_failed(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "slow_model.py").write_text(MODEL)
    whole, broken, dice = tmp_path / "whole", tmp_path / "broken", random.Random(8)
    assert _start(data, whole, tmp_path).wait() == 0
    (tmp_path / "down").touch()
    assert _start(data, broken, tmp_path).wait() == 0
    (tmp_path / "down").unlink()
    first, kills, failed = (broken / LOG).read_bytes(), 0, _failed(broken)
    assert 3 < len(failed) < len(outcome(broken))
    while kills < KILLS:
        log, failed, asked = (broken / LOG).read_bytes(), _failed(broken), tmp_path / "asked.txt"
        asked.write_text("")
        with _start(data, broken, tmp_path, "--retry-failed") as process:
            kills += _kill_after(process, broken / LOG, dice.randint(0, 900), dice.random() / 20)
        assert (broken / LOG).read_bytes().startswith(log)
        assert set(asked.read_text().split()) <= failed
        assert set(outcome(broken)) == set(outcome(whole))
        if process.returncode == 0:
            assert outcome(broken) == outcome(whole)
            (broken / LOG).write_bytes(first)  # as before any retry
    assert _start(data, broken, tmp_path, "--retry-failed").wait() == 0
    assert outcome(broken) == outcome(whole)


def _failed(out: Path) -> set[str]:
    return {line.id for line in read_log(out) if not line.ok}
