"""Maps of windows alone: drawn in shards, and looked up by window."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from socioseg import features
from socioseg.build.encode import png
from socioseg.build.map.draw import MapDrawer
from socioseg.dataset.images import decode_image
from socioseg.errors import DatasetError
from socioseg.files import Receipt, atomic_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.build.map.scene import MapOptions
    from socioseg.sample import Window

COLUMN = "map_image"
_KEPT = 4
"""Shards of maps that are held in memory: rows that lie near each other share them."""


class Place(NamedTuple):
    """Where a row stands: its file, row group, and number in that."""

    path: Path
    group: int
    row: int


class MapJob(NamedTuple):
    """Files to read, windows to draw and how, file to write: all that a worker is told.

    `known` is a row that shows the first window, with a map drawn as `known_options` say.
    """

    osm: Path
    out: Path
    windows: tuple[Window, ...]
    options: MapOptions
    known: Place
    known_options: MapOptions


def draw_maps(job: MapJob) -> None:
    """Draw the windows of `job`: write a Parquet file of PNG files, and last its receipt.

    Raises
    ------
    DatasetError
        If the known map does not come out as it is: then the new ones would show other things.
    """
    data = features.load(job.osm)
    known = MapDrawer(data, job.known_options).draw(job.windows[0])
    if not np.array_equal(known, _map_at(job.known)):
        raise DatasetError(
            f"{job.known.path}: its maps do not come out the same when drawn again, so the OSM "
            "data, the fonts, or the version of socioseg or mapnik is not the one that it was "
            "made with: use that, or build the dataset anew."
        )
    drawer = MapDrawer(data, job.options)
    maps = [png(Image.fromarray(drawer.draw(window))) for window in job.windows]
    with atomic_path(job.out) as part:
        pq.write_table(pa.table({COLUMN: pa.array(maps, pa.binary())}), part, compression="none")
    Receipt.of(job.out, len(maps)).write(job.out)


def drawn(job: MapJob) -> bool:
    """Whether the file of `job` is there whole, with its receipt."""
    receipt = Receipt.read(job.out)
    return receipt is not None and receipt.matches(job.out)


def _map_at(place: Place) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with pq.ParquetFile(place.path) as file:
        column = file.read_row_group(place.group, columns=[COLUMN])[COLUMN]
    return decode_image(COLUMN, column[place.row].as_py()["bytes"])


class WindowMaps:
    """Finds the map of a window in the files of finished jobs."""

    def __init__(self, jobs: Sequence[MapJob]) -> None:
        self._places = {
            window: (job.out, number) for job in jobs for number, window in enumerate(job.windows)
        }
        self._read = functools.lru_cache(maxsize=_KEPT)(_read_maps)

    def __getitem__(self, window: Window) -> bytes:
        path, number = self._places[window]
        return self._read(path)[number]


def _read_maps(path: Path) -> list[bytes]:
    maps: list[bytes] = pq.read_table(path)[COLUMN].to_pylist()
    return maps
