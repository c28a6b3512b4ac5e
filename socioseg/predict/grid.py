"""The pixels that a prediction is made on: their grid, and the squares of it that a model sees."""

from __future__ import annotations

import functools
import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from pyproj import Geod, Transformer

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from affine import Affine
    from numpy.typing import NDArray
    from rasterio.crs import CRS

    from socioseg.sample import Bounds

MAX_OVERLAP = 0.75
WGS84 = "EPSG:4326"


class Square(NamedTuple):
    """Part of a grid: its upper left pixel and its side. It may reach beyond a small grid."""

    column: int
    row: int
    size: int

    @property
    def id(self) -> str:
        """Unique on its grid."""
        return f"{self.column},{self.row}"


class Grid(NamedTuple):
    """Pixels of a raster: `transform` takes column and row (of pixel corners) to `crs`.

    Without a CRS the transform is the identity: x to the right, y down, in pixels.
    """

    crs: CRS | None
    transform: Affine
    width: int
    height: int

    @property
    def bounds(self) -> Bounds:
        """(xmin, ymin, xmax, ymax) in the CRS."""
        right, low = float(self.width), float(self.height)
        corners = self.to_crs(np.array([[0, 0], [right, 0], [0, low], [right, low]]))
        west, south = corners.min(axis=0).tolist()
        east, north = corners.max(axis=0).tolist()
        return west, south, east, north

    def to_crs(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2) in pixels, column and row, as x and y in the CRS."""
        return _applied(self.transform, points)

    def to_pixels(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (n, 2) in the CRS, x and y, as column and row in pixels."""
        return _applied(~self.transform, points)

    @property
    def ground_pixel(self) -> tuple[float, float]:
        """Metres on the ground of a pixel along a row and down a column, in the middle.

        Raises
        ------
        UsageError
            If the grid has no place on the ground.
        """
        if self.crs is None:
            raise UsageError("a raster without a place on the ground has no pixel size in metres")
        middle = np.array([self.width / 2, self.height / 2])
        points = self.to_crs(middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        lon, lat = Transformer.from_crs(self.crs, WGS84, always_xy=True).transform(*points.T)
        _, _, metres = Geod(ellps="WGS84").inv([lon[0]] * 2, [lat[0]] * 2, lon[1:], lat[1:])
        across, down = map(float, metres)
        return across, down

    def pixel_of(self, lon: float, lat: float) -> tuple[float, float]:
        """Column and row of a place in degrees; infinite where the CRS cannot show it."""
        point = Transformer.from_crs(WGS84, self.crs, always_xy=True).transform(lon, lat)
        ((column, row),) = self.to_pixels(np.array([point])).tolist()
        return column, row

    def holds(self, column: float, row: float) -> bool:
        """Whether a point in pixels lies on the grid."""
        return bool(0 <= column < self.width and 0 <= row < self.height)


def _applied(affine: Affine, points: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = np.array([[affine.a, affine.d], [affine.b, affine.e]])
    return np.asarray(points @ turn + np.array([affine.c, affine.f]))


def lay_squares(grid: Grid, size: int, overlap: float) -> list[Square]:
    """Squares that together show every pixel of `grid`, row by row.

    Parameters
    ----------
    size
        Side of a square in pixels.
    overlap
        Share of its side that a square has in common with the next one at least.

    Raises
    ------
    UsageError
        If the overlap is not from 0 to `MAX_OVERLAP`, or a square has no pixel.
    """
    if not 0 <= overlap <= MAX_OVERLAP:
        raise UsageError(f"--overlap {overlap:g}: give a share from 0 to {MAX_OVERLAP:g}.")
    if size < 1:
        raise UsageError(f"--window {size}: give the side of a window in pixels, as in 768.")
    step = max(1, math.floor(size * (1 - overlap)))
    rows, columns = (_starts(side, size, step) for side in (grid.height, grid.width))
    return [Square(column, row, size) for row, column in itertools.product(rows, columns)]


def square_around(grid: Grid, column: float, row: float, size: int) -> Square:
    """The square centred on a point in pixels, moved by as much as keeps it on the grid."""
    first = (round(v - size / 2) for v in (column, row))
    sides = (grid.width, grid.height)
    x, y = (
        min(max(f, min(0, s - size)), max(0, s - size)) for f, s in zip(first, sides, strict=True)
    )
    return Square(x, y, size)


def _starts(side: int, size: int, step: int) -> list[int]:
    """First pixels along an axis: evenly spread, the last one's square ends with the axis."""
    if side <= size:
        return [(side - size) // 2]
    count = math.ceil((side - size) / step) + 1
    return [int(start) for start in np.linspace(0, side - size, count)]


@functools.lru_cache(maxsize=4)
def weights(size: int) -> NDArray[np.uint16]:
    """How much a square's word counts at each of its pixels, (size, size): more near its middle.

    What lies at its border is seen cut off, while a neighbour that overlaps sees it whole.
    """
    steps = 1 + np.minimum(np.arange(size), np.arange(size)[::-1]) * 64 // max(1, size // 2)
    found: NDArray[np.uint16] = np.minimum(steps[:, None], steps).astype(np.uint16)
    found.flags.writeable = False
    return found
