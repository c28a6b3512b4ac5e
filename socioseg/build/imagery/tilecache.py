"""Tiles that were fetched, in one SQLite file: MBTiles' table, plus where and when they came."""

from __future__ import annotations

import sqlite3
import weakref
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import stamina

from socioseg.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Tile = tuple[int, int, int]
"""z, x, y; y counts from the north (XYZ)."""

VERSION = 1
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
TABLE = """
CREATE TABLE tiles (
    source TEXT NOT NULL, zoom_level INTEGER NOT NULL, tile_column INTEGER NOT NULL,
    tile_row INTEGER NOT NULL, tile_data BLOB NOT NULL, etag TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    PRIMARY KEY (source, zoom_level, tile_column, tile_row)
)"""
KEY = "source = ? AND zoom_level = ? AND tile_column = ? AND tile_row = ?"


class TileCache:
    """A file of good tiles, safe for many reading processes beside a writing one.

    Every `put` is its own transaction in SQLite's write-ahead log: what was put outlives
    `kill -9`. The file must lie on a local disk, as that log works on one machine only.

    Parameters
    ----------
    path
        Made where it does not exist; its folder must exist.

    Raises
    ------
    OutputError
        Here and in every method, if the file is damaged, cannot be written, or is not a cache.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._plain_errors():
            self._db = sqlite3.connect(
                path, timeout=60, isolation_level=None, check_same_thread=False
            )
            self._finalizer = weakref.finalize(self, self._db.close)
            self._prepare()

    def _prepare(self) -> None:
        """Make the table in a new file; refuse a file that holds something else."""
        if self._is_empty():
            self._write_ahead()
            self._db.execute("BEGIN IMMEDIATE")
            if self._is_empty():  # still: of several processes one makes the table
                self._db.execute(TABLE)
                self._db.execute(f"PRAGMA user_version = {VERSION}")
            self._db.execute("COMMIT")
        if self._number("user_version") != VERSION:
            self.close()
            raise OutputError(f"{self.path} is not a tile cache of this version: name another.")
        self._db.execute("PRAGMA synchronous = NORMAL")

    def _write_ahead(self) -> None:
        """Turn on the log; SQLite does not wait its turn for this, so try again while busy."""
        for attempt in stamina.retry_context(on=_is_busy, timeout=60, wait_max=0.5):
            with attempt:
                self._db.execute("PRAGMA journal_mode = WAL")

    def _is_empty(self) -> bool:
        return self._number("schema_version") == 0

    def _number(self, pragma: str) -> int:
        return int(self._db.execute(f"PRAGMA {pragma}").fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        self._finalizer()

    def get(self, source: str, tile: Tile) -> bytes | None:
        """Bytes of a tile as the server sent them; None where there are none."""
        with self._plain_errors():
            row = self._db.execute(
                f"SELECT tile_data FROM tiles WHERE {KEY}",  # noqa: S608 - a constant
                _key(source, tile),
            ).fetchone()
        return row[0] if row else None

    def put(self, source: str, tile: Tile, data: bytes, etag: str = "") -> None:
        """Keep a good tile, in place of an older one."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._plain_errors():
            self._db.execute(
                "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*_key(source, tile), data, etag, now),
            )

    def missing(self, source: str, tiles: Iterable[Tile]) -> list[Tile]:
        """Those of `tiles` that are not here, each once, in their order."""
        query = f"SELECT 1 FROM tiles WHERE {KEY}"  # noqa: S608 - a constant
        with self._plain_errors():
            return [
                tile
                for tile in dict.fromkeys(tiles)
                if not self._db.execute(query, _key(source, tile)).fetchone()
            ]

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) in DAMAGED:
                raise OutputError(
                    f"the tile cache {self.path} is damaged: delete it, and its tiles are fetched"
                    " again."
                ) from error
            raise OutputError(
                f"the tile cache {self.path} cannot be used ({error}): check the folder, its"
                " rights, and the free space."
            ) from error


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _key(source: str, tile: Tile) -> tuple[str, int, int, int]:
    """Give the primary key; MBTiles counts rows from the south (TMS)."""
    z, x, y = tile
    return source, z, x, (1 << z) - 1 - y
