"""Trainings in processes of their own, one or several, as `accelerate launch` starts them."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socioseg.train.record import read_log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.train.methods import TrainRequest

ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
FSDP = ("--config_file", str(Path(__file__).with_name("fsdp.yaml")))
"""What divides the weights among two processes."""
PLAIN = ("--multi_gpu", "--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no")
"""Two processes with all the weights each. `--cpu` would start a single one."""


def words(process: Path, request: TrainRequest, start: Sequence[str] = ()) -> list[str]:
    """The command that runs `process`, a script that takes what is `told`, on `request`.

    Parameters
    ----------
    start
        `PLAIN` or `FSDP` for two processes; none for a single one.
    """
    told = {
        "model": request.model,
        "dataset": request.dataset,
        "out": str(request.out),
        "method": request.method,
        "settings": dict(request.settings),
        "limit_minutes": request.limit_minutes,
    }
    return [sys.executable, *launched(start), str(process), json.dumps(told)]


def launched(start: Sequence[str]) -> list[str]:
    """What stands before the script; nothing for a single process."""
    if not start:
        return []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    return ["-m", "accelerate.commands.launch", *start, "--main_process_port", port]


def run(process: Path, request: TrainRequest, start: Sequence[str] = ()) -> None:
    """Run to the end, and make sure that there were as many processes as were asked for.

    None of them may leave threads of its group to the interpreter's end. A training that a process
    of it aborts is gone on with once, as its user would.
    """
    command = words(process, request, start)
    found = ended(command)
    if found.returncode and "SIGABRT" in found.stderr:  # seen once in gloo, in the middle of work
        print(found.stderr)  # noqa: T201 - shown where the test fails, and where pytest is told to
        found = ended(command)
    assert found.returncode == 0, found.stderr[-3000:]
    ranks = sorted(request.out.parent.glob(f"{request.out.name}-rank-*"))
    assert len(ranks) == (2 if start else 1)
    for path in ranks:
        assert path.read_text() == "", "threads outlive their group, and may abort the process"
        path.unlink()


def ended(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """What became of `command`, and what it said."""
    return subprocess.run(
        command, check=False, env=ENVIRONMENT, timeout=300, capture_output=True, text=True
    )


def told() -> dict[str, Any]:
    """In a script that `words` starts: the arguments of its `TrainRequest`, `out` a path."""
    found: dict[str, Any] = json.loads(sys.argv[1])
    out = Path(found["out"])
    here = out.with_name(f"{out.name}-rank-{os.environ.get('RANK', '0')}")
    here.touch()
    atexit.register(tell_threads, here)  # the first to register is called last
    return {**found, "out": out, "device": "cpu"}


def tell_threads(path: Path) -> None:
    """Write the names of gloo's threads in this process, where Linux tells them."""
    names = [name.read_text() for name in Path("/proc/self/task").glob("*/comm")]
    path.write_text("".join(name for name in names if "gloo" in name))


def curve(out: Path) -> list[dict[str, float]]:
    """The log without what it says of time."""
    return [without_time(line) for line in read_log(out)]


def without_time(line: Mapping[str, float]) -> dict[str, float]:
    """A line of the log."""
    return {name: value for name, value in line.items() if "seconds" not in name}
