"""Windows: the squares laid around AOIs, jittered, kept inside what is covered."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import numpy as np

from socioseg.sample import ORIGIN, TILE_SIZE, Window, ground_resolution

if TYPE_CHECKING:
    from numpy.random import Generator

    from socioseg.build.plan.aois import Aoi
    from socioseg.build.recipe import BuildRecipe
    from socioseg.sample import Bounds


def stable_random(*parts: object) -> Generator:
    """A random generator that depends on `parts` alone, whatever the order of calls."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def pixel_bounds(bounds: Bounds, zoom: int) -> Bounds:
    """EPSG:3857 (xmin, ymin, xmax, ymax) as global pixels (x0, y0, x1, y1), y down."""
    res = ground_resolution(zoom)
    xmin, ymin, xmax, ymax = bounds
    return (
        (xmin + ORIGIN) / res,
        (ORIGIN - ymax) / res,
        (xmax + ORIGIN) / res,
        (ORIGIN - ymin) / res,
    )


def whole_tiles(bounds: Bounds, zoom: int) -> Bounds:
    """The part of `bounds` (EPSG:3857) made of whole tiles of `zoom`; `bounds` where none fits.

    A tile server may end where the region ends, so tiles that lie partly outside are avoided.
    """
    x0, y0, x1, y1 = pixel_bounds(bounds, zoom)
    left, top = math.ceil(x0 / TILE_SIZE), math.ceil(y0 / TILE_SIZE)
    right, bottom = math.floor(x1 / TILE_SIZE), math.floor(y1 / TILE_SIZE)
    if left >= right or top >= bottom:
        return bounds
    side = TILE_SIZE * ground_resolution(zoom)
    return (
        left * side - ORIGIN,
        ORIGIN - bottom * side,
        right * side - ORIGIN,
        ORIGIN - top * side,
    )


def window_around(aoi: Aoi, recipe: BuildRecipe, covered: Bounds | None) -> Window:
    """The window of `aoi`: centred on its envelope, moved by a uniform jitter.

    The jitter is at most `windows.jitter` of the side, and less where an AOI that fits would
    be cut by it. Where `covered` (EPSG:3857) is larger than a window, the window lies inside.
    """
    x0, y0, x1, y1 = pixel_bounds(aoi.geometry.bounds, recipe.zoom)
    fence = pixel_bounds(covered, recipe.zoom) if covered else None
    jitter = stable_random(recipe.seed, "window", aoi.osm_id).uniform(-1, 1, 2)
    x = _start(x0, x1, recipe, jitter[0], (fence[0], fence[2]) if fence else None)
    y = _start(y0, y1, recipe, jitter[1], (fence[1], fence[3]) if fence else None)
    return Window(recipe.zoom, x, y, recipe.size)


def _start(
    low: float, high: float, recipe: BuildRecipe, jitter: float, fence: tuple[float, float] | None
) -> int:
    slack = max(0.0, (recipe.size - (high - low)) / 2)
    offset = jitter * min(recipe.windows.jitter * recipe.size, slack)
    start = round((low + high - recipe.size) / 2 + offset)
    if fence and fence[1] - fence[0] >= recipe.size:
        start = min(max(start, math.ceil(fence[0])), math.floor(fence[1]) - recipe.size)
    return start
