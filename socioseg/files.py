"""Files that are whole or absent: atomic writes, hashes, receipts, deterministic JSON."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import OutputError, SocioSegError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PART = ".part"
"""Suffix of a file that is being written; what bears it after a crash may be deleted."""
WORK = ".build"
"""Folder in a dataset of what its build needs to go on; removed when nothing is left to do."""

_REMEDIES = {
    errno.ENOSPC: "free some space or choose another folder",
    errno.EDQUOT: "free some of your quota or choose another folder",
    errno.EACCES: "check its permissions or choose another folder",
    errno.EPERM: "check its permissions or choose another folder",
    errno.EROFS: "choose a folder on a disk that can be written",
}


def is_there(name: str | Path) -> bool:
    """Whether a file or folder is called `name`; none is where no file can have that name."""
    return os.path.exists(name)  # noqa: PTH110 - Path.exists raises where a name is too long


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the body, which writes `path`, into one clear sentence.

    Raises
    ------
    OutputError
        With the system's reason and what to do. Errors of this package pass through.
    """
    try:
        yield
    except SocioSegError:
        raise
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        remedy = _REMEDIES.get(error.errno or 0, "choose another folder")
        raise OutputError(f"Cannot write {path} ({reason}): {remedy}.") from error


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes the place of `path` when the body ends.

    The file and its folder are synced to disk first. If the body raises, whatever it wrote is
    removed and `path` stays as it was. Missing parent folders are made.

    Raises
    ------
    OutputError
        If the disk is full, the folder may not be written, or the like.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    with output_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            sync(part)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def atomic_write(path: Path, data: bytes) -> None:
    """Write `data` to `path`, all or nothing.

    Raises
    ------
    OutputError
        As `atomic_path`.
    """
    with atomic_path(path) as part:
        part.write_bytes(data)


def remove_parts(root: Path) -> int:
    """Delete what interrupted writes left under `root`; returns how many files that were."""
    parts = [path for path in root.rglob(f".*{PART}") if path.is_file()]
    for path in parts:
        with output_errors(path):
            path.unlink()
    return len(parts)


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can hold
    """JSON of `value`, indented, keys sorted: the same bytes for the same value."""
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode()


def write_json(path: Path, value: Any) -> None:  # noqa: ANN401 - whatever JSON can hold
    """Write `json_bytes(value)` to `path`, all or nothing.

    Raises
    ------
    OutputError
        As `atomic_path`.
    """
    atomic_write(path, json_bytes(value))


def sha256_file(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Receipt(NamedTuple):
    """What a finished file holds; a file without its receipt counts as not made."""

    rows: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path, rows: int) -> Receipt:
        """Receipt of the file `path`, which holds `rows` rows."""
        return cls(rows, path.stat().st_size, sha256_file(path))

    @staticmethod
    def path_for(path: Path) -> Path:
        """Where the receipt of `path` lies: beside it."""
        return path.with_name(f"{path.name}.receipt.json")

    @classmethod
    def read(cls, path: Path) -> Receipt | None:
        """Receipt of the file `path`; None where there is none that can be read."""
        try:
            found = json.loads(cls.path_for(path).read_bytes())
            return cls(int(found["rows"]), int(found["bytes"]), str(found["sha256"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Lay this receipt beside the file `path`.

        Raises
        ------
        OutputError
            As `atomic_path`.
        """
        write_json(self.path_for(path), self._asdict())

    def matches(self, path: Path) -> bool:
        """Whether the file `path` is there, with this size and hash."""
        try:
            return path.stat().st_size == self.bytes and sha256_file(path) == self.sha256
        except OSError:
            return False
