"""The card, the licence file and the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import yaml
from datasets import Features
from PIL import Image
from tiny import good_rows, make_dataset, make_report, make_row

from socioseg.dataset.card import write_card
from socioseg.dataset.front_matter import card_head
from socioseg.dataset.licence_text import licence_text
from socioseg.dataset.markdown import cell, table
from socioseg.dataset.pictures import GAP, PANEL, overlay
from socioseg.dataset.report import read_report
from socioseg.dataset.schema import features
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path


def head_of(root: Path) -> dict[str, Any]:
    head: dict[str, Any] = yaml.safe_load((root / "README.md").read_text().split("---\n")[1])
    return head


def source(**changes: object) -> dict[str, object]:
    return make_report([], []).imagery[0].model_dump() | changes


def test_head_tells_the_hub_what_there_is(sound: Path) -> None:
    head = head_of(sound)
    assert head["license"] == ["odbl", "cc-by-4.0"]
    assert head["size_categories"] == ["n<1K"]
    assert {"geospatial", "openstreetmap"} < set(head["tags"])
    assert [config["config_name"] for config in head["configs"] if config.get("default")] == ["all"]


def test_counts_of_the_head(sound: Path) -> None:
    infos = {info["config_name"]: info["splits"] for info in head_of(sound)["dataset_info"]}
    counts = {name: [split["num_examples"] for split in splits] for name, splits in infos.items()}
    assert counts == {"all": [6, 3, 3]} | {level.config: [2, 1, 1] for level in Level}


def test_features_of_the_head_are_those_of_datasets(sound: Path) -> None:
    info = head_of(sound)["dataset_info"][0]
    assert Features._from_yaml_list(info["features"]) == features()


def test_all_lists_the_files_of_the_levels_once(sound: Path) -> None:
    configs = {c["config_name"]: c["data_files"] for c in head_of(sound)["configs"]}
    paths = {name: [p for part in parts for p in part["path"]] for name, parts in configs.items()}
    assert sorted(paths.pop("all")) == sorted(p for part in paths.values() for p in part)


def test_empty_splits_and_levels_are_left_out(tmp_path: Path) -> None:
    make_dataset(tmp_path, [("test", make_row(Level.CLASS, "test"))])
    configs = head_of(tmp_path)["configs"]
    assert [config["config_name"] for config in configs] == ["all", "socio_class"]
    assert [part["split"] for part in configs[0]["data_files"]] == ["test"]
    assert not (tmp_path / "assets" / "name.jpg").exists()


def test_licence_unknown_to_the_hub_is_named() -> None:
    link = "https://example.org/terms"
    imagery = [source(license="LicenseRef-X", license_url=link)]
    head = card_head(make_report([], [], imagery=imagery))
    assert head["license"] == ["odbl", "other"]
    assert (head["license_name"], head["license_link"]) == ("LicenseRef-X", link)


def test_card_counts_classes_and_functions(sound: Path) -> None:
    text = (sound / "README.md").read_text()
    assert "| school | Educational | 2 | 2 |" in text
    assert "| all | 6 | 3 | 3 | 12 |" in text
    assert "| Park and greenspace | 1 |" in text
    assert "too_small 1" in text
    assert "2601.10477" in text
    assert "synthetic" not in text


def test_synthetic_is_said_above_everything(tmp_path: Path) -> None:
    make_dataset(tmp_path, imagery=[source(synthetic=True)])
    text = (tmp_path / "README.md").read_text()
    assert 0 < text.index("dataset are synthetic") < text.index("Each sample is")
    assert "synthetic" in head_of(tmp_path)["tags"]


def test_card_is_repeatable(town: Path) -> None:
    before = {path: path.read_bytes() for path in town.rglob("*") if path.is_file()}
    write_card(town, read_report(town))
    assert {path: path.read_bytes() for path in town.rglob("*") if path.is_file()} == before


def test_card_states_how_the_splits_were_made(sound: Path) -> None:
    text = " ".join((sound / "README.md").read_text().split())
    assert "Splits: blocks; train 50.0%, validation 25.0%, test 25.0%; 2.0% of the samples" in text
    assert "by at most 3.0%; block_metres 900." in text


def test_pictures_show_three_panels(sound: Path) -> None:
    for level in Level:
        with Image.open(sound / "assets" / f"{level}.jpg") as image:
            assert image.size == (3 * PANEL + 2 * GAP, PANEL)
        assert f"![{level}](assets/{level}.jpg)" in (sound / "README.md").read_text()


def test_picture_is_of_a_sample_that_has_something(tmp_path: Path) -> None:
    empty = make_row(Level.CLASS, "train", 1, mask=np.zeros((64, 64), np.uint8))
    rows = [("train", empty | {"problem": "bank"}), ("train", make_row(Level.CLASS, "train"))]
    make_dataset(tmp_path, rows)
    assert "**class**: school" in (tmp_path / "README.md").read_text()


def test_overlay_marks_the_mask_only() -> None:
    grey = Image.new("RGB", (40, 40), (100, 100, 100))
    mask = Image.new("L", (40, 40))
    mask.paste(255, (10, 10, 30, 30))
    drawn = np.asarray(overlay(grey, mask))
    assert drawn[5, 5].tolist() == [100, 100, 100]
    assert drawn[20, 20, 0] > 130  # tinted
    assert drawn[10, 10].tolist() == [255, 64, 32]  # outline


def test_licence_file_names_every_source_and_the_leave() -> None:
    imagery = [source(redistribute="ask", date="2023-05"), source(id="b", attribution="B|C")]
    text = licence_text(make_report([], [], imagery=imagery, permission="B, letter of 1 May"))
    assert "© OpenStreetMap contributors" in text
    assert "opendatacommons.org/licenses/odbl" in text
    assert "| test-photo | [CC-BY-4.0](https://creativecommons.org" in text
    assert r"B\|C" in text
    assert "B, letter of 1 May" in text


def test_cells_cannot_break_out() -> None:
    assert cell("a|b\n# <script>`x`") == r"a\|b # &lt;script&gt;'x'"


def test_numbers_are_aligned_right() -> None:
    assert table(["a", "b"], [["x", 1]]) == "| a | b |\n| --- | --: |\n| x | 1 |"


def test_good_rows_cover_the_levels() -> None:
    assert {row["level"] for _, row in good_rows()} == set(Level)
