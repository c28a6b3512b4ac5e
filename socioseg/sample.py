"""The vocabulary that every room shares: Level, Window, Box, Query. Plain values, light imports."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

TILE_SIZE = 256
CRS = "EPSG:3857"
EARTH_RADIUS = 6378137.0
ORIGIN = math.pi * EARTH_RADIUS

Box = tuple[int, int, int, int]
"""xyxy in pixels: x to the right, y down, x1 and y1 exclusive."""
Bounds = tuple[float, float, float, float]
"""west, south, east, north; degrees or EPSG:3857 metres, as the owner says."""


class Level(StrEnum):
    """What a query names: one place, every place of a class, every place of a function."""

    NAME = "name"
    CLASS = "class"
    FUNCTION = "function"

    @property
    def config(self) -> str:
        """Name of the dataset config that holds this level."""
        return f"socio_{self.value}"


def ground_resolution(zoom: int) -> float:
    """EPSG:3857 units (metres at the equator) of one pixel at `zoom` with 256-pixel tiles."""
    return 2 * ORIGIN / (TILE_SIZE << zoom)


class Window(NamedTuple):
    """The square that a sample shows, on the Web Mercator pixel grid of a zoom level.

    `x` and `y` are the global pixel of its upper left corner (0, 0 at the grid's north-west
    corner, y down); `size` is its side in pixels.
    """

    zoom: int
    x: int
    y: int
    size: int

    @property
    def resolution(self) -> float:
        """EPSG:3857 units of one pixel."""
        return ground_resolution(self.zoom)

    @property
    def bounds(self) -> Bounds:
        """(xmin, ymin, xmax, ymax) in EPSG:3857."""
        res = self.resolution
        west, north = self.x * res - ORIGIN, ORIGIN - self.y * res
        return (west, north - self.size * res, west + self.size * res, north)

    @property
    def transform(self) -> tuple[float, float, float, float, float, float]:
        """Six numbers in GDAL order, pixel corners to EPSG:3857."""
        west, _, _, north = self.bounds
        return (west, self.resolution, 0.0, north, 0.0, -self.resolution)

    @property
    def gsd(self) -> float:
        """Metres on the ground of one pixel, at the window's centre."""
        _, south, _, north = self.bounds
        return self.resolution / math.cosh((south + north) / 2 / EARTH_RADIUS)

    def tiles(self) -> Iterator[tuple[int, int]]:
        """XYZ tiles (x, y) at `zoom` that the window touches, row by row."""
        first_x, first_y = self.x // TILE_SIZE, self.y // TILE_SIZE
        last_x = (self.x + self.size - 1) // TILE_SIZE
        last_y = (self.y + self.size - 1) // TILE_SIZE
        for y in range(first_y, last_y + 1):
            for x in range(first_x, last_x + 1):
                yield x, y

    def overlaps(self, other: Window) -> bool:
        """Whether the two share ground (windows of one zoom level)."""
        return abs(self.x - other.x) < (self.size if self.x < other.x else other.size) and abs(
            self.y - other.y
        ) < (self.size if self.y < other.y else other.size)


class Truth(NamedTuple):
    """What a query means: its mask, (H, W) bool, and the boxes of the mask's instances."""

    mask: NDArray[np.bool_]
    boxes: tuple[Box, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """What a model is asked: a text and the two images of a window.

    Attributes
    ----------
    id
        Of the sample.
    level
        What the text names.
    text
        What is asked for, such as "school".
    sat, map
        (H, W, 3) uint8, RGB, of one size.
    seed
        For a model that draws: of this query alone, so that what is drawn depends neither on the
        batch nor on the order.
    truth
        Only for a model that says `needs_truth`, such as an oracle; None for every other.
    """

    id: str
    level: Level
    text: str
    sat: NDArray[np.uint8]
    map: NDArray[np.uint8]
    seed: int = 0
    truth: Truth | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels, which a prediction must have too."""
        return self.sat.shape[0], self.sat.shape[1]
