"""Every promise of the dataset format, checked on a folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from socioseg.dataset.check_files import check_file, check_listing, check_names
from socioseg.dataset.check_row import check_row
from socioseg.dataset.check_texts import check_card, check_licence, check_plan
from socioseg.dataset.check_whole import Kept, check_counts, check_ids, check_whole
from socioseg.dataset.problem import Problem
from socioseg.dataset.report import REPORT, read_report
from socioseg.dataset.schema import CONFIGS, IMAGE_COLUMNS
from socioseg.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from socioseg.dataset.report import DataFile, Report

MAX_THREADS = 4
"""Decoding images leaves Python's lock, so a few threads are faster than one."""
Progress = Callable[[int, int], None]
"""Called after every row group with the rows done and the rows in all."""


def verify(root: Path, *, progress: Progress | None = None) -> list[Problem]:
    """Check a dataset: schema, images, boxes, places, texts, splits, receipts, licences.

    Reads one row group at a time, and takes no file on trust: what is corrupt is a problem.

    Parameters
    ----------
    root
        The dataset's folder.
    progress
        Called after every row group with the rows done and the rows in all.

    Returns
    -------
    list of Problem
        Everything that breaks a promise; empty where the dataset is sound.
    """
    if not root.is_dir():
        return [Problem(str(root), "", "there is no such folder")]
    try:
        report = read_report(root)
    except DatasetError as error:
        return [Problem(REPORT, "", str(error))]
    problems = [*check_listing(root, report), *check_names(report)]
    problems += [*check_card(root, report), *check_licence(root, report)]
    for file in report.files:
        problems += check_file(root, file)
    broken = {problem.file for problem in problems}
    sound = [file for file in report.files if file.path not in broken]
    return problems + _check_rows(root, sound, report, progress)


def _check_rows(
    root: Path, files: list[DataFile], report: Report, progress: Progress | None
) -> list[Problem]:
    """Check the rows of `files`, those of the report that are sound as files."""
    problems: list[Problem] = []
    places: list[tuple[str, str]] = []
    kept: list[Kept] = []
    total = sum(file.rows for file in report.files)
    with ThreadPoolExecutor(min(MAX_THREADS, os.cpu_count() or 1)) as pool:
        for file, rows in _groups(root, files, problems):
            faults = pool.map(_fault_finder(file, report), rows)
            for row, found in zip(rows, faults, strict=True):
                places.append((file.path, row["id"] or ""))
                problems += [Problem(*places[-1], what) for what in found]
                if not found:
                    kept.append(Kept.of(row, file.path, file.split))
            if progress:
                progress(len(places), total)
    problems += [*check_ids(places), *check_whole(kept, report)]
    # Only of the whole can be said that something is missing from it.
    if len(places) == total:
        problems += check_plan(root, {sample_id for _, sample_id in places}, report)
    if len(kept) == total:
        problems += check_counts(kept, report)
    return problems


def _fault_finder(file: DataFile, report: Report) -> Callable[[dict[str, Any]], list[str]]:
    credits_ = {(source.id, source.license, source.attribution) for source in report.imagery}
    return lambda row: list(check_row(row, CONFIGS[file.config], credits_))


def _groups(
    root: Path, files: list[DataFile], problems: list[Problem]
) -> Iterator[tuple[DataFile, list[dict[str, Any]]]]:
    """Rows of all files, a row group at a time; a file that breaks off is put on `problems`."""
    for file in files:
        try:
            with pq.ParquetFile(root / file.path) as parquet:
                for group in range(parquet.num_row_groups):
                    yield file, list(map(_flat, parquet.read_row_group(group).to_pylist()))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            problems.append(Problem(file.path, "", f"cannot be read to its end: {error}"))


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Take the bytes out of the images."""
    return row | {name: (row[name] or {}).get("bytes") for name in IMAGE_COLUMNS}
