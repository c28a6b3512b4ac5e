"""report.json, written and read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tiny import make_report

from socioseg.dataset.report import REPORT, Report, read_report, write_report
from socioseg.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path


def test_report_comes_back_and_its_bytes_repeat(tmp_path: Path) -> None:
    report = make_report([], [], notes=["Bücher"])
    write_report(tmp_path, report)
    first = (tmp_path / REPORT).read_bytes()
    assert read_report(tmp_path) == report
    write_report(tmp_path, read_report(tmp_path))
    assert (tmp_path / REPORT).read_bytes() == first


def test_missing_report_asks_for_a_finished_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"is .* a finished dataset"):
        read_report(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', "\x00", "[" * 100_000])
def test_unreadable_report_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / REPORT).write_text(text)
    with pytest.raises(DatasetError, match="not a report of this version"):
        read_report(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": ""},
        {"imagery": []},
        {"surplus": 1},
        {"files": [{"path": "../etc/passwd", "rows": 1, "bytes": 1, "sha256": "0" * 64}]},
    ],
)
def test_wrong_content_is_named(tmp_path: Path, change: dict[str, object]) -> None:
    content = json.loads(make_report([], []).model_dump_json()) | change
    (tmp_path / REPORT).write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=next(iter(change))):
        read_report(tmp_path)


def test_synthetic_when_any_source_is() -> None:
    source = make_report([], []).imagery[0].model_dump()
    both = [source, source | {"id": "paint", "synthetic": True}]
    assert isinstance(make_report([], [], imagery=both), Report)
    assert make_report([], [], imagery=both).synthetic
    assert not make_report([], []).synthetic
