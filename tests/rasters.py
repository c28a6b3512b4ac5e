"""Small rasters for tests, written where a window looks, and what their pixels should become."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
from affine import Affine
from rasterio.warp import transform

from socioseg.build.imagery.raster import RasterImagery, RasterSource, check_raster
from socioseg.build.imagery.source import ImagerySource
from socioseg.sample import CRS, ORIGIN, Bounds, Window, ground_resolution

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WINDOW = Window(zoom=19, x=98_995_000, y=56_382_000, size=64)
"""A window in Nepal; the tests' rasters lie around it."""
SOURCE = ImagerySource("test", "CC0-1.0", "https://example.org/licence", "nobody", "yes")


def grid(window: Window, margin: int = 16, scale: float = 1.0) -> tuple[Affine, int]:
    """Transform and side of a raster on the window's grid, `scale` times as coarse."""
    place = Affine.from_gdal(*window.transform) @ Affine.translation(-margin, -margin)
    return place @ Affine.scale(scale), round((window.size + 2 * margin) / scale)


def noise(size: int, bands: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(1, 255, (bands, size, size), np.uint8)


def waves(columns: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """A smooth picture, as a function of EPSG:3857 metres from the window's corner."""
    phases = (0.0, 1.0, 2.0)
    return np.array([127 + 60 * np.sin(columns / 7 + p) + 50 * np.cos(rows / 9) for p in phases])


def write(path: Path, pixels: NDArray[Any], place: Affine, **profile: object) -> Path:
    """Write (bands, rows, columns) as GeoTIFF; `profile` as rasterio's, and colorinterp, mask."""
    colours, mask = profile.pop("colorinterp", None), profile.pop("mask", None)
    count, height, width = pixels.shape
    options = {"crs": CRS, "driver": "GTiff", "transform": place, **profile}
    with (
        rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True),
        rasterio.open(
            path, "w", count=count, height=height, width=width, dtype=pixels.dtype, **options
        ) as file,
    ):
        if colours:
            file.colorinterp = colours
        file.write(pixels)
        if mask is not None:
            file.write_mask(mask)
    return path


def smooth(path: Path, crs: str, place: Affine, size: int) -> Path:
    """Write `waves` as seen through another CRS and transform."""
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    points = place @ np.array([columns.ravel(), rows.ravel()])
    x, y = (np.array(axis) for axis in transform(crs, CRS, *points))
    west, _, _, north = WINDOW.bounds
    pixels = waves(x - west, north - y).reshape(3, size, size)
    return write(path, np.rint(pixels).astype(np.uint8), place, crs=crs)


def expected_waves(window: Window) -> NDArray[np.float64]:
    """`waves` at the centres of the window's pixels, (size, size, 3)."""
    rows, columns = np.mgrid[0 : window.size, 0 : window.size] + 0.5
    west, _, _, north = WINDOW.bounds
    left, top = window.bounds[0] - west, north - window.bounds[3]
    pixels = waves(columns * window.resolution + left, rows * window.resolution + top)
    return np.moveaxis(pixels, 0, -1)


def opened(
    *paths: Path | str,
    zoom: int = WINDOW.zoom,
    max_invalid: float = 0.01,
    percentiles: tuple[float, float] = (2, 98),
) -> RasterImagery:
    names = tuple(str(path) for path in paths)
    source = RasterSource(names, SOURCE, percentiles=percentiles, max_invalid=max_invalid)
    return RasterImagery(check_raster(source, zoom))


def central_window(bounds: Bounds, zoom: int, size: int, shift: int = 0) -> Window:
    """The window in the middle of EPSG:3857 bounds, or `shift` pixels right of and below it."""
    west, south, east, north = bounds
    scale = ground_resolution(zoom)
    column, row = ((west + east) / 2 + ORIGIN) / scale, (ORIGIN - (south + north) / 2) / scale
    return Window(zoom, int(column) - size // 2 + shift, int(row) - size // 2 + shift, size)
