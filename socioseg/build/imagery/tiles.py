"""Imagery from XYZ tiles: which are needed, fetching them, and the windows cut from them."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Self

import numpy as np
from PIL import Image

from socioseg.build.imagery.fetched import FetchFailure, HttpLimits
from socioseg.build.imagery.http import HttpClient
from socioseg.build.imagery.tilecache import TileCache
from socioseg.build.imagery.tileimage import decode_tile, tile_problem
from socioseg.build.imagery.tilesource import check_zoom
from socioseg.errors import SampleError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.build.imagery.tilecache import Tile
    from socioseg.build.imagery.tilesource import TileSource
    from socioseg.sample import Bounds, Window

DECODED_TILES = 32


def tiles_of(source: TileSource, windows: Iterable[Window]) -> list[Tile]:
    """List the tiles (z, x, y) that `windows` are made from: sorted, each once.

    Raises
    ------
    ImageryError
        If the source has no tiles for the windows' zoom.
    """
    return sorted({tile for window in windows for tile, _ in _placed(source, window)})


def fetch_tiles(
    source: TileSource,
    tiles: Iterable[Tile],
    cache: TileCache,
    *,
    progress: Callable[[int, int], None] | None = None,
    limits: HttpLimits | None = None,
) -> dict[Tile, FetchFailure]:
    """Fill the cache with those of `tiles` that it lacks; give back the ones that failed.

    Parameters
    ----------
    progress
        Called with the number of tiles dealt with, and of all.
    limits
        In place of the default patience and the source's own rate and concurrency.

    Raises
    ------
    UsageError
        If a key is missing in the environment.
    OutputError
        If the cache cannot be written.
    """
    wanted = list(dict.fromkeys(tiles))
    missing = cache.missing(source.cache_key, wanted)
    job = _Fetching(source, cache, progress, len(wanted) - len(missing), len(wanted))
    limits = limits or HttpLimits(rate=source.rate, concurrency=source.concurrency)
    try:
        asyncio.run(job.run(missing, limits))
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    return job.failures


class _Fetching:
    """One run of `fetch_tiles`: a few workers share one stream of tiles."""

    def __init__(
        self,
        source: TileSource,
        cache: TileCache,
        progress: Callable[[int, int], None] | None,
        done: int,
        total: int,
    ) -> None:
        self.source, self.cache, self.progress = source, cache, progress
        self.done, self.total = done, total
        self.keys = source.keys()
        self.failures: dict[Tile, FetchFailure] = {}

    async def run(self, tiles: list[Tile], limits: HttpLimits) -> None:
        stream = iter(tiles)
        client = HttpClient(limits, secrets=self.keys.values())
        async with client, asyncio.TaskGroup() as workers:
            for _ in range(min(limits.concurrency, len(tiles))):
                workers.create_task(self._work(client, stream))

    async def _work(self, client: HttpClient, stream: Iterator[Tile]) -> None:
        for tile in stream:
            url = self.source.tile_url(tile, self.keys)
            result = await client.fetch(url, lambda data: tile_problem(data, self.source.tile_size))
            if isinstance(result, FetchFailure):
                self.failures[tile] = result
            else:
                self.cache.put(self.source.cache_key, tile, result.body, result.etag)
            self.done += 1
            if self.progress:
                self.progress(self.done, self.total)


class TileImagery:
    """Windows cut from a cache of tiles; see `socioseg.build.imagery.source.Imagery`.

    Parameters
    ----------
    source
        Whose tiles.
    cache_path
        File that `fetch_tiles` filled.
    failures
        Why a tile is not there: the report's word.
    max_invalid
        Share of a window that may be transparent.
    """

    def __init__(
        self,
        source: TileSource,
        cache_path: Path,
        failures: Mapping[Tile, str],
        *,
        max_invalid: float = 0.01,
    ) -> None:
        self.source = source.source
        self._tiles = source
        self._failures = failures
        self._max_invalid = max_invalid
        self._cache = TileCache(cache_path)
        self._pixels = lru_cache(DECODED_TILES)(self._decode)

    @property
    def coverage(self) -> Bounds | None:
        """None: a tile server does not tell."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the cache file."""
        self._cache.close()

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Cut `window` out of the tiles: (size, size, 3), RGB; finer tiles are averaged.

        Raises
        ------
        SampleError
            With a tile's own reason, or `no_imagery` where too much is transparent, outside the
            world, or a known "no data" tile, or `blank_imagery` where all pixels are one colour.
        ImageryError
            If the source has no tiles for the window's zoom.
        """
        _, reduction = check_zoom(self._tiles, window.zoom)
        side = window.size * reduction
        mosaic = np.zeros((side, side, 4), np.uint8)
        for tile, (left, top) in _placed(self._tiles, window):
            _paste(mosaic, self._pixels(tile), left, top)
        invalid = float(np.mean(mosaic[..., 3] == 0))
        if invalid > self._max_invalid:
            raise SampleError("no_imagery", f"{invalid:.1%} of the window is empty")
        rgb = np.asarray(Image.fromarray(mosaic[..., :3]).reduce(reduction))
        if (rgb == rgb[0, 0]).all():
            raise SampleError("blank_imagery", "all pixels are one colour")
        return rgb

    def _decode(self, tile: Tile) -> NDArray[np.uint8]:
        if tile in self._failures:
            raise SampleError(self._failures[tile], "tile {}/{}/{}".format(*tile))
        data = self._cache.get(self._tiles.cache_key, tile)
        if data is None:
            raise SampleError("not_fetched", "tile {}/{}/{} is not in the cache".format(*tile))
        size = self._tiles.tile_size
        if sha256(data).hexdigest() in self._tiles.no_data:
            return np.zeros((size, size, 4), np.uint8)
        return decode_tile(data, size)


def _placed(source: TileSource, window: Window) -> Iterator[tuple[Tile, tuple[int, int]]]:
    """Give each tile of a window and where its corner falls: (left, top), pixels of the tiles.

    Tiles go on past the antimeridian; beyond the poles there are none.
    """
    z, reduction = check_zoom(source, window.zoom)
    size, count = source.tile_size, 1 << z
    x0, y0, side = window.x * reduction, window.y * reduction, window.size * reduction
    for y in range(max(y0 // size, 0), min((y0 + side - 1) // size, count - 1) + 1):
        for x in range(x0 // size, (x0 + side - 1) // size + 1):
            yield (z, x % count, y), (x * size - x0, y * size - y0)


def _paste(mosaic: NDArray[np.uint8], tile: NDArray[np.uint8], left: int, top: int) -> None:
    side, size = len(mosaic), len(tile)
    rows = slice(max(top, 0), min(top + size, side))
    columns = slice(max(left, 0), min(left + size, side))
    mosaic[rows, columns] = tile[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]
