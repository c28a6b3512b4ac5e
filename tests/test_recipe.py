"""Recipes: where they are found, and what a wrong one is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socioseg.build.recipe import BuildRecipe, load_build_recipe, parse_settings
from socioseg.errors import RecipeError
from socioseg.recipe import find_recipe, read_recipe, recipe_files
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def test_every_recipe_shipped_is_valid() -> None:
    files = recipe_files("builders")
    paper = {"tokyo", "new_york", "sao_paulo", "london", "nairobi"}
    assert {"demo"} | paper < set(files)
    assert len(files) >= 11
    assert all(read_recipe(path, BuildRecipe).title for path in files.values())


def test_the_users_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = _write(tmp_path / "builders" / "demo.yaml", "zoom: 15\n")
    monkeypatch.chdir(tmp_path)
    assert find_recipe("builders", "demo") == mine
    assert find_recipe("builders", "vienna") is not None
    assert find_recipe("builders", "Vienna, Austria") is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("zom: 17", "unknown key 'zom'; did you mean zoom"),
        ("limits: {max_per_clas: 3}", "did you mean max_per_class"),
        ("xyzzy: 1", "known keys: aois"),
        ("zoom: high", "zoom = 'high'"),
        ("limits: {min_share: 0.9}", ": min_share must be smaller than max_share"),
        ("limits: 3", "limits = 3: it is a group of keys: "),
        ("split: {shares: 1}", "split.shares = 1: it is a list, as in [1]; correct it."),
        ("split: {shares: [0.5, 0.1, 0.3]}", "add up to 1"),
        ("- a list", "must be a YAML mapping"),
        ("limits: {min_share: 0.1, min_share: 0.2}", "'min_share' stands twice"),
        ("a: &x [1]\nb: *x", "without aliases"),
        ("zoom: [", "not valid YAML"),
    ],
)
def test_a_wrong_recipe_is_told_where(tmp_path: Path, text: str, sentence: str) -> None:
    path = _write(tmp_path / "r.yaml", text)
    with pytest.raises(RecipeError, match=r"r\.yaml") as caught:
        read_recipe(path, BuildRecipe)
    assert sentence in str(caught.value)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such recipe file"):
        find_recipe("builders", str(tmp_path / "none.yaml"))
    with pytest.raises(RecipeError, match="too large"):
        read_recipe(_write(tmp_path / "big.yaml", "#" * 1_000_001), BuildRecipe)


def test_overrides_change_the_recipe_by_dotted_key() -> None:
    changes = parse_settings(["limits.min_share=0.01", "levels=[name]", "map.style=night"])
    recipe = load_build_recipe("demo", changes)
    assert recipe.limits.min_share == 0.01
    assert recipe.levels == (Level.NAME,)
    assert (recipe.map.style, recipe.zoom) == ("night", 18)


@pytest.mark.parametrize("setting", ["nonsense", "=3", "a={", "zoom.deep=1"])
def test_a_wrong_setting_is_refused(setting: str) -> None:
    with pytest.raises(RecipeError):
        load_build_recipe("demo", parse_settings([setting]))


def test_a_region_without_recipe_gets_the_defaults() -> None:
    assert load_build_recipe("1,2,3,4", {}) == BuildRecipe()
