"""Several processes learn what one does; one that is killed outright goes on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from train.grpo.trainings import a_recipe

from socioseg.train.record import read_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROCESS = Path(__file__).with_name("process.py")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
SETTINGS = {"steps": 3, "queries": 4, "group": 2, "evaluations": 1}


def words(
    recipe: str, data: Path, out: Path, settings: Mapping[str, Any], start: Sequence[str] = ()
) -> list[str]:
    arguments = [str(PROCESS), recipe, str(data), str(out), json.dumps(settings)]
    return [sys.executable, *start, *arguments]


def launched(processes: int) -> list[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    start = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", str(processes)]
    return [*start, "--num_machines", "1", "--main_process_port", port, "--mixed_precision", "no"]


def curve(out: Path) -> list[dict[str, float]]:
    return [
        {name: value for name, value in line.items() if "seconds" not in name}
        for line in read_log(out)
    ]


@pytest.mark.slow
def test_two_processes_take_the_steps_of_one(qwen: Path, colours: Path, tmp_path: Path) -> None:
    recipe = a_recipe(tmp_path, qwen, behaviour="released")
    for name, processes in (("one", 1), ("two", 2)):
        start = launched(processes) if processes > 1 else []
        command = words(recipe, colours, tmp_path / name, SETTINGS, start)
        subprocess.run(command, check=True, env=ENVIRONMENT, timeout=300)
    one, two = curve(tmp_path / "one"), curve(tmp_path / "two")
    assert len(one) == len(two) == 4
    for line, other in zip(one, two, strict=True):
        assert other == pytest.approx(line, rel=2e-3, abs=1e-4)


@pytest.mark.slow
def test_a_kill_changes_nothing(qwen: Path, colours: Path, tmp_path: Path) -> None:
    recipe = a_recipe(tmp_path, qwen, behaviour="released")
    settings = {**SETTINGS, "steps": 6, "checkpoint": 2}
    for name in ("whole", "broken"):
        command = words(recipe, colours, tmp_path / name, settings)
        if name == "broken":
            process = subprocess.Popen(command, env=ENVIRONMENT)
            while len(read_log(tmp_path / name)) < 5 and process.poll() is None:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        subprocess.run(command, check=True, env=ENVIRONMENT, timeout=300)
    assert curve(tmp_path / "broken") == curve(tmp_path / "whole")
