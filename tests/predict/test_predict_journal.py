"""A prediction that was stopped goes on: nothing is asked twice, and the polygons are the same."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from reds import Stops, found_in, picture, place_of, save

from socioseg.errors import OutputError, ServiceError, SocioSegError

CRS = "EPSG:32645"
MODEL = {"model": "reds:Stops", "overlap": 0.5}
QUESTIONS = 12
KILLS = 8
PROGRAM = """
import sys
sys.path[:0] = sys.argv[3:]
from pathlib import Path
from reds import found_in
found_in(Path(sys.argv[1]), Path(sys.argv[2]), model="reds:Slow", overlap=0.5)
"""


@pytest.fixture
def sat(tmp_path: Path) -> Path:
    pixels = picture(240, 190, (10, 10, 60, 50), (100, 60, 150, 120))
    return save(tmp_path / "sat.tif", pixels, CRS, place_of(CRS))


@pytest.fixture(autouse=True)
def _up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stops, "left", 1_000)
    monkeypatch.setattr(Stops, "asked", [])
    monkeypatch.setattr(Stops, "refuses", set())


def journal_of(out: Path) -> Path:
    return out.with_name(out.name + ".answers")


def stop_after(count: int, sat: Path, out: Path) -> list[str]:
    """What was asked until the model went down; it is up again."""
    Stops.left = count
    with pytest.raises(ServiceError, match="the model is down"):
        found_in(sat, out, **MODEL)
    asked, Stops.asked, Stops.left = Stops.asked, [], 1_000
    return asked


def test_nothing_is_asked_twice_and_the_file_is_the_same(sat: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole.geojson", tmp_path / "f.geojson"
    found_in(sat, whole, **MODEL)
    everything, Stops.asked = Stops.asked, []
    assert len(everything) == QUESTIONS
    before = stop_after(5, sat, out)
    assert not out.exists()
    result = found_in(sat, out, **MODEL)
    assert before + Stops.asked == everything
    assert result["questions"] == QUESTIONS
    assert out.read_bytes() == whole.read_bytes()
    assert {path.name for path in tmp_path.iterdir()} == {"sat.tif", "whole.geojson", "f.geojson"}


def test_what_was_refused_is_asked_again(sat: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.geojson"
    Stops.refuses = {"0/96,0"}
    before = stop_after(4, sat, out)
    Stops.refuses = set()
    assert "0/96,0" in before
    result = found_in(sat, out, **MODEL)
    assert set(Stops.asked) & set(before) == {"0/96,0"}
    assert (result["questions"], result["failed"]) == (QUESTIONS, {})


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"window": 80}, "another window"),
        ({"query": "shop"}, "another list of queries"),
        ({"options": {"confidence": 0.5}}, "another options"),
        ({"map": "map.png"}, "another map"),
    ],
)
def test_answers_to_something_else_are_not_taken(
    sat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], what: str
) -> None:
    monkeypatch.chdir(tmp_path)
    save(Path("map.png"), picture(240, 190), None, None)
    out = tmp_path / "f.geojson"
    stop_after(4, sat, out)
    lines = (journal_of(out) / "predictions.jsonl").read_bytes()
    with pytest.raises(OutputError, match=f"{what}: give the same options to go on"):
        found_in(sat, out, **{**MODEL, **change})
    assert (journal_of(out) / "predictions.jsonl").read_bytes() == lines


def test_another_picture_in_the_same_file_is_told_from_it(sat: Path, tmp_path: Path) -> None:
    out = tmp_path / "f.geojson"
    stop_after(4, sat, out)
    save(sat, picture(240, 190, (1, 1, 9, 9)), CRS, place_of(CRS))
    with pytest.raises(OutputError, match="another sat file"):
        found_in(sat, out, **MODEL)


def test_polygons_may_be_written_otherwise(sat: Path, tmp_path: Path) -> None:
    out, whole = tmp_path / "f.gpkg", tmp_path / "whole.gpkg"
    stop_after(4, sat, out)
    for path in (out, whole):
        found_in(sat, path, crs="raster", simplify=0.0, **MODEL)
    assert out.read_bytes() == whole.read_bytes()


@pytest.mark.parametrize("text", ["{", "7", "[1]"])
def test_a_damaged_journal_is_one_sentence(sat: Path, tmp_path: Path, text: str) -> None:
    out = tmp_path / "f.geojson"
    stop_after(4, sat, out)
    (journal_of(out) / "run.json").write_text(text)
    with pytest.raises(SocioSegError, match=r"run.json is damaged: delete .*f.geojson.answers"):
        found_in(sat, out, **MODEL)


def test_without_an_answer_nothing_is_left(sat: Path, tmp_path: Path) -> None:
    stop_after(0, sat, tmp_path / "f.geojson")
    assert {path.name for path in tmp_path.iterdir()} == {"sat.tif"}


@pytest.mark.slow
def test_killed_predictions_end_like_an_unbroken_one(sat: Path, tmp_path: Path) -> None:
    whole, out, dice = tmp_path / "whole.geojson", tmp_path / "f.geojson", random.Random(3)
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    words = [sys.executable, "-c", PROGRAM, str(sat)]
    subprocess.run([*words, str(whole), *folders], cwd=tmp_path, check=True)
    asked, log, kills = tmp_path / "asked.txt", journal_of(out) / "predictions.jsonl", 0
    while kills < KILLS:
        before = _logged(log)
        asked.write_text("")
        with subprocess.Popen([*words, str(out), *folders], cwd=tmp_path) as process:
            kills += _kill_after(process, log, len(before) + dice.randint(0, 3), dice.random() / 20)
        assert not set(before) & set(asked.read_text().split())
        if process.returncode == 0:
            assert out.read_bytes() == whole.read_bytes()
    subprocess.run([*words, str(out), *folders], cwd=tmp_path, check=True)
    assert out.read_bytes() == whole.read_bytes()
    assert not log.parent.exists()


def _logged(log: Path) -> list[str]:
    data = log.read_bytes() if log.exists() else b""
    return [json.loads(line)["id"] for line in data.split(b"\n")[:-1]]


def _kill_after(process: subprocess.Popen[bytes], log: Path, count: int, delay: float) -> bool:
    """Kill `process` once its journal has so many lines; whether it still ran then."""
    while process.poll() is None and len(_logged(log)) < count:
        time.sleep(0.005)
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    return process.wait() != 0
