"""The paper's own dataset, in both its layouts."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from bench.benchset import make_benchset, outcome, run
from PIL import Image

from socioseg.bench.compare import compare
from socioseg.bench.levels import level_of
from socioseg.bench.openset import open_samples
from socioseg.bench.samples import queries
from socioseg.bench.score import score
from socioseg.errors import DatasetError
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

ASKED = {
    "name_3": "Jinan Zoo",
    "class_3": "college",
    "function_3": "medical",
    "77": "Used Car Trading",
}
COLUMNS = {"sat_image": "sat", "map_image": "map", "mask_label": "mask"}


def _png(pixels: Any, mode: str) -> bytes:  # noqa: ANN401
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, "PNG")
    return buffer.getvalue()


def _rows() -> list[dict[str, Any]]:
    """Modes as they may come: RGBA satellite, palette map, RGB mask."""
    dice, rows = np.random.default_rng(5), []
    for number, (name, problem) in enumerate(ASKED.items()):
        mask = np.zeros((48, 48), dtype=np.uint8)
        mask[4 : 20 + number, 6:30] = 255
        noise = dice.integers(0, 255, (48, 48, 3), dtype=np.uint8)
        images = {"sat_image": _png(noise, "RGBA"), "map_image": _png(noise, "P")}
        rows.append({"id": name, "problem": problem, **images, "mask_label": _png(mask, "RGB")})
    return rows


def _parquet(root: Path, split: str) -> Path:
    rows = _rows()
    for row in rows:
        row.update({column: {"bytes": row[column], "path": None} for column in COLUMNS})
    (root / "data").mkdir(parents=True, exist_ok=True)
    for index, half in enumerate((rows[:2], rows[2:])):
        path = root / "data" / f"{split}-0000{index}-of-00002.parquet"
        pq.write_table(pa.Table.from_pylist(half), path)
    return root


def _folders(root: Path, split: str) -> Path:
    for row in _rows():
        folder = root / split / row["id"]
        folder.mkdir(parents=True)
        (folder / "question.json").write_text(json.dumps({"problem": row["problem"]}))
        for column, name in COLUMNS.items():
            (folder / f"{name}.png").write_bytes(row[column])
    return root


@pytest.mark.parametrize("make", [_parquet, _folders])
@pytest.mark.parametrize("split", ["test", "val"])
def test_samples_of_either_layout(tmp_path: Path, make: Any, split: str) -> None:  # noqa: ANN401
    samples = open_samples(str(make(tmp_path, split)), {"val": "validation"}.get(split, split))
    found = {query.id: query for query in queries(samples, samples.index(), truth=True)}  # type: ignore[union-attr]
    levels = {"name_3": "name", "class_3": "class", "function_3": "function", "77": "class"}
    assert {name: query.level for name, query in found.items()} == levels  # type: ignore[union-attr]
    zoo = found["name_3"]
    assert zoo.text == "Jinan Zoo"  # type: ignore[union-attr]
    assert zoo.sat.shape == zoo.map.shape == (48, 48, 3)  # type: ignore[union-attr]
    assert zoo.truth.boxes == ((6, 4, 30, 20),)  # type: ignore[union-attr]


def test_both_layouts_give_the_same_run(tmp_path: Path) -> None:
    one, other = _parquet(tmp_path / "a", "test"), _folders(tmp_path / "b", "test")
    assert run(one, tmp_path / "one", "oracle-box")["status"] == {"ok": 4}
    run(other, tmp_path / "other", "oracle-box")
    assert outcome(tmp_path / "one") == outcome(tmp_path / "other")


@pytest.mark.parametrize("make", [_parquet, _folders])
def test_some_samples_by_level_and_id(tmp_path: Path, make: Any) -> None:  # noqa: ANN401
    root = make(tmp_path / "data", "test")
    assert run(root, tmp_path / "run", "empty", level="class")["samples"] == 2
    assert run(root, tmp_path / "run", "empty", ids=["77"])["samples"] == 1
    assert set(outcome(tmp_path / "run")) == {"class_3", "77"}


@pytest.mark.parametrize("make", [_parquet, _folders])
def test_scores_of_either_layout(tmp_path: Path, make: Any) -> None:  # noqa: ANN401
    root = make(tmp_path / "data", "test")
    run(root, tmp_path / "run", "bench.benchset:Picky")
    result = score(tmp_path / "run")
    assert result["ground_known"] is False
    assert result["counts"]["all"]["all"] == {"samples": 4, "clusters": 4, "empty": 1, "failed": 1}
    assert result["counts"]["level"]["function"]["failed"] == 1
    assert {level: each["samples"] for level, each in result["counts"]["level"].items()} == {
        "name": 1,
        "class": 2,
        "function": 1,
    }
    run(root, tmp_path / "best", "oracle-fill")
    assert score(tmp_path / "best")["groups"]["all"]["all"]["giou"]["value"] == 1
    assert compare(tmp_path / "best", tmp_path / "run")["levels"]["all"]["clusters"] == 4


def _elsewhere(built: Path, root: Path, changes: Any) -> Path:  # noqa: ANN401
    """The files of a dataset of ours as pandas writes them, without what tells that it is ours."""
    for path in sorted(built.glob("data/*/test-*.parquet")):
        rows = pq.read_table(path).to_pandas()
        (root / path.parent.name).mkdir(parents=True)
        rows.assign(**changes).to_parquet(root / path.parent.name / "test-0.parquet")
    return root


def test_what_our_files_tell_is_heeded_elsewhere(tmp_path: Path) -> None:
    make_benchset(tmp_path / "built")
    run(tmp_path / "built", tmp_path / "one")
    run(_elsewhere(tmp_path / "built", tmp_path / "moved", {}), tmp_path / "two")
    ours, theirs = score(tmp_path / "one"), score(tmp_path / "two")
    assert theirs["ground_known"] is True
    assert theirs["groups"].keys() == ours["groups"].keys()
    assert theirs["counts"] == ours["counts"]


@pytest.mark.parametrize("transform", [None, "EPSG:3857"])
def test_columns_that_only_sound_like_ours(tmp_path: Path, transform: object) -> None:
    make_benchset(tmp_path / "built")
    changes = {"transform": transform, "socio_class": 7}
    run(_elsewhere(tmp_path / "built", tmp_path / "moved", changes), tmp_path / "run")
    result = score(tmp_path / "run")
    assert result["ground_known"] is False
    assert "class" not in result["groups"]
    assert "region" in result["groups"]


def test_a_changed_image_is_another_dataset(tmp_path: Path) -> None:
    root = _folders(tmp_path, "test")
    before = open_samples(str(root), "test").fingerprint
    (root / "test" / "77" / "sat.png").write_bytes(_rows()[0]["sat_image"])
    assert open_samples(str(root), "test").fingerprint != before


def test_a_missing_or_broken_image_is_a_failure(tmp_path: Path) -> None:
    root = _folders(tmp_path / "data", "test")
    (root / "test" / "77" / "sat.png").unlink()
    (root / "test" / "name_3" / "map.png").write_bytes(b"\x89PNG\r\n")
    assert run(root, tmp_path / "run", "empty")["status"] == {"ok": 2, "bad_image": 2}


def test_a_question_without_its_key_is_named(tmp_path: Path) -> None:
    root = _folders(tmp_path, "test")
    (root / "test" / "77" / "question.json").write_text("[]")
    with pytest.raises(DatasetError, match=r"77.question.json is not JSON with the key `problem`"):
        open_samples(str(root), "test").index()


def test_another_layout_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no samples of split test: .* question.json\.$"):
        open_samples(str(tmp_path), "test")


def test_without_validation_it_is_said_how_to_have_it(tmp_path: Path) -> None:
    root = _folders(tmp_path, "train")
    with pytest.raises(DatasetError, match=r"no samples of split validation.* move to it samples"):
        open_samples(str(root), "validation")


@pytest.mark.parametrize(
    ("name", "problem", "level"),
    [
        ("name_1", "college", Level.NAME),
        ("12", "Park and greenspace", Level.FUNCTION),
        ("12", "golf_course", Level.CLASS),
        ("12", "Jinan Zoo", Level.NAME),
        ("classy_12", "ice rink", Level.CLASS),
        ("class", "Oak School", Level.NAME),
    ],
)
def test_levels(name: str, problem: str, level: Level) -> None:
    assert level_of(name, problem) is level
