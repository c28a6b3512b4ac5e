"""Parquet files: bytes, row groups, names, reading back."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from tiny import make_row

from socioseg.dataset import store
from socioseg.dataset.schema import ARROW_SCHEMA, IMAGE_COLUMNS, rows_to_table
from socioseg.dataset.store import read_rows, split_paths, write_split
from socioseg.errors import DatasetError, OutputError
from socioseg.files import sha256_file
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa


def many_rows(count: int, pixels: int = 1) -> list[dict[str, Any]]:
    row = make_row(Level.CLASS, "train")
    noise = np.random.default_rng(0).bytes(pixels * count)
    return [
        row | {"id": f"class_{i}", "sat_image": noise[i * pixels : (i + 1) * pixels]}
        for i in range(count)
    ]


def write(root: Path, tables: list[pa.Table], **options: int) -> list[Path]:
    files = write_split(root, Level.CLASS, "train", tables, **options)
    return [root / file.path for file in files]


@pytest.mark.parametrize("cuts", [[], [1], [99, 100, 101], [30, 30, 220], list(range(1, 250))])
def test_bytes_do_not_depend_on_the_shards(tmp_path: Path, cuts: list[int]) -> None:
    rows = many_rows(250, pixels=300)
    (whole,) = write(tmp_path / "a", [rows_to_table(rows)])
    edges = [0, *cuts, 250]
    shards = [rows_to_table(rows[a:b]) for a, b in pairwise(edges)]
    (dealt,) = write(tmp_path / "b", shards)
    assert whole.read_bytes() == dealt.read_bytes()


def test_row_groups_have_at_most_100_rows(tmp_path: Path) -> None:
    (path,) = write(tmp_path, [rows_to_table(many_rows(250))])
    metadata = pq.read_metadata(path)
    sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert sizes == [100, 100, 50]


def test_row_groups_stay_below_their_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "GROUP_BYTES", 60_000)
    (path,) = write(tmp_path, [rows_to_table(many_rows(20, pixels=10_000))])
    metadata = pq.read_metadata(path)
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    assert len(groups) > 5
    assert max(group.total_byte_size for group in groups) < 70_000


def test_large_splits_become_numbered_files(tmp_path: Path) -> None:
    rows = many_rows(450)
    paths = write(tmp_path, [rows_to_table(rows)], file_bytes=2_500_000)
    names = [f"train-{i:05}-of-{len(paths):05}.parquet" for i in range(len(paths))]
    assert [path.name for path in paths] == names
    assert len(paths) > 1
    found = [row["id"] for row in read_rows(tmp_path, Level.CLASS, "train", ["id"])]
    assert found == [row["id"] for row in rows]


def test_files_of_an_earlier_write_are_replaced(tmp_path: Path) -> None:
    write(tmp_path, [rows_to_table(many_rows(450))], file_bytes=2_500_000)
    paths = write(tmp_path, [rows_to_table(many_rows(3))])
    assert list((tmp_path / "data" / "socio_class").iterdir()) == paths


def test_no_rows_no_file(tmp_path: Path) -> None:
    assert write(tmp_path, [rows_to_table([])]) == []
    assert split_paths(tmp_path, Level.CLASS, "train") == []


def test_receipts(tmp_path: Path) -> None:
    (file,) = write_split(tmp_path, Level.CLASS, "train", [rows_to_table(many_rows(3))])
    path = tmp_path / file.path
    assert (file.rows, file.bytes, file.sha256) == (3, path.stat().st_size, sha256_file(path))
    assert (file.config, file.split) == ("socio_class", "train")


def test_broken_stream_leaves_nothing(tmp_path: Path) -> None:
    def shards() -> Any:  # noqa: ANN401
        yield rows_to_table(many_rows(150))
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_split(tmp_path, Level.CLASS, "train", shards())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    with pytest.raises(OutputError, match="Cannot write"):
        write(tmp_path, [rows_to_table(many_rows(1))])


def test_rows_come_back(tmp_path: Path) -> None:
    rows = [make_row(Level.CLASS, "train", i) for i in range(3)]
    write(tmp_path, [rows_to_table(rows)])
    again = rows_to_table(list(read_rows(tmp_path, Level.CLASS, "train")))
    assert again == rows_to_table(rows)


def test_images_are_not_compressed_nor_counted(tmp_path: Path) -> None:
    (path,) = write(tmp_path, [rows_to_table(many_rows(2))])
    group = pq.read_metadata(path).row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    images = [c for c in columns if c.path_in_schema in {f"{n}.bytes" for n in IMAGE_COLUMNS}]
    assert [(c.compression, c.is_stats_set) for c in images] == [("UNCOMPRESSED", False)] * 3
    assert pq.read_schema(path).equals(ARROW_SCHEMA)


@pytest.mark.parametrize("cut", [4, -20])
def test_corrupt_file_is_a_dataset_error(tmp_path: Path, cut: int) -> None:
    (path,) = write(tmp_path, [rows_to_table(many_rows(2))])
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DatasetError, match="cannot be read"):
        list(read_rows(tmp_path, Level.CLASS, "train"))


def test_missing_column_is_a_dataset_error(sound: Path) -> None:
    with pytest.raises(DatasetError, match="nothing"):
        list(read_rows(sound, Level.CLASS, "train", ["nothing"]))
