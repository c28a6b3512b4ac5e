"""Samples of the paper's own dataset: as Parquet files, or as one folder for each sample.

Parquet files may also be of datasets of our own that were filtered or joined elsewhere.
"""

from __future__ import annotations

import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from socioseg.bench.levels import level_of
from socioseg.bench.samples import IMAGES, MASK, Key
from socioseg.dataset.images import DECODE_FAILURES, MAX_SIDE
from socioseg.dataset.schema import facts_in
from socioseg.errors import DatasetError
from socioseg.files import sha256_file

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_ALIASES = {"validation": ("validation", "val")}
_FILES = {"sat_image": "sat.png", "map_image": "map.png", MASK: "mask.png"}
_QUESTION = "question.json"
_BATCH = 16
"""Rows in memory at a time: row groups of others may hold thousands of images."""


def decode_any(column: str, data: bytes) -> NDArray[np.uint8]:
    """Pixels of an image of any mode: RGB, or grey for `mask_label`.

    Raises
    ------
    DatasetError
        If the image is broken or far too large.
    """
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
            if max(image.size) > MAX_SIDE:
                raise ValueError(f"{max(image.size)} pixels a side; {MAX_SIDE} is the most")
            return np.asarray(image.convert("L" if column == MASK else "RGB"))
    except DECODE_FAILURES as error:
        raise DatasetError(f"{column} is not a sound image: {error}") from error


class ParquetSamples:
    """One split of Parquet files with the columns id, problem and three images.

    Whatever else all of them have of our own columns counts as facts.
    """

    def __init__(self, root: Path, split: str) -> None:
        self.root, self.split = root, split
        self._paths = parquet_files(root, split)
        self.fingerprint = _fingerprint(root, self._paths)
        facts = [_facts(path) for path in self._paths]
        self.facts = facts[0].intersection(*facts) if facts else frozenset[str]()

    def index(self) -> list[Key]:
        """All samples, in the order of the files."""
        return [Key(row["id"], level_of(row["id"], row["problem"])) for row in self._read([])]

    def rows(self, keys: Collection[Key], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows of the samples `keys`; `level` is told from id and query."""
        levels = dict(keys)
        images = [name for name in columns if name in {*IMAGES, MASK}]
        for row in self._read([*images, *self.facts.intersection(columns)]):
            if row["id"] in levels:
                plain = {name: row[name]["bytes"] if row[name] else b"" for name in images}
                yield {**row, **plain, "level": levels[row["id"]]}

    def _read(self, others: Sequence[str]) -> Iterator[dict[str, Any]]:
        for path in self._paths:
            try:
                with pq.ParquetFile(path) as file:
                    for batch in file.iter_batches(_BATCH, columns=["id", "problem", *others]):
                        yield from batch.to_pylist()
            except (pa.ArrowException, OSError, KeyError) as error:
                raise DatasetError(f"{path} cannot be read ({error}): get it again.") from error

    decode = staticmethod(decode_any)

    def other(self, split: str) -> ParquetSamples:
        """Another split of the same dataset."""
        return ParquetSamples(self.root, split)


class FolderSamples:
    """One split of folders `SPLIT/ID/` that hold sat.png, map.png, mask.png and question.json."""

    def __init__(self, root: Path, split: str) -> None:
        self.root, self.split = root, split
        self._folders = sample_folders(root, split)
        files = [path for folder in self._folders for path in sorted(folder.iterdir())]
        self.facts: frozenset[str] = frozenset()
        self.fingerprint = _fingerprint(root, files)

    def index(self) -> list[Key]:
        """All samples, by id."""
        return [self._key(folder) for folder in self._folders]

    def rows(self, keys: Collection[Key], columns: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Rows of the samples `keys`; `level` is told from id and query."""
        levels = dict(keys)
        for folder in self._folders:
            if folder.name in levels:
                images = {
                    name: _read_image(folder / _FILES[name]) for name in columns if name in _FILES
                }
                yield {
                    "id": folder.name,
                    "problem": _problem(folder),
                    "level": levels[folder.name],
                    **images,
                }

    def _key(self, folder: Path) -> Key:
        return Key(folder.name, level_of(folder.name, _problem(folder)))

    decode = staticmethod(decode_any)

    def other(self, split: str) -> FolderSamples:
        """Another split of the same dataset."""
        return FolderSamples(self.root, split)


def parquet_files(root: Path, split: str) -> list[Path]:
    """Parquet files of a split, wherever they lie in `root`; none where there are none."""
    names = [
        f"{name}{rest}.parquet" for name in _ALIASES.get(split, (split,)) for rest in ("", "-*")
    ]
    return sorted(path for name in names for path in root.rglob(name))


def _facts(path: Path) -> frozenset[str]:
    try:
        return facts_in(pq.read_schema(path))
    except (pa.ArrowException, OSError) as error:
        raise DatasetError(f"{path} cannot be read ({error}): get it again.") from error


def sample_folders(root: Path, split: str) -> list[Path]:
    """Folders of the samples of a split, by name; none where there are none."""
    places = [root / name for name in _ALIASES.get(split, (split,))]
    return sorted(path.parent for place in places for path in place.glob(f"*/{_QUESTION}"))


def _fingerprint(root: Path, files: Sequence[Path]) -> str:
    digests = [(path.relative_to(root).as_posix(), sha256_file(path)) for path in files]
    return hashlib.sha256(repr(digests).encode()).hexdigest()[:16]


def _read_image(path: Path) -> bytes:
    """Bytes of an image; none where the file is missing, which is found out on decoding."""
    return path.read_bytes() if path.is_file() else b""


def _problem(folder: Path) -> str:
    path = folder / _QUESTION
    try:
        return str(json.loads(path.read_bytes())["problem"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path} is not JSON with the key `problem`: {error!r}.") from error
