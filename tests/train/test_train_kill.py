"""A real kill in the middle of a training."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from train.colours import request

from socioseg.train.methods import train
from socioseg.train.record import read_log

if TYPE_CHECKING:
    from pathlib import Path

STEPS = {"steps": 200, "evaluations": 20}
CODE = """
import sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from train.colours import request
from socioseg.train.methods import train
train(request(Path(sys.argv[1]), Path(sys.argv[2]), settings=eval(sys.argv[3])))
"""


def curve(out: Path) -> list[dict[str, float]]:
    return [{**line, "seconds": 0.0} for line in read_log(out)]


@pytest.mark.slow
def test_killed_and_started_again_it_ends_as_if_it_had_never_stopped(
    colours: Path, tmp_path: Path
) -> None:
    out = tmp_path / "killed"
    words = [sys.executable, "-c", CODE, str(colours), str(out), repr(STEPS)]
    paths = os.pathsep.join(path for path in sys.path if path)
    process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": paths})
    deadline = time.monotonic() + 120
    while len(read_log(out)) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 3 <= len(read_log(out)) < 20
    train(request(colours, out, settings=STEPS))
    train(request(colours, tmp_path / "whole", settings=STEPS))
    assert len(curve(out)) == 20
    assert curve(out) == curve(tmp_path / "whole")
