"""A satellite image on the Web Mercator grid, as samples of a dataset have it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from rasterio.errors import RasterioError

from socioseg.build.imagery.rasterfile import WEB_MERCATOR, describe, gdal_env, open_raster, reason
from socioseg.build.imagery.rasterwarp import read_file
from socioseg.errors import ImageryError
from socioseg.predict.grid import Grid
from socioseg.predict.raster import MAX_ZOOM, check_coarseness, shrunk
from socioseg.sample import ORIGIN, TILE_SIZE, Window, ground_resolution

if TYPE_CHECKING:
    from socioseg.build.imagery.rasterfile import Contents
    from socioseg.build.imagery.rasterscale import Stretch
    from socioseg.predict.grid import Square
    from socioseg.predict.raster import Pixels


class MercatorSat:
    """A raster on the Web Mercator grid of a zoom level: the pixels that a dataset of it has.

    Parameters
    ----------
    path
        As GDAL calls it.
    found
        What it holds.
    stretch
        Scales more than 8 bits.
    zoom
        That of the pixels nearest in size by default.
    """

    def __init__(
        self, path: str, found: Contents, stretch: Stretch | None, zoom: int | None
    ) -> None:
        with gdal_env():
            self._file = describe(path)
        self._src, self._stretch = open_raster(path), stretch
        self.name = path.rpartition("/")[2]
        self.native = Grid(self._src.crs, self._src.transform, *found.size)
        self.zoom = _zoom(self._file.pixel, self.name) if zoom is None else zoom
        pixel = ground_resolution(self.zoom)
        check_coarseness(self._file.pixel / pixel, self.name)
        west, south, east, north = self._file.bounds
        self._x, self._y = math.floor((west + ORIGIN) / pixel), math.floor((ORIGIN - north) / pixel)
        corner = Affine(pixel, 0, self._x * pixel - ORIGIN, 0, -pixel, ORIGIN - self._y * pixel)
        width = math.ceil((east + ORIGIN) / pixel) - self._x
        height = math.ceil((ORIGIN - south) / pixel) - self._y
        self.grid = Grid(WEB_MERCATOR, corner, width, height)

    def window(self, square: Square) -> Window:
        """`square` as the window of a sample."""
        return Window(self.zoom, self._x + square.column, self._y + square.row, square.size)

    def read(self, square: Square) -> Pixels:
        """Pixels of `square`; see `Sat.read`."""
        return self._read(self.window(square))

    def overview(self, side: int) -> Pixels:
        """The whole image, small; see `Sat.overview`."""
        height, width = shrunk((self.grid.height, self.grid.width), side)
        lower = max(0, math.ceil(math.log2(max(self.grid.height / height, 1))))
        x, y, size = (v >> lower for v in (self._x, self._y, max(self.grid[2:]) - 1))
        pixels, valid = self._read(Window(self.zoom - lower, x, y, size + 2))
        rows, columns = (
            np.minimum((np.arange(count) + 0.5) * whole / count, whole - 1).astype(int)
            for count, whole in ((height, self.grid.height), (width, self.grid.width))
        )
        rows, columns = ((rows + self._y) >> lower) - y, ((columns + self._x) >> lower) - x
        return pixels[np.ix_(rows, columns)], valid[np.ix_(rows, columns)]

    def _read(self, window: Window) -> Pixels:
        try:
            with gdal_env():
                layer = read_file(self._src, self._file, window, self._stretch)
        except RasterioError as error:
            raise ImageryError(
                f"{self.name} cannot be read ({reason(error)}): it may be damaged; fetch it again"
            ) from error
        if layer is None:
            side = (window.size, window.size)
            return np.zeros((*side, 3), np.uint8), np.zeros(side, np.bool_)
        pixels, valid = np.moveaxis(layer[0], 0, -1), layer[1]
        return np.where(valid[..., None], pixels, np.uint8(0)), valid


def _zoom(pixel: float, name: str) -> int:
    zoom = round(math.log2(2 * ORIGIN / TILE_SIZE / pixel))
    if not 0 <= zoom <= MAX_ZOOM:
        raise ImageryError(f"{name} fits no zoom of Web Mercator: give --zoom, 0 to {MAX_ZOOM}.")
    return zoom
