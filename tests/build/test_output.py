"""The output folder: one build at a time, of one recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socioseg.build.output import open_output, remove_work, slug
from socioseg.cache import cache_folder
from socioseg.errors import OutputError
from socioseg.files import WORK

if TYPE_CHECKING:
    from pathlib import Path


def test_the_same_build_goes_on_in_its_folder(tmp_path: Path) -> None:
    root = tmp_path / "new" / "set"
    with open_output(root, "aaa") as work:
        (work / "kept").touch()
    with open_output(root, "aaa") as work:
        assert (work / "kept").exists()
    remove_work(root)
    assert list(root.iterdir()) == []


def test_another_recipe_is_refused(tmp_path: Path) -> None:
    with open_output(tmp_path, "aaa"):
        pass
    with pytest.raises(OutputError, match="another recipe"), open_output(tmp_path, "bbb"):
        pass


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="not a build's"), open_output(tmp_path, "aaa"):
        pass
    with pytest.raises(OutputError, match="is a file"), open_output(tmp_path / "thesis.tex", "a"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_two_builds_at_once_are_refused(tmp_path: Path) -> None:
    with (
        open_output(tmp_path, "aaa"),
        pytest.raises(OutputError, match="another build"),
        open_output(tmp_path, "aaa"),
    ):
        pass


def test_a_build_killed_before_its_mark_was_written_goes_on(tmp_path: Path) -> None:
    (tmp_path / WORK).mkdir()
    with open_output(tmp_path, "aaa") as work:
        assert work.is_dir()


def test_names_of_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "town.osm.pbf").touch()
    assert slug(str(tmp_path / "town.osm.pbf")) == "town"
    assert slug("São Paulo, Brazil") == "são-paulo-brazil"
    assert slug("1.5,2,3,4") == "1.5-2-3-4"
    assert slug("///") == "region"
    assert len(slug("x" * 3000)) == 100
    monkeypatch.setenv("SOCIOSEG_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
