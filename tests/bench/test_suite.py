"""Suites: which runs they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import outcome

from socioseg.bench.run import BenchRequest, bench
from socioseg.bench.suite import load_suite, suite_requests
from socioseg.errors import DatasetError, RecipeError, UsageError
from socioseg.recipe import recipe_files

if TYPE_CHECKING:
    from pathlib import Path


def test_every_suite_of_the_repository_is_sound() -> None:
    names = set(recipe_files("benchmarks"))
    assert {"demo", "socioseg", "map_style", "new_region"} <= names
    assert all(load_suite(name).title for name in names)
    assert all(part.level == "class" for part in load_suite("new_region").parts.values())


def test_each_part_is_a_run(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    part = f"{{dataset: {data}, level: %s}}"
    file.write_text(f"parts:\n  a: {part % 'name'}\n  b: {part % 'class'}\n")
    request = BenchRequest("empty", "", tmp_path / "out")
    for part_request in suite_requests(load_suite(str(file)), request):
        bench(part_request)
    assert all(name.startswith("name_") for name in outcome(tmp_path / "out" / "a"))
    assert all(name.startswith("class_") for name in outcome(tmp_path / "out" / "b"))


def test_a_suite_of_one_part_is_one_run(data: Path, tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text(f"parts:\n  a: {{dataset: {data}}}\n")
    request = BenchRequest("empty", "", tmp_path / "out")
    found = suite_requests(load_suite(str(tmp_path / "one.yaml")), request)
    assert [one.out for one in found] == [tmp_path / "out"]


def test_a_missing_dataset_says_how_it_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match="make it with `socioseg build --region demo"):
        suite_requests(load_suite("demo"), BenchRequest("empty", "", tmp_path / "out"))


def test_wrong_suites_give_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean new_region"):
        load_suite("newregion")
    (tmp_path / "bad.yaml").write_text("parts:\n  a: {dataset: x, split: dev}\n")
    with pytest.raises(RecipeError, match=r"parts.a.split = 'dev'"):
        load_suite(str(tmp_path / "bad.yaml"))
