"""Ctrl-C, and workers or their parent killed: the build ends at once; run again, it goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from servers import Answer

from socioseg.files import sha256_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Serve

PROC = Path("/proc")
SETTINGS = (
    "town.size=2000",
    "size=128",
    "zoom=16",
    "limits.max_samples=45",
    "split.method=random",
)
WORDS = [word for setting in SETTINGS for word in ("--set", setting)]
PATIENCE = 60.0


@contextmanager
def building(out: Path, cache: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A build in a process group of its own, as a terminal would start it."""
    program = ["-c", "from socioseg.cli import main; main()", "build", "--region", "demo", *WORDS]
    with subprocess.Popen(
        [sys.executable, *program, "--out", str(out), *words],
        env={**os.environ, "SOCIOSEG_CACHE": str(cache), "NO_COLOR": "1"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def wait_for(what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


def some_shards(out: Path) -> list[Path]:
    return list(out.glob(".build/shards/*.parquet"))


def workers_of(parent: int) -> list[int]:
    """Processes of the group of `parent` that multiprocessing started."""
    found = []
    for path in PROC.glob("[0-9]*/cmdline"):
        number = int(path.parent.name)
        try:
            if b"spawn_main" in path.read_bytes() and os.getpgid(number) == parent:
                found.append(number)
        except OSError:  # it has just ended
            continue
    return found


def said(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    """Exit code, and what stderr shows beside the usual."""
    _, err = process.communicate(timeout=PATIENCE)
    return process.returncode, [
        line for line in err.splitlines() if line[:4] not in {"INFO", "    "}
    ]


def hashes(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256_file(path) for path in files}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> dict[str, str]:
    out = tmp_path_factory.mktemp("whole") / "set"
    with building(out, cache) as process:
        assert said(process) == (0, [])
    return hashes(out)


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c(tmp_path: Path, cache: Path, whole: dict[str, str], workers: str) -> None:
    out = tmp_path / "set"
    with building(out, cache, "--workers", workers) as process:
        wait_for(lambda: some_shards(out))
        os.killpg(process.pid, signal.SIGINT)
        start = time.monotonic()
        assert said(process) == (130, ["stopped: run the same command again to go on."])
        assert time.monotonic() - start < 10
        wait_for(lambda: not workers_of(process.pid))
    with building(out, cache, "--workers", workers) as process:
        assert said(process) == (0, [])
    assert hashes(out) == whole


@pytest.mark.slow
def test_ctrl_c_while_workers_start(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "set"
    with building(out, cache, "--workers", "2") as process:
        wait_for(lambda: workers_of(process.pid))
        os.killpg(process.pid, signal.SIGINT)
        assert said(process) == (130, ["stopped: run the same command again to go on."])


@pytest.mark.slow
def test_ctrl_c_while_a_server_is_silent(tmp_path: Path, cache: Path, serve: Serve) -> None:
    server = serve(lambda _: Answer(hang=True))
    imagery = f"{server.url}/{{z}}/{{x}}/{{y}}.png"
    with building(tmp_path / "set", cache, "--imagery", imagery) as process:
        wait_for(lambda: server.requests)
        os.killpg(process.pid, signal.SIGINT)
        start = time.monotonic()
        code, lines = said(process)
        assert (code, lines[-1]) == (130, "stopped: run the same command again to go on.")
        assert not any("Traceback" in line for line in lines)
        assert time.monotonic() - start < 10


@pytest.mark.slow
@pytest.mark.skipif(not PROC.is_dir(), reason="this system does not list processes in /proc")
def test_a_worker_that_is_killed(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "set"
    with building(out, cache, "--workers", "2") as process:
        wait_for(lambda: some_shards(out))
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
        code, (line,) = said(process)
        assert (code, line[:31]) == (1, "error: a worker process died, p")


@pytest.mark.slow
@pytest.mark.skipif(not PROC.is_dir(), reason="this system does not list processes in /proc")
def test_workers_end_with_their_parent(tmp_path: Path, cache: Path) -> None:
    out = tmp_path / "set"
    with building(out, cache, "--workers", "2") as process:
        wait_for(lambda: some_shards(out))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        wait_for(lambda: not workers_of(process.pid))
