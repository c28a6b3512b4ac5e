"""Rows of a dataset to Parquet files, and back."""

from __future__ import annotations

from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from socioseg.dataset.report import DataFile
from socioseg.dataset.schema import ARROW_SCHEMA, COLUMNS, IMAGE_COLUMNS
from socioseg.errors import DatasetError
from socioseg.files import PART, Receipt, atomic_path, output_errors, sync

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.sample import Level

GROUP_ROWS = 100
GROUP_BYTES = 90_000_000
"""Limits of a row group: the Hub's viewer wants groups below 100 MB."""
FILE_BYTES = 410_000_000
"""Where the next file begins; with its last row group a file stays below 500 MB."""
_ROW_OVERHEAD = 1000
"""Bytes that the columns without images take in a row, roughly."""
_DICTIONARY = [
    field.name
    for field in ARROW_SCHEMA
    if field.type == pa.string() and field.name not in {"id", "problem"}
]


def split_paths(root: Path, level: Level, split: str) -> list[Path]:
    """Files of one level and split, in order; none where it has no samples."""
    return sorted((root / "data" / level.config).glob(f"{split}-?????-of-?????.parquet"))


def write_split(
    root: Path,
    level: Level,
    split: str,
    tables: Iterable[pa.Table],
    *,
    file_bytes: int = FILE_BYTES,
) -> list[DataFile]:
    """Write all rows of one level and split, in the order given; returns the receipts.

    The bytes depend on the rows alone, not on how they are dealt out to `tables`; one row group
    at a time is held in memory. Files of an earlier write are replaced. Where there are no rows
    there is no file: `datasets` cannot load an empty split.

    Parameters
    ----------
    root
        The dataset's folder.
    tables
        Tables of `ARROW_SCHEMA`, such as the shards of a build.
    file_bytes
        Where the next file begins.

    Raises
    ------
    OutputError
        If a file cannot be written.
    """
    folder = root / "data" / level.config
    staged: list[tuple[Path, int]] = []
    try:
        for _, members in groupby(_numbered(tables, file_bytes), key=itemgetter(0)):
            part = folder / f".{split}-{len(staged):05}{PART}"
            staged.append((part, _write_file(part, (group for _, group in members))))
        return _unveil(root, level, split, staged)
    finally:
        for part, _ in staged:
            part.unlink(missing_ok=True)


def _numbered(tables: Iterable[pa.Table], file_bytes: int) -> Iterator[tuple[int, pa.Table]]:
    """Row groups, each with the number of the file that it belongs to."""
    written = 0
    for group in _row_groups(tables):
        yield written // file_bytes, group
        written += group.nbytes


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Deal the rows of `tables` out anew, to tables within the limits of a row group."""
    pending: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        start = 0
        for end, row_size in enumerate(_row_sizes(table)):
            if rows == GROUP_ROWS or (rows and size + row_size > GROUP_BYTES):
                yield pa.concat_tables([*pending, table.slice(start, end - start)])
                pending, start, rows, size = [], end, 0, 0
            rows += 1
            size += row_size
        pending.append(table.slice(start))
    if rows:
        yield pa.concat_tables(pending)


def _row_sizes(table: pa.Table) -> list[int]:
    sizes: NDArray[np.int64] = np.full(table.num_rows, _ROW_OVERHEAD, dtype=np.int64)
    for name in IMAGE_COLUMNS:
        sizes += pc.binary_length(pc.struct_field(table[name], "bytes")).to_numpy()
    return [int(size) for size in sizes]


def _write_file(path: Path, groups: Iterable[pa.Table]) -> int:
    """Write `groups` to `path`; returns the number of rows."""
    rows = 0
    with (
        atomic_path(path) as part,
        pq.ParquetWriter(
            part,
            ARROW_SCHEMA,
            compression="none",  # the images are compressed, and the rest is small
            use_dictionary=_DICTIONARY,
            write_statistics=["id", "socio_class"],
        ) as writer,
    ):
        for group in groups:
            # Pages end where chunks end, so chunks must not depend on the shards.
            writer.write_table(group.combine_chunks(), row_group_size=group.num_rows)
            rows += group.num_rows
    return rows


def _unveil(
    root: Path, level: Level, split: str, staged: Sequence[tuple[Path, int]]
) -> list[DataFile]:
    """Give finished files their names, which hold their number, and drop those of before."""
    stale = set(split_paths(root, level, split))
    receipts = []
    for index, (part, rows) in enumerate(staged):
        path = part.with_name(f"{split}-{index:05}-of-{len(staged):05}.parquet")
        with output_errors(path):
            part.replace(path)
        stale.discard(path)
        name = path.relative_to(root).as_posix()
        receipts.append(DataFile(path=name, **Receipt.of(path, rows)._asdict()))
    with output_errors(root):
        for path in stale:
            path.unlink()
        for folder in {(root / receipt.path).parent for receipt in receipts}:
            sync(folder)
    return receipts


def read_rows(
    root: Path, level: Level, split: str, columns: Sequence[str] | None = None
) -> Iterator[dict[str, Any]]:
    """Rows of one level and split, in order; image columns as the bytes of their files.

    Parameters
    ----------
    root
        The dataset's folder.
    columns
        Names of the columns wanted; all by default.

    Raises
    ------
    DatasetError
        If a file is corrupt or lacks a column.
    """
    for path in split_paths(root, level, split):
        try:
            yield from _read_file(path, list(columns or COLUMNS))
        except (pa.ArrowException, OSError, KeyError) as error:
            raise DatasetError(
                f"{path} cannot be read ({error}): get it again and run `socioseg verify`."
            ) from error


def _read_file(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=columns).select(columns)
            for row in table.to_pylist():
                yield {name: _image_bytes(name, value) for name, value in row.items()}


def _image_bytes(name: str, value: Any) -> Any:  # noqa: ANN401 - a cell of any column
    return value["bytes"] if name in IMAGE_COLUMNS else value
