"""Builds from a tile server that is ill: they end, say what is missing, and go on when it is well.

Each illness befalls two tiles. The server that was never ill gives the bytes that are right.
"""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from PIL import Image
from servers import Answer, FaultServer

from socioseg.build.pipeline import BuildRequest, build, run
from socioseg.build.plan.planning import plan_build
from socioseg.dataset.report import read_report
from socioseg.dataset.verify import verify
from socioseg.errors import FailedSamplesError
from socioseg.files import WORK, sha256_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from servers import Request

    from socioseg.sample import Window

SMALL: dict[str, Any] = {
    "town.size": 2000.0,
    "size": 128,
    "zoom": 16,
    "limits.max_samples": 12,
    "split.method": "random",
    "fetch.attempts": 1,
    "fetch.read_timeout": 0.3,
}
PERSISTENT = {"fetch.attempts": 4}


def png(side: int, seed: str = "") -> bytes:
    pixels = np.random.default_rng(list(seed.encode())).integers(0, 255, (side, side, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


Illness = Callable[[int], Answer | None]
"""What an ill tile's nth request is answered; None to answer it well."""
PAGE = b"<!DOCTYPE html><title>Over quota</title>"
PASSING: dict[str, tuple[str, Illness]] = {
    "a 500 for ever": ("http_500", lambda _: Answer(status=500)),
    "silence": ("timeout", lambda _: Answer(hang=True)),
    "half a tile": ("truncated", lambda _: Answer(png(256)[:999], length=9999)),
    "half an image": ("corrupt_tile", lambda _: Answer(png(256)[:999])),
    "a page as 200": (
        "not_an_image",
        lambda _: Answer(PAGE, headers={"Content-Type": "image/png"}),
    ),
    "a key refused": ("http_403", lambda _: Answer(status=403)),
}
FINAL: dict[str, tuple[str, Illness]] = {
    "no such tile": ("http_404", lambda _: Answer(status=404)),
    "a tile of another size": ("wrong_size", lambda _: Answer(png(200))),
}
SHORT: dict[str, Illness] = {
    "too many requests": lambda n: (
        Answer(status=429, headers={"Retry-After": "1"}) if n == 1 else None
    ),
    "an error": lambda n: Answer(status=500) if n <= 2 else None,
    "a closed connection": lambda n: Answer(png(256)[:99], length=9999) if n == 1 else None,
}


class Sky:
    """Serves a picture for every tile, but for those that are ill."""

    def __init__(self) -> None:
        self.heal()

    def heal(self) -> None:
        self.ill: dict[str, Illness] = {}
        self.asked: Counter[str] = Counter()

    def __call__(self, request: Request) -> Answer:
        self.asked[request.path] += 1
        answer = self.ill.get(request.path, lambda _: None)(self.asked[request.path])
        return answer or Answer(png(256, request.path))


class Town(NamedTuple):
    """A finished build from a server that is well, and the tiles of its samples."""

    sky: Sky
    request: BuildRequest
    bytes: dict[str, str]
    tiles: dict[str, list[str]]

    def fall_ill(self, illness: Illness) -> set[str]:
        """Make two tiles ill; returns the samples that need one of them."""
        self.sky.heal()
        every = sorted({tile for tiles in self.tiles.values() for tile in tiles})
        self.sky.ill = dict.fromkeys((every[1], every[-2]), illness)
        return {sample for sample, tiles in self.tiles.items() if self.sky.ill.keys() & set(tiles)}

    def again(self, folder: Path, **overrides: object) -> BuildRequest:
        """The same build in a new folder, with an empty tile cache."""
        (folder / "cache").mkdir()
        (folder / "cache" / "towns").symlink_to(self.request.cache / "towns")
        changed = {**self.request.overrides, **overrides}
        return replace(self.request, out=folder / "set", cache=folder / "cache", overrides=changed)


def hashes(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256_file(path) for path in files}


def data(found: dict[str, str]) -> dict[str, str]:
    return {name: digest for name, digest in found.items() if name.startswith("data/")}


def tiles_of(window: Window) -> list[str]:
    """Paths of the tiles of a window, row by row, by plain arithmetic."""
    rows, columns = (
        range(at // 256, (at + window.size - 1) // 256 + 1) for at in (window.y, window.x)
    )
    return [f"/{window.zoom}/{x}/{y}.png" for y, x in itertools.product(rows, columns)]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder, sky = tmp_path_factory.mktemp("tiles"), Sky()
    with pytest.MonkeyPatch.context() as patch, FaultServer(sky) as server:
        patch.setenv("NO_PROXY", "127.0.0.1")
        overrides = {**SMALL, "imagery": f"{server.url}/{{z}}/{{x}}/{{y}}.png"}
        request = BuildRequest("demo", folder / "set", folder / "cache", overrides)
        build(request)
        planning = plan_build("demo", overrides, request.cache)
        tiles = {sample.id: tiles_of(sample.window) for sample in planning.plan.samples}
        yield Town(sky, request, hashes(request.out), tiles)


def test_every_tile_is_asked_for_once(town: Town) -> None:
    assert verify(town.request.out) == []
    assert dict(town.sky.asked) == dict.fromkeys({t for ts in town.tiles.values() for t in ts}, 1)


@pytest.mark.parametrize("illness", SHORT)
def test_what_passes_while_the_build_runs_leaves_no_trace(
    town: Town, tmp_path: Path, illness: str
) -> None:
    town.fall_ill(SHORT[illness])
    request = town.again(tmp_path, **PERSISTENT)
    build(request)
    assert verify(request.out) == []
    assert data(hashes(request.out)) == data(town.bytes)


@pytest.mark.parametrize("illness", PASSING)
def test_what_may_pass_is_named_and_mended_by_the_next_run(
    town: Town, tmp_path: Path, illness: str
) -> None:
    reason, answer = PASSING[illness]
    hit = town.fall_ill(answer)
    request = town.again(tmp_path)
    with pytest.raises(FailedSamplesError, match=f"{len(hit)} of .*{reason}.*again to retry"):
        run(request, max_failed=0.0)
    failed = read_report(request.out).failed
    assert {sample: failure.reason for sample, failure in failed.items()} == dict.fromkeys(
        hit, reason
    )
    assert [problem.file for problem in verify(request.out)] == [WORK]
    town.sky.heal()
    run(request, max_failed=0.0)
    assert hashes(request.out) == town.bytes


@pytest.mark.parametrize("illness", FINAL)
def test_what_stays_is_asked_for_once_and_ends_the_build(
    town: Town, tmp_path: Path, illness: str
) -> None:
    reason, answer = FINAL[illness]
    hit = town.fall_ill(answer)
    request = town.again(tmp_path, **PERSISTENT)
    assert run(request, max_failed=len(hit) / len(town.tiles))["not_made"] == {reason: len(hit)}
    assert set(town.sky.asked.values()) == {1}
    assert verify(request.out) == []
    town.sky.heal()
    with pytest.raises(FailedSamplesError, match="none would succeed"):
        run(request, max_failed=0.0)
    assert not town.sky.asked


def test_a_later_run_asks_only_for_what_may_have_passed(town: Town, tmp_path: Path) -> None:
    town.fall_ill(FINAL["no such tile"][1])
    lost, slow = town.sky.ill
    town.sky.ill[slow] = PASSING["a 500 for ever"][1]
    request = town.again(tmp_path)
    assert set(run(request, max_failed=1.0)["not_made"]) == {"http_404", "http_500"}
    town.sky.heal()
    assert set(run(request, max_failed=1.0)["not_made"]) == {"http_404"}
    assert (town.sky.asked[lost], dict(town.sky.asked)) == (0, {slow: 1})
    assert verify(request.out) == []


def test_a_server_that_is_down_and_comes_back(town: Town, tmp_path: Path) -> None:
    with FaultServer(town.sky) as server:
        url = f"{server.url}/{{z}}/{{x}}/{{y}}.png"
        whole = replace(town.again(tmp_path, imagery=url), out=tmp_path / "whole")
        build(whole)
    (whole.cache / "tiles.sqlite").unlink()
    request = replace(whole, out=tmp_path / "set")
    with pytest.raises(FailedSamplesError, match=r"13 of 13 .*connection"):
        run(request, max_failed=0.99)
    assert read_report(request.out).counts.ok == 0
    with FaultServer(town.sky, server.port):
        build(request)
    assert hashes(request.out) == hashes(whole.out)


@pytest.mark.slow
def test_two_workers_give_the_same_bytes(town: Town, tmp_path: Path) -> None:
    town.fall_ill(FINAL["no such tile"][1])
    one = town.again(tmp_path)
    two = replace(one, out=tmp_path / "two", workers=2)
    for request in (one, two):
        build(request)
    assert hashes(one.out) == hashes(two.out)
