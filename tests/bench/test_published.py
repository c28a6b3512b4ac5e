"""Published numbers: as the papers print them, each once, and wrong files are told where."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from socioseg.bench.published import Row, Table, load_published
from socioseg.errors import RecipeError

LEVELS = {"name": 5410, "class": 5958, "function": 2598}
"""Samples a level, by which the paper's mean over all samples weights the levels."""
ROOT = Path(__file__).parents[2]
ROWS = {
    "ablation_points": 2,
    "ablation_stages": 2,
    "everest": 1,
    "main": 10,
    "map_style": 4,
    "multi_class": 2,
    "new_region": 12,
    "seconds": 8,
    "supervised": 2,
    "zero_shot": 4,
}
EXAMPLE = """
id: mine
title: Mine
source:
  title: A paper
  arxiv: "2601.10477"
  version: v2
  date: 2026-03-17
  where: Table 1
  url: https://arxiv.org/abs/2601.10477v2
dataset: SocioSeg
split: test
convention: paper
metrics: {gIoU: percent}
rows:
  - {id: a, name: A, inputs: satellite, note: trained, values: {all: {gIoU: 10.5}}}
"""


@functools.cache
def _published() -> tuple[Table, ...]:
    return load_published()


def _row(table: str, row: str) -> Row:
    return next(r for t in _published() if t.id == table for r in t.rows if r.id == row)


def _numbers(row: Row, column: str) -> list[float]:
    return list(next(cell for key, cell in row.values.items() if key == column).values())


def test_every_table_of_the_papers_is_there() -> None:
    assert {table.id: len(table.rows) for table in _published()} == ROWS


def test_every_number_is_a_percentage_or_a_short_time() -> None:
    cells = [c for t in _published() for row in t.rows for c in row.values.values()]
    numbers = [number for cell in cells for number in cell.values()]
    assert len(numbers) == 282
    assert all(0 <= number <= 100 for number in numbers)


def test_the_order_of_the_numbers_is_the_order_of_the_metrics() -> None:
    for table in _published():
        cells = [list(cell) for row in table.rows for cell in row.values.values()]
        assert all(cell == list(table.metrics) for cell in cells)


@pytest.mark.parametrize(
    ("table", "row", "column", "numbers"),
    [
        ("main", "unet", "name", [10.9, 9.4, 8.0]),
        ("main", "unet", "all", [11.7, 10.7, 10.0]),
        ("main", "segformer", "class", [22.4, 21.4, 19.5]),
        ("main", "segformer", "all", [22.1, 20.5, 18.7]),
        ("main", "visionreasoner", "function", [36.3, 41.8, 45.0]),
        ("main", "sam_r1", "name", [25.6, 25.4, 37.2]),
        ("main", "segearth_ov", "all", [3.7, 3.7, 0.0]),
        ("main", "rsrefseg", "class", [30.7, 30.6, 35.3]),
        ("main", "socioreasoner", "name", [52.6, 55.7, 64.6]),
        ("main", "socioreasoner", "class", [47.6, 52.8, 60.1]),
        ("main", "socioreasoner", "function", [40.6, 46.9, 50.3]),
        ("main", "socioreasoner", "all", [47.9, 52.8, 59.7]),
        ("ablation_stages", "socioreasoner_without_refinement", "all", [46.4, 50.8, 57.5]),
        ("ablation_points", "socioreasoner_1_point", "all", [47.6, 51.2, 58.0]),
        ("ablation_points", "socioreasoner_3_points", "all", [48.9, 52.3, 58.8]),
        ("zero_shot", "gpt_o3", "all", [20.3, 21.7]),
        ("supervised", "visionreasoner_sft", "all", [44.1, 47.2, 52.1]),
        ("map_style", "socioreasoner", "all", [45.1, 49.1, 57.7]),
        ("new_region", "socioreasoner_sft", "all", [30.1, 32.3, 31.5]),
        ("new_region", "remotereasoner", "all", [27.5, 29.8, 28.1]),
        ("multi_class", "segformer_multi_class", "class", [8.4, 9.5, 15.5]),
        ("seconds", "socioreasoner", "all", [2.71]),
        ("everest", "everest", "all", [50.4, 61.4]),
    ],
)
def test_numbers_are_those_of_the_source(
    table: str, row: str, column: str, numbers: list[float]
) -> None:
    assert _numbers(_row(table, row), column) == numbers


def _giou_off_the_mean(row: Row) -> float:
    """How far the gIoU of all is from the levels' mean, weighted by samples."""
    giou = {str(column): cell["gIoU"] for column, cell in row.values.items()}
    mean = sum(giou[level] * count for level, count in LEVELS.items()) / sum(LEVELS.values())
    return abs(mean - giou["all"])


def test_giou_of_all_is_the_mean_over_samples() -> None:
    tables = [table for table in _published() if "gIoU" in table.metrics]
    rows = [row for table in tables for row in table.rows if len(row.values) == 4]
    off = {row.id: _giou_off_the_mean(row) for row in rows}
    assert len(off) == 18
    # The paper's own outlier, of which the row's note tells.
    assert off.pop("socioreasoner_1_point") == pytest.approx(0.17, abs=0.01)
    assert max(off.values()) <= 0.15


def test_without_reflection_repeats_visionreasoner_as_its_note_says() -> None:
    single = _row("ablation_stages", "socioreasoner_without_reflection")
    assert single.values == _row("main", "visionreasoner").values


def test_no_row_stands_twice() -> None:
    rows = [(t.split, t.convention, tuple(t.metrics), r.id) for t in _published() for r in t.rows]
    assert len(rows) == len(set(rows))


def test_a_system_keeps_its_name_and_inputs() -> None:
    rows = [row for table in _published() for row in table.rows]
    assert len({(row.id, row.name, row.inputs, row.note) for row in rows}) == len(
        {row.id for row in rows}
    )


def test_every_convention_is_explained() -> None:
    text = (ROOT / "docs" / "conventions.md").read_text()
    assert all(f"`{table.convention}`" in text for table in _published())


def test_a_source_says_where_to_look() -> None:
    assert (
        next(t for t in _published() if t.id == "main").source.label
        == "arXiv 2601.10477v2, Table 1"
    )


def test_the_users_table_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "benchmarks" / "published"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text(EXAMPLE)
    (folder / "zero_shot.yaml").write_text(
        EXAMPLE.replace("mine", "zero_shot").replace("id: a", "id: b")
    )
    monkeypatch.chdir(tmp_path)
    tables = {table.id: table for table in load_published()}
    assert set(tables) == {*ROWS, "mine"}
    assert tables["zero_shot"].title == "Mine"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("gIoU: 10.5", "gIoU: 101", "rows.a.values.all has more than 100 percent as gIoU"),
        ("gIoU: 10.5", "gIoU: -1", "rows.0.values.all.gIoU"),
        ("gIoU: 10.5", "gIoU: .nan", "rows.0.values.all.gIoU"),
        ("gIoU: 10.5", "gIoU: true", "rows.0.values.all.gIoU"),
        ("gIoU: 10.5", "gIuO: 10.5", "rows.a.values.all names gIuO; name each of gIoU"),
        ("all: {", "town: {", "rows.0.values.town"),
        ("id: mine", "id: yours", "id = 'yours' must be the file's name, 'mine'"),
        ("title: Mine", "title: Mine\ntitel: Mine", "unknown key 'titel'; did you mean title"),
        ('"2601.10477"', "2601.10477", "source.arxiv = 2601.10477"),
    ],
)
def test_a_wrong_table_is_told_where(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    assert old in EXAMPLE
    (tmp_path / "mine.yaml").write_text(EXAMPLE.replace(old, new))
    with pytest.raises(RecipeError, match=r"mine\.yaml") as caught:
        load_published(tmp_path)
    assert sentence in str(caught.value)


def test_a_row_that_repeats_another_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(EXAMPLE)
    other = EXAMPLE.replace("id: mine", "id: other")
    (tmp_path / "other.yaml").write_text(other)
    with pytest.raises(RecipeError, match=r"rows\.a gives gIoU on the split 'test' a second time"):
        load_published(tmp_path)
    (tmp_path / "other.yaml").write_text(other.replace("convention: paper", "convention: lisa"))
    assert len(load_published(tmp_path)) == 2


def test_a_row_that_stands_twice_in_a_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(EXAMPLE + EXAMPLE.splitlines()[-1])
    with pytest.raises(RecipeError, match=r"mine\.yaml: rows\.a gives gIoU"):
        load_published(tmp_path)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="holds no published table"):
        load_published(tmp_path)
