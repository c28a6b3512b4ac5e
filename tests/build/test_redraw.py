"""Datasets with their maps drawn anew: the same samples, another style."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest
from commands import say

from socioseg.build import redraw as module
from socioseg.build.pipeline import BuildRequest, build
from socioseg.build.redraw import RedrawRequest, redraw
from socioseg.city.town import TownSpec, write_town
from socioseg.dataset.report import read_report
from socioseg.dataset.store import read_rows
from socioseg.dataset.verify import verify
from socioseg.errors import DatasetError, OsmError, OutputError, UsageError
from socioseg.files import WORK, Receipt, sha256_file
from socioseg.recipe import find_recipe
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Callable

SMALL: dict[str, Any] = {
    "town.size": 2000.0,
    "size": 128,
    "zoom": 16,
    "limits.max_samples": 40,
    "split.method": "random",
}
CHANGED = {"map_image", "map_style"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A dataset not to be changed."""
    out: Path = tmp_path_factory.mktemp("redraw") / "socioseg"
    build(BuildRequest("demo", out, cache, SMALL))
    return out


@pytest.fixture(scope="module")
def request_(built: Path, cache: Path) -> RedrawRequest:
    return RedrawRequest(str(built), "night", built.parent / "night", cache)


@pytest.fixture(scope="module")
def night(request_: RedrawRequest) -> Path:
    """The same dataset in another style, not to be changed."""
    redraw(request_)
    return request_.out


def _hashes(root: Path) -> dict[str, str]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): sha256_file(path) for path in files}


def _rows(root: Path) -> list[dict[str, Any]]:
    splits = ("train", "validation", "test")
    return [row for level in Level for split in splits for row in read_rows(root, level, split)]


def test_only_the_maps_are_different(built: Path, night: Path) -> None:
    before, after = _rows(built), _rows(night)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    for one, other in zip(before, after, strict=True):
        assert {name for name in one if one[name] != other[name]} == CHANGED
        assert other["map_style"] == "night"


def test_it_keeps_every_promise(built: Path, night: Path) -> None:
    assert verify(night) == []
    assert not (night / WORK).exists()
    assert (night / "plan.jsonl").read_bytes() == (built / "plan.jsonl").read_bytes()


def test_report_and_card_say_so(built: Path, night: Path) -> None:
    before, after = read_report(built), read_report(night)
    assert after.recipe["map"] == {**before.recipe["map"], "style": "night"}
    assert after.fingerprint != before.fingerprint
    assert before.fingerprint in after.notes[-1]
    assert after.notes[-1] in (night / "README.md").read_text()
    assert "style: night" in (night / "README.md").read_text()


def test_its_own_style_gives_the_same_dataset(built: Path, request_: RedrawRequest) -> None:
    again = dataclasses.replace(request_, style="standard", out=built.parent / "same")
    redraw(again)
    assert _hashes(again.out) == _hashes(built)


def test_there_and_back_gives_the_same_rows(
    built: Path, night: Path, request_: RedrawRequest
) -> None:
    back = built.parent / "back"
    redraw(dataclasses.replace(request_, dataset=str(night), style="standard", out=back))
    assert _rows(back) == _rows(built)


def test_many_jobs_and_two_workers_give_the_same_bytes(
    night: Path, request_: RedrawRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHARD_WINDOWS", 6)
    again = dataclasses.replace(request_, out=night.parent / "two", workers=2)
    redraw(again)
    assert _hashes(again.out) == _hashes(night)


def test_it_goes_on_after_a_stop(
    night: Path, request_: RedrawRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = dataclasses.replace(request_, out=night.parent / "stopped")
    with monkeypatch.context() as patch:
        patch.setattr(module, "assemble", _stop)
        with pytest.raises(KeyboardInterrupt):
            redraw(again)
    drawn: list[str] = []
    monkeypatch.setattr(module, "draw_maps", lambda job: drawn.append(job.out.name))
    redraw(again)
    redraw(again)  # and once more, with nothing left to do
    assert drawn == []
    assert _hashes(again.out) == _hashes(night)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def test_other_data_are_refused(request_: RedrawRequest, tmp_path: Path) -> None:
    write_town(tmp_path / "other.osm.pbf", TownSpec(8, 2000.0))
    other = dataclasses.replace(request_, osm=str(tmp_path / "other.osm.pbf"), out=tmp_path / "out")
    with pytest.raises(OsmError, match=r"other\.osm\.pbf is not the OSM data .* its file is"):
        redraw(other)


def test_data_of_another_day_are_refused(
    built: Path, request_: RedrawRequest, tmp_path: Path
) -> None:
    old = _altered(built, tmp_path, lambda report: report["osm"].update(sha256="", timestamp="x"))
    with pytest.raises(OsmError, match=r"its date is .* the report says x"):
        redraw(dataclasses.replace(request_, dataset=str(old), out=tmp_path / "out"))


def test_missing_data_are_asked_for(
    built: Path, request_: RedrawRequest, tmp_path: Path, cache: Path
) -> None:
    def from_file(report: dict[str, Any]) -> None:
        report["recipe"]["town"] = None

    moved = _altered(built, tmp_path, from_file)
    again = dataclasses.replace(request_, dataset=str(moved), out=tmp_path / "out")
    with pytest.raises(OsmError, match=r"town-.*pbf, is not at hand: say where it is with --osm"):
        redraw(again)
    town = next(path for path in (cache / "towns").iterdir() if _is_origin(path, built))
    redraw(dataclasses.replace(again, osm=str(town)))
    assert verify(again.out) == []


def _is_origin(path: Path, built: Path) -> bool:
    return sha256_file(path) == read_report(built).osm.sha256


def test_a_file_of_the_same_name_is_found(
    built: Path, request_: RedrawRequest, tmp_path: Path, cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert find_recipe("builders", "town") is None

    def from_file(report: dict[str, Any]) -> None:
        report["recipe"]["town"] = None
        report["region"]["name"] = "town"

    moved = _altered(built, tmp_path, from_file)
    town = next(path for path in (cache / "towns").iterdir() if _is_origin(path, built))
    shutil.copy(town, tmp_path)
    monkeypatch.chdir(tmp_path)
    redraw(dataclasses.replace(request_, dataset=str(moved), out=tmp_path / "out"))
    assert _rows(tmp_path / "out") == _rows(request_.out)


def _altered(built: Path, folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy of the dataset whose report was changed."""
    root = folder / "altered"
    shutil.copytree(built, root)
    report = json.loads((root / "report.json").read_text())
    change(report)
    (root / "report.json").write_text(json.dumps(report))
    return root


def test_maps_that_cannot_be_drawn_as_they_are_are_refused(
    built: Path, request_: RedrawRequest, tmp_path: Path
) -> None:
    root = tmp_path / "set"
    shutil.copytree(built, root)
    report = json.loads((root / "report.json").read_text())
    entry = next(file for file in report["files"] if file["path"].startswith("data/socio_name/tr"))
    path = root / entry["path"]
    table = pq.read_table(path)
    maps = table["map_image"].to_pylist()
    table = table.set_column(2, table.schema.field(2), [maps[1:] + maps[:1]])
    pq.write_table(table, path)
    entry.update(Receipt.of(path, table.num_rows)._asdict())
    (root / "report.json").write_text(json.dumps(report))
    with pytest.raises(DatasetError, match="do not come out the same"):
        redraw(dataclasses.replace(request_, dataset=str(root), out=tmp_path / "out"))


def test_what_is_wrong_is_said_before_anything_is_made(
    built: Path, night: Path, request_: RedrawRequest, tmp_path: Path
) -> None:
    new = dataclasses.replace(request_, out=tmp_path / "out")
    with pytest.raises(UsageError, match="no map style 'sepia'"):
        redraw(dataclasses.replace(new, style="sepia"))
    with pytest.raises(DatasetError, match="nowhere is not a whole dataset"):
        redraw(dataclasses.replace(new, dataset="nowhere"))
    with pytest.raises(OutputError, match="another recipe"):
        redraw(dataclasses.replace(new, out=built))
    with pytest.raises(OutputError, match="another recipe"):
        redraw(dataclasses.replace(new, style="grey", out=night))
    assert not new.out.exists()


def test_a_broken_dataset_is_refused(built: Path, request_: RedrawRequest, tmp_path: Path) -> None:
    root = tmp_path / "set"
    shutil.copytree(built, root)
    next(root.glob("data/*/train-*.parquet")).unlink()
    with pytest.raises(DatasetError, match="socioseg verify"):
        redraw(dataclasses.replace(request_, dataset=str(root), out=tmp_path / "out"))


@pytest.mark.usefixtures("alone")
def test_the_command_says_what_it_made(
    built: Path, night: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = ("redraw", str(built), "--style", "night", "--out", "out/night")
    said = say(capfd, *words, "--json")
    assert (said.code, json.loads(said.out)["map_style"]) == (0, "night")
    assert read_report(Path("out/night")) == read_report(night)
    assert "samples      42" in say(capfd, *words).out  # once more, with nothing left to do
    said = say(capfd, "redraw", "nowhere", "--style", "night", "--out", "out/x")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("error: nowhere is not a whole dataset")
