"""The same tiny model here and behind a real server: the same answers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pictures import PROMPTS

from socioseg.errors import ServiceError
from socioseg.models.chat.local import LocalChat
from socioseg.models.chat.remote import RemoteChat

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
READY_WITHIN = 180


def free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


@pytest.fixture(scope="module")
def served(qwen: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of `transformers serve` with the tiny model."""
    pytest.importorskip("fastapi", reason="pip install 'transformers[serving]'")
    home, port = tmp_path_factory.mktemp("hf"), free_port()
    (home / "hub").mkdir()
    command = [str(Path(sys.executable).with_name("transformers")), "serve", str(qwen)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    quiet = {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    log = home / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--dtype", "float32"],
            env={**os.environ, **quiet},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
        else:
            return
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")


def test_the_same_weights_give_the_same_answers(
    qwen: Path, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    here = LocalChat(str(qwen), max_tokens=60).ask(PROMPTS)
    there = RemoteChat(str(qwen), served, max_tokens=60).ask(PROMPTS)
    for mine, other in zip(here, there, strict=True):
        assert (mine.text, mine.status) == (other.text, other.status)
        assert (mine.prompt_tokens, mine.tokens) == (other.prompt_tokens, other.tokens)
    with pytest.raises(ServiceError, match="no chat model 'other'"):
        RemoteChat("other", served).ask(PROMPTS[:1])
