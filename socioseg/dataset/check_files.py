"""Checks of the folder: which files there are, receipts, Parquet structure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from socioseg.dataset.licence_text import LICENCE_FILE
from socioseg.dataset.pictures import ASSETS
from socioseg.dataset.problem import Problem
from socioseg.dataset.report import REPORT
from socioseg.dataset.schema import ARROW_SCHEMA
from socioseg.files import PART, WORK, Receipt
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from socioseg.dataset.report import DataFile, Report

CARD, PLAN = "README.md", "plan.jsonl"
TEXTS = (CARD, LICENCE_FILE, PLAN, REPORT)
PICTURES = tuple(f"{ASSETS}/{level}.jpg" for level in Level)
MAX_GROUP_ROWS = 100
MAX_GROUP_BYTES = 100_000_000
_HUB_FILES = (".gitattributes", ".cache/huggingface/")
"""What a download from the Hub adds."""
_UNFINISHED = (
    "the build is not finished: run it again, or delete this folder to leave the dataset as it is"
)


def check_listing(root: Path, report: Report) -> Iterator[Problem]:
    """Yield files that are missing, and files that do not belong."""
    listed = [file.path for file in report.files]
    for name in (*TEXTS, *listed):
        if not (root / name).is_file():
            yield Problem(name, "", "file is missing")
    if (root / WORK).exists():
        yield Problem(WORK, "", _UNFINISHED)
    known = {*TEXTS, *PICTURES, *listed}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_dir() or name in known or name.startswith((*_HUB_FILES, f"{WORK}/")):
            continue
        if name.endswith(PART):
            yield Problem(name, "", "left behind by an interrupted write; delete it")
        else:
            yield Problem(name, "", "file does not belong to the dataset")


def check_names(report: Report) -> Iterator[Problem]:
    """Yield configs and splits whose files are not numbered through."""
    names: dict[str, list[str]] = {}
    for file in report.files:
        names.setdefault(f"data/{file.config}/{file.split}", []).append(file.path)
    for stem, paths in names.items():
        wanted = [f"{stem}-{i:05}-of-{len(paths):05}.parquet" for i in range(len(paths))]
        if sorted(paths) != wanted:
            yield Problem(REPORT, "", f"files of {stem} are not numbered 0 to {len(paths) - 1}")


def check_file(root: Path, file: DataFile) -> Iterator[Problem]:
    """Yield what is wrong with a Parquet file before a row of it is read."""
    path = root / file.path
    if not Receipt(file.rows, file.bytes, file.sha256).matches(path):
        yield Problem(file.path, "", "size or sha256 differ from the receipt in report.json")
        return
    try:
        with pq.ParquetFile(path) as parquet:
            schema, metadata = parquet.schema_arrow, parquet.metadata
    except (pa.ArrowException, OSError) as error:
        yield Problem(file.path, "", f"not a sound Parquet file: {error}")
        return
    for what in (*_schema(schema), *_groups(metadata)):
        yield Problem(file.path, "", what)
    if metadata.num_rows != file.rows:
        yield Problem(file.path, "", f"{metadata.num_rows} rows; the receipt says {file.rows}")


def _schema(found: pa.Schema) -> Iterator[str]:
    if found.names != ARROW_SCHEMA.names:
        differing = sorted(set(found.names) ^ set(ARROW_SCHEMA.names))
        yield f"columns are missing, foreign or out of order: {', '.join(differing) or 'order'}"
        return
    for field, wanted in zip(found, ARROW_SCHEMA, strict=True):
        if field.type != wanted.type:
            yield f"column {field.name} is {field.type}; it must be {wanted.type}"
    if (found.metadata or {}).get(b"huggingface") != ARROW_SCHEMA.metadata[b"huggingface"]:
        yield "metadata lack the features that make `datasets` decode the images"


def _groups(metadata: pq.FileMetaData) -> Iterator[str]:
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        if group.num_rows > MAX_GROUP_ROWS:
            yield f"row group {index} has {group.num_rows} rows; {MAX_GROUP_ROWS} is the most"
        if group.total_byte_size >= MAX_GROUP_BYTES:
            size = group.total_byte_size / 1e6
            yield f"row group {index} has {size:.0f} MB; it must stay below 100 MB"
