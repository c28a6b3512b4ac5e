"""A report on a dataset that tells neither class nor ground, with a broken image."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
from bench.benchset import run
from dataset.tiny import encode, square_mask

from socioseg.bench.report.write import write_report

if TYPE_CHECKING:
    from pathlib import Path


def _folders(root: Path) -> None:
    """Two samples as one folder each; the satellite image of the second is broken."""
    grey = np.full((64, 64, 3), 128, dtype=np.uint8)
    for name, sat in (("class_1", encode(grey)), ("class_2", b"no image")):
        folder = root / "test" / name
        folder.mkdir(parents=True)
        (folder / "sat.png").write_bytes(sat)
        (folder / "map.png").write_bytes(encode(grey))
        (folder / "mask.png").write_bytes(encode(square_mask()))
        (folder / "question.json").write_text(json.dumps({"problem": "school"}))


def test_it_says_what_is_not_known_and_shows_the_rest(tmp_path: Path) -> None:
    _folders(tmp_path / "data")
    run(tmp_path / "data", tmp_path / "run", "full")
    write_report([tmp_path / "run"], tmp_path / "report")
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "does not tell where its windows lie" in page
    assert "By class" not in page
    assert "bad_image" in page
    text = (tmp_path / "report" / "data.js").read_text(encoding="ascii")
    samples = json.loads(text.removeprefix("window.REPORT_DATA=").rstrip(";\n"))["samples"]
    assert [sample["sat_image"] for sample in samples] == ["00000-sat.png", None]
    assert [sample["facts"] for sample in samples] == [{}, {}]
