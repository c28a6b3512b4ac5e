"""verify finds what is wrong between rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from tiny import SIZE, ZOOM, good_rows, make_dataset, make_report, make_row

from socioseg.dataset.verify import verify
from socioseg.sample import Level, Window

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = np.zeros((SIZE, SIZE), dtype=np.uint8)


def whats(root: Path) -> str:
    return "\n".join(map(str, verify(root)))


def at(x: int) -> dict[str, Any]:
    window = Window(ZOOM, x, 12_000_000, SIZE)
    return {"transform": window.transform, "gsd": window.gsd}


def test_wrong_level_for_the_config(tmp_path: Path) -> None:
    make_dataset(tmp_path, [("test", make_row(Level.NAME, "test"))])
    (tmp_path / "data/socio_name").rename(tmp_path / "data/socio_class")
    text = (tmp_path / "report.json").read_text()
    (tmp_path / "report.json").write_text(text.replace("/socio_name/", "/socio_class/"))
    assert "level is 'name' in the config socio_class" in whats(tmp_path)


def test_negatives_are_sound_where_the_report_counts_them(tmp_path: Path) -> None:
    rows = [*good_rows(), ("train", make_row(Level.CLASS, "train", 5, mask=EMPTY))]
    report = make_dataset(tmp_path, rows)
    assert report.counts.negatives == 1
    assert verify(tmp_path) == []


def test_negatives_that_the_report_does_not_count(tmp_path: Path) -> None:
    rows = [("train", make_row(Level.CLASS, "train", mask=EMPTY))]
    counts = {"planned": 2, "ok": 1, "negatives": 0, "by_reason": {"too_small": 1}}
    make_dataset(tmp_path, rows, counts=counts)
    assert "counts.negatives is 0; the data gives 1" in whats(tmp_path)


def test_class_with_two_functions(tmp_path: Path) -> None:
    odd = make_row(Level.CLASS, "train", 3) | {"socio_function": "Industrial"}
    make_dataset(tmp_path, [*good_rows(), ("train", odd)])
    assert "'school' has the function" in whats(tmp_path)


def neighbours(root: Path, method: str = "blocks", **changes: object) -> str:
    """What verify says of a test sample that is changed towards a training sample."""
    one = make_row(Level.NAME, "train")
    other = make_row(Level.NAME, "test") | changes
    rows = [("train", one), ("test", other)]
    splits = make_report(rows, []).splits.model_dump() | {"method": method}
    make_dataset(root, rows, splits=splits)
    return whats(root)


@pytest.mark.parametrize("shift", [0, 1, SIZE - 1, 1 - SIZE])
def test_windows_of_two_splits_must_not_overlap(tmp_path: Path, shift: int) -> None:
    found = neighbours(tmp_path, **at(9_000_000 + shift))
    assert "window of test overlaps that of name_" in found


@pytest.mark.parametrize("shift", [SIZE, -SIZE])
def test_windows_of_two_splits_may_touch(tmp_path: Path, shift: int) -> None:
    assert neighbours(tmp_path, **at(9_000_000 + shift)) == ""


def test_windows_of_two_zooms_are_compared(tmp_path: Path) -> None:
    window = Window(ZOOM + 1, 18_000_000 + 2 * SIZE - 1, 24_000_000, SIZE)
    found = neighbours(tmp_path, zoom=ZOOM + 1, transform=window.transform, gsd=window.gsd)
    assert "window of test overlaps" in found


def test_osm_objects_belong_to_one_split(tmp_path: Path) -> None:
    assert "way/0 stands in the splits train and test" in neighbours(tmp_path, osm_ids=["way/0"])


def test_names_belong_to_one_split(tmp_path: Path) -> None:
    name = "Oak School 0"
    found = neighbours(tmp_path, problem=name, socio_name=name)
    assert "name 'Oak School 0' stands in the splits train and test" in found


def test_random_splits_may_share(tmp_path: Path) -> None:
    found = neighbours(tmp_path, "random", osm_ids=["way/0"], **at(9_000_000))
    assert found == ""
