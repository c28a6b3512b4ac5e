"""The report's folder: whole, or as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socioseg.bench.report.folder import new_folder
from socioseg.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def _write(out: Path, text: str) -> None:
    with new_folder(out) as folder:
        (folder / "index.html").write_text(text)
        (folder / "data.js").write_text(text)


def test_a_report_takes_the_place_of_the_one_before(tmp_path: Path) -> None:
    for text in ("one", "two"):
        _write(tmp_path / "a" / "report", text)
    assert (tmp_path / "a" / "report" / "index.html").read_text() == "two"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["report"]


def test_an_empty_folder_may_become_a_report(tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    _write(tmp_path / "report", "one")
    assert (tmp_path / "report" / "data.js").is_file()


def test_what_fails_leaves_the_old_one(tmp_path: Path) -> None:
    _write(tmp_path / "report", "one")
    with pytest.raises(OutputError, match="No space"), new_folder(tmp_path / "report"):
        raise OSError(28, "No space left on device")
    assert (tmp_path / "report" / "index.html").read_text() == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize("names", [["thesis.tex"], ["index.html", "data.js", "thesis.tex"]])
def test_a_folder_of_other_things_is_refused(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(OutputError, match=r"holds thesis\.tex, which is no report's"):
        _write(tmp_path, "one")
    assert {path.name for path in tmp_path.iterdir()} == set(names)


def test_a_page_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.html").touch()
    with pytest.raises(OutputError, match="choose another --out"):
        _write(tmp_path, "one")


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "report").touch()
    with pytest.raises(OutputError, match="is a file"):
        _write(tmp_path / "report", "one")
