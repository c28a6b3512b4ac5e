"""Whole builds, small: from a procedural town to a dataset that loads, resumed or not."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import datasets
import pytest

from socioseg.build import pipeline
from socioseg.build.pipeline import BuildRequest, build, run
from socioseg.dataset.verify import verify
from socioseg.errors import FailedSamplesError, OsmError, OutputError
from socioseg.files import WORK, sha256_file

if TYPE_CHECKING:
    from pathlib import Path

SMALL: dict[str, Any] = {
    "town.size": 2000.0,
    "size": 128,
    "zoom": 16,
    "limits.max_samples": 24,
    "split.method": "random",
}
PLANNED = 25  # a negative is added


@pytest.fixture(scope="module")
def request_(tmp_path_factory: pytest.TempPathFactory) -> BuildRequest:
    folder = tmp_path_factory.mktemp("build")
    return BuildRequest("demo", folder / "socioseg", folder / "cache", SMALL)


@pytest.fixture(scope="module")
def built(request_: BuildRequest) -> Path:
    build(request_)
    return request_.out


def _hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): sha256_file(path)
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_a_build_keeps_every_promise(built: Path) -> None:
    assert verify(built) == []
    assert not (built / WORK).exists()


def test_plain_datasets_load_it(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.parent)
    found = datasets.load_dataset(
        "socioseg", "socio_class", split="train", cache_dir=str(built.parent / "hf")
    )
    assert found[0]["sat_image"].size == found[0]["mask_label"].size == (128, 128)


def test_two_workers_give_the_same_bytes(built: Path, request_: BuildRequest) -> None:
    again = dataclasses.replace(request_, out=built.parent / "two", workers=2)
    build(again)
    assert _hashes(again.out) == _hashes(built)


def test_a_finished_dataset_is_left_alone(built: Path, request_: BuildRequest) -> None:
    before = _hashes(built)
    assert run(request_, max_failed=0.0)["samples"] == PLANNED
    assert _hashes(built) == before


def test_a_build_goes_on_after_a_stop(
    built: Path, request_: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = dataclasses.replace(request_, out=built.parent / "stopped")
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "assemble", _stop)
        with pytest.raises(KeyboardInterrupt):
            build(again)
    made: list[str] = []
    monkeypatch.setattr(pipeline, "make_shard", lambda job: made.append(job.out.name))
    build(again)
    assert made == []
    assert _hashes(again.out) == _hashes(built)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_another_recipe_in_the_same_folder_is_refused(built: Path, request_: BuildRequest) -> None:
    other = dataclasses.replace(request_, overrides={**SMALL, "seed": 5})
    with pytest.raises(OutputError, match="another recipe"):
        build(other)
    assert verify(built) == []


def test_failed_samples_are_named_and_too_many_are_an_error(
    request_: BuildRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socioseg.build.imagery.spec.Painter.paint", _no_picture)
    again = dataclasses.replace(request_, out=tmp_path / "none")
    with pytest.raises(FailedSamplesError, match=r"25 of 25 samples failed.*no_imagery"):
        run(again, max_failed=0.5)
    report = run(again, max_failed=1.0)
    assert report["not_made"] == {"no_imagery": PLANNED}


def _no_picture(*_: object) -> None:
    from socioseg.errors import SampleError

    raise SampleError("no_imagery")


def test_a_dry_run_makes_nothing(request_: BuildRequest, tmp_path: Path) -> None:
    again = dataclasses.replace(request_, out=tmp_path / "dry")
    assert run(again, max_failed=0.0, dry_run=True)["samples"] == PLANNED
    assert not again.out.exists()


def test_a_region_that_gives_nothing_says_why(request_: BuildRequest, tmp_path: Path) -> None:
    strict = {**SMALL, "limits.min_share": 0.5999}
    again = dataclasses.replace(request_, out=tmp_path / "x", overrides=strict)
    with pytest.raises(OsmError, match="too small"):
        build(again)


def test_a_damaged_dataset_is_made_again(built: Path, request_: BuildRequest) -> None:
    before = _hashes(built)
    data = next(built.glob("data/*/train-*.parquet"))
    data.write_bytes(data.read_bytes()[:-1])
    (built / "LICENSE-DATA.md").unlink()
    build(request_)
    assert _hashes(built) == before


def test_the_spelling_of_a_path_does_not_matter(
    request_: BuildRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = next((request_.cache / "towns").iterdir())
    few = {"limits.max_samples": 3, "size": 64, "zoom": 16, "imagery": "synthetic"}
    once = BuildRequest(str(town), tmp_path / "set", request_.cache, {**few, "osm": str(town)})
    build(once)
    monkeypatch.chdir(town.parent)
    again = dataclasses.replace(once, region=town.name, overrides={**few, "osm": town.name})
    report = build(again)
    assert report.recipe["osm"] == town.name
    assert str(town.parent) not in (tmp_path / "set" / "report.json").read_text()
