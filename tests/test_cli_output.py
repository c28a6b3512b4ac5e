"""Where a build writes: what it refuses, what it says of a full disk, what it never shows."""

from __future__ import annotations

import errno
import os
import resource
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commands import DEMO, Said, refused, say
from servers import Answer

from socioseg.files import sha256_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Serve
    from servers import Request

pytestmark = pytest.mark.usefixtures("alone")
SECRET = "s3cr3t-V4lu3"


def build(capfd: pytest.CaptureFixture[str], *words: str) -> Said:
    return say(capfd, "build", *DEMO, *words, "--out", "set")


def hashes(root: Path) -> dict[str, str]:
    return {str(p.relative_to(root)): sha256_file(p) for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    ("out", "sentence"),
    [
        ("a.txt", "is a file"),
        ("a.txt/deeper/still", "Cannot write .*Not a directory"),
        ("/proc/nowhere/set", "Cannot write /proc/nowhere/set"),
        (".", "files that are not a build's"),
        ("x" * 300, "Cannot write .*File name too long"),
    ],
)
def test_folders(out: str, sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    Path("a.txt").touch()
    refused(say(capfd, "build", *DEMO, "--out", out), 1, sentence)
    assert [path.name for path in Path().iterdir()] == ["a.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(capfd: pytest.CaptureFixture[str]) -> None:
    Path("closed").mkdir(mode=0o500)
    refused(say(capfd, "build", *DEMO, "--out", "closed/set"), 1, "Permission denied.*permissions")


def test_a_cache_that_cannot_be_written(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.txt").touch()
    monkeypatch.setenv("SOCIOSEG_CACHE", "a.txt/cache")
    refused(build(capfd), 1, "Cannot write a.txt/cache/towns/.*Not a directory")


def test_the_folder_of_another_recipe(capfd: pytest.CaptureFixture[str]) -> None:
    assert build(capfd).code == 0
    before = hashes(Path("set"))
    refused(build(capfd, "--zoom", "17"), 1, "^error: set was made with another recipe")
    assert hashes(Path("set")) == before


@contextmanager
def no_larger_than(size: int) -> Iterator[None]:
    """No file can grow beyond `size` bytes: the system stops the write, wherever it happens."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_writes_that_the_system_stops(capfd: pytest.CaptureFixture[str]) -> None:
    stopped = set()
    for size in (1500, 3000, 20_000, 50_000, 100_000):
        with no_larger_than(size):
            said = build(capfd)
        refused(said, 1, r"Cannot write set/\S+ \(File too large\): choose another folder\.")
        stopped.add(Path(said.err.split()[3]).suffix)
    assert len(stopped) >= 2  # plan, slices of OSM data, shards
    assert build(capfd).code == 0
    assert say(capfd, "verify", "set").out == "set: sound\n"


@pytest.mark.parametrize("step", [1, 2, 9, 20, 40])
def test_a_full_disk(
    step: int, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = iter(range(1, 1000))

    def full(_: int) -> None:
        if next(steps) >= step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("socioseg.files.os.fsync", full)
    refused(build(capfd), 1, r"Cannot write set\S* \(No space left on device\): free some space")
    assert not list(Path("set").rglob("*.part"))


def _picky(request: Request) -> Answer:
    """Repeat the key in whatever is said."""
    text = f"<html>bad request {request.path}</html>".encode()
    column = int(request.path.split("/")[2])
    answers = (Answer(text), Answer(text, 403), Answer(text, 500), Answer(text, 302))
    return answers[column % 4]


def test_a_key_is_never_shown(
    capfd: pytest.CaptureFixture[str],
    serve: Serve,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = serve(_picky)
    monkeypatch.setenv("SOCIOSEG_KEY_MINE", SECRET)
    monkeypatch.setenv("SOCIOSEG_CACHE", "cache")
    template = f"{server.url}/{{z}}/{{x}}/{{y}}.png?key={{mine}}"
    said = build(capfd, "--imagery", template, "--set", "fetch.attempts=1", "--max-failed", "1")
    assert server.requests
    assert all(SECRET in request.path for request in server.requests)
    assert said.code == 0
    assert SECRET not in said.out + said.err
    files = [path for path in Path().rglob("*") if path.is_file()]
    assert {".json", ".jsonl", ".md", ".sqlite"} <= {path.suffix for path in files}
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]
