"""`kill -9` at random points: the next run ends with the bytes of an unbroken one."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from socioseg.files import sha256_file

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 20
SETTINGS = ("town.size=2000", "size=128", "zoom=16", "limits.max_samples=90", "split.method=random")


def _command(out: Path) -> list[str]:
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    program = "from socioseg.cli import main; main()"
    return [
        sys.executable,
        "-c",
        program,
        "build",
        "--region",
        "demo",
        "--out",
        str(out),
        *settings,
    ]


def _hashes(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256_file(path) for path in files}


def _run(out: Path, cache: Path, patience: float | None = None) -> int:
    """Exit status of a build, or minus 9 where it was killed after `patience` seconds."""
    environment = {**os.environ, "SOCIOSEG_CACHE": str(cache)}
    with subprocess.Popen(_command(out), env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            return process.wait(patience)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            return process.wait()


@pytest.mark.slow
def test_killed_builds_end_like_an_unbroken_one(tmp_path: Path) -> None:
    cache, whole, broken = tmp_path / "cache", tmp_path / "whole", tmp_path / "broken"
    assert _run(whole, cache) == 0
    start = time.perf_counter()
    assert _run(tmp_path / "timed", cache) == 0
    usual = time.perf_counter() - start
    expected, dice, kills = _hashes(whole), random.Random(20), 0
    while kills < KILLS:
        if _run(broken, cache, dice.uniform(0.3, 1.0) * usual) == 0:
            assert _hashes(broken) == expected
            shutil.rmtree(broken)
        else:
            kills += 1
    assert _run(broken, cache) == 0
    assert _hashes(broken) == expected
