"""Fetching: the tiles of a plan into the cache, and which of them will never come."""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import TYPE_CHECKING

from socioseg.build.imagery.fetched import HttpLimits
from socioseg.build.imagery.spec import Tiles
from socioseg.build.imagery.tilecache import TileCache
from socioseg.build.imagery.tiles import fetch_tiles, tiles_of
from socioseg.build.jobs import retriable
from socioseg.files import output_errors, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from socioseg.build.imagery.spec import ImagerySpec
    from socioseg.build.imagery.tilecache import Tile
    from socioseg.build.recipe import Fetch
    from socioseg.progress import Progress
    from socioseg.sample import Window

REFUSED = "tiles.json"
"""File of the work folder: the tiles that were refused for good, with the reason of each."""


def fetch_imagery(
    imagery: ImagerySpec,
    windows: Sequence[Window],
    patience: Fetch,
    work: Path,
    progress: Progress,
) -> ImagerySpec:
    """Fetch the tiles of `windows`, where `imagery` is made of tiles; others stay as they are.

    A tile that an earlier run of this build, whose folder is `work`, was refused for good is not
    asked for again.

    Raises
    ------
    UsageError
        If a key is missing in the environment.
    OutputError
        If the cache or the work folder cannot be written.
    """
    if not isinstance(imagery, Tiles):
        return imagery
    source = imagery.tiles
    limits = HttpLimits(rate=source.rate, concurrency=source.concurrency, **patience.model_dump())
    refused = _read(work / REFUSED)
    wanted = [tile for tile in tiles_of(source, windows) if tile not in refused]
    with output_errors(imagery.cache):
        imagery.cache.parent.mkdir(parents=True, exist_ok=True)
    with TileCache(imagery.cache) as cache:
        show = functools.partial(progress, "fetch")
        failures = fetch_tiles(source, wanted, cache, progress=show, limits=limits)
    reasons = refused | {tile: failure.reason for tile, failure in failures.items()}
    _write(work / REFUSED, {tile: r for tile, r in reasons.items() if not retriable(r)})
    return dataclasses.replace(imagery, failures=reasons)


def _read(path: Path) -> dict[Tile, str]:
    try:
        return {(z, x, y): reason for z, x, y, reason in json.loads(path.read_bytes())}
    except (OSError, ValueError):  # none was written, or not by us: they are asked for again
        return {}


def _write(path: Path, reasons: dict[Tile, str]) -> None:
    write_json(path, [[*tile, reason] for tile, reason in sorted(reasons.items())])
