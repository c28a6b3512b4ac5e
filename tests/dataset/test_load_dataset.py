"""Loading: by folder, by name, plainly, and the errors."""

from __future__ import annotations

from pathlib import Path

import datasets
import pytest
from tiny import make_dataset, make_row

import socioseg
from socioseg.dataset.load import find_dataset
from socioseg.errors import DatasetError, ServiceError, UsageError
from socioseg.sample import Level


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.delenv("SOCIOSEG_DATA", raising=False)


@pytest.mark.parametrize(("level", "rows"), [(None, 3), ("all", 3), ("class", 1)])
def test_one_split_of_a_folder(sound: Path, level: str | None, rows: int) -> None:
    found = socioseg.load_dataset(sound, level=level, split="test")
    assert isinstance(found, datasets.Dataset)
    assert len(found) == rows
    assert found[0]["mask_label"].size == (64, 64)
    assert found[0]["mask_label"].mode == "L"


def test_all_splits_by_name(sound: Path) -> None:
    found = socioseg.load_dataset(sound, "name")
    assert {name: len(rows) for name, rows in found.items()} == {
        "train": 2,
        "validation": 1,
        "test": 1,
    }


def test_plain_datasets_where_the_folder_lies(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sound.parent)
    found = datasets.load_dataset(sound.name, "socio_class", split="test")
    assert found[0]["problem"] == "zoo"
    assert len(datasets.load_dataset(sound.name, split="train[:4]")) == 4


@pytest.mark.parametrize("place", [".", "out", "out/demo", "data"])
def test_names_are_found_near_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "town").mkdir()  # not a dataset, so not taken
    make_dataset(tmp_path / place / "town")
    assert len(socioseg.load_dataset("town", "class", "test")) == 1


@pytest.mark.parametrize("variable", [".", "town"])
def test_names_are_found_by_the_environment(
    town: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert find_dataset("town") is None
    monkeypatch.setenv("SOCIOSEG_DATA", str(town.parent / variable))
    assert find_dataset("town") == town


def test_unknown_name_says_where_it_looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"nowhere.*out/nowhere.*socioseg build.*SOCIOSEG_DATA"):
        socioseg.load_dataset("nowhere")


def test_folder_without_a_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"README\.md"):
        socioseg.load_dataset(tmp_path)


def test_unknown_level_and_split_are_misuse(sound: Path) -> None:
    with pytest.raises(UsageError, match="choose one of name, class, function, all"):
        socioseg.load_dataset(sound, level="socio_class")
    with pytest.raises(UsageError, match="train, validation, test"):
        socioseg.load_dataset(sound, split="dev")


def test_empty_split_is_one_sentence(tmp_path: Path) -> None:
    make_dataset(tmp_path / "town", [("test", make_row(Level.CLASS, "test"))])
    with pytest.raises(DatasetError, match="cannot be loaded"):
        socioseg.load_dataset(tmp_path / "town", split="train")
    with pytest.raises(DatasetError, match="cannot be loaded"):
        socioseg.load_dataset(tmp_path / "town", level="name")


def test_corrupt_file_is_one_sentence(town: Path) -> None:
    path = next(town.glob("data/socio_class/test-*"))
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DatasetError, match="cannot be loaded"):
        socioseg.load_dataset(town, level="class", split="test")


def test_hub_out_of_reach_is_a_service_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ServiceError, match="me/town"):
        socioseg.load_dataset("me/town")


def test_attributes_that_are_not_there() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        _ = socioseg.nothing  # type: ignore[attr-defined]


def test_a_region_s_name_finds_what_was_built_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for region in ("oslo", "bergen"):
        (tmp_path / "out" / region / "socioseg" / "data").mkdir(parents=True)
        (tmp_path / "out" / region / "socioseg" / "README.md").touch()
    assert find_dataset("oslo") == Path("out/oslo/socioseg")
    with pytest.raises(DatasetError, match="out/bergen/socioseg, out/oslo/socioseg"):
        find_dataset("socioseg")
