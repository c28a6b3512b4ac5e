"""A satellite image on its own grid, or on a finer or coarser one with the same corners."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from affine import Affine
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.windows import Window as RasterWindow

from socioseg.build.imagery.rasterfile import gdal_env, open_raster, reason
from socioseg.errors import ImageryError, UsageError
from socioseg.predict.grid import Grid
from socioseg.predict.raster import check_coarseness, shrunk

if TYPE_CHECKING:
    from socioseg.build.imagery.rasterfile import Contents
    from socioseg.build.imagery.rasterscale import Stretch
    from socioseg.predict.grid import Square
    from socioseg.predict.raster import Pixels


class NativeSat:
    """A raster on its own grid, or on one of larger or smaller pixels with the same corners.

    Parameters
    ----------
    path
        As GDAL calls it.
    found
        What it holds.
    stretch
        Scales more than 8 bits.
    gsd
        Metres on the ground of a pixel.
    """

    def __init__(
        self, path: str, found: Contents, stretch: Stretch | None, gsd: float | None = None
    ) -> None:
        self._src, self._stretch = open_raster(path), stretch
        self._found = found
        self.name = path.rpartition("/")[2]
        self.native = Grid(self._src.crs, self._src.transform, *found.size)
        self.grid = self.native if gsd is None else _resized(self.native, gsd, self.name)
        self._scale = (self.native.width / self.grid.width, self.native.height / self.grid.height)

    def read(self, square: Square) -> Pixels:
        """Pixels of `square`; see `Sat.read`."""
        rows = slice(max(0, square.row), min(self.grid.height, square.row + square.size))
        columns = slice(max(0, square.column), min(self.grid.width, square.column + square.size))
        pixels = np.zeros((square.size, square.size, 3), np.uint8)
        valid = np.zeros(pixels.shape[:2], np.bool_)
        part = (
            slice(rows.start - square.row, rows.stop - square.row),
            slice(columns.start - square.column, columns.stop - square.column),
        )
        across, down = self._scale
        area = RasterWindow(
            columns.start * across,
            rows.start * down,
            (columns.stop - columns.start) * across,
            (rows.stop - rows.start) * down,
        )
        shape = (rows.stop - rows.start, columns.stop - columns.start)
        pixels[part], valid[part] = self._read(area, shape)
        return pixels, valid

    def overview(self, side: int) -> Pixels:
        """The whole image, small; see `Sat.overview`."""
        shape = shrunk((self.grid.height, self.grid.width), side)
        return self._read(RasterWindow(0, 0, *self._found.size), shape)

    def _read(self, area: RasterWindow, shape: tuple[int, int]) -> Pixels:
        finer = area.height < shape[0] or area.width < shape[1]
        how = {"window": area, "resampling": Resampling.cubic if finer else Resampling.average}
        try:
            with gdal_env():
                values = self._src.read(list(self._found.bands), out_shape=(3, *shape), **how)
                valid = np.ones(shape, np.bool_)
                if self._found.masked:
                    valid = self._src.dataset_mask(out_shape=shape, **how) >= 128
        except RasterioError as error:
            raise ImageryError(
                f"{self.name} cannot be read at {area.col_off:.0f}, {area.row_off:.0f} "
                f"({reason(error)}): it may be damaged; fetch it again"
            ) from error
        if values.dtype.kind == "f":
            valid &= np.isfinite(values).all(axis=0)
        scaled = values if self._stretch is None else self._stretch.apply(values)
        return np.where(valid[..., None], np.moveaxis(scaled, 0, -1), np.uint8(0)), valid


def _resized(native: Grid, gsd: float, name: str) -> Grid:
    """The grid with the same corners whose pixels measure nearly `gsd` metres."""
    if gsd <= 0 or not math.isfinite(gsd):
        raise UsageError(f"--gsd {gsd:g}: give metres on the ground of a pixel, as in 0.5.")
    across, down = native.ground_pixel
    check_coarseness(max(across, down) / gsd, name)
    width = max(1, round(native.width * across / gsd))
    height = max(1, round(native.height * down / gsd))
    scale = Affine.scale(native.width / width, native.height / height)
    return Grid(native.crs, native.transform @ scale, width, height)
