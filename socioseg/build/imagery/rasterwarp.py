"""Pixels of one raster on the grid of a window: read near the window's scale, then warp.

A raster that is finer than the window is first averaged over whole blocks of its pixels (GDAL
takes its overviews for that), so that what is left to warp is about 1:1. One that already lies
on the window's grid is not warped at all: its values come through unchanged. Every read depends
on the file and the window alone, never on what was read before.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from affine import Affine
from rasterio.enums import Resampling
from rasterio.warp import reproject, transform
from rasterio.windows import Window as RasterWindow

from socioseg.build.imagery.rasterfile import WEB_MERCATOR, outline

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from socioseg.build.imagery.rasterfile import RasterFile
    from socioseg.build.imagery.rasterscale import Stretch
    from socioseg.sample import Bounds, Window

MARGIN = 5  # pixels round the window that cubic convolution needs, at up to twice its scale
ALIGNED = 0.01  # of a pixel: nearer to the window's grid than this is on it
VALID = 255
HALF = 128  # an output pixel is valid where at least half of it is


class Chunk(NamedTuple):
    """Part of a raster: (4, rows, columns) of red, green, blue, validity, and its transform.

    `whole` tells that every pixel is valid and the raster goes on all around the window.
    """

    pixels: NDArray[np.uint8]
    transform: Affine
    whole: bool


def read_file(
    src: DatasetReader, file: RasterFile, window: Window, stretch: Stretch | None
) -> tuple[NDArray[np.uint8], NDArray[np.bool_]] | None:
    """Pixels of `window` from one raster.

    Returns
    -------
    tuple or None
        (3, size, size) and, of the same size, where they are valid; None where the raster does
        not reach the window.

    Raises
    ------
    rasterio.errors.RasterioError
        If the file cannot be read there.
    """
    chunk = _read_chunk(src, file, window, stretch)
    if chunk is None:
        return None
    if _on_grid(src, chunk, window):
        pixels = _place(chunk, window)
    else:
        pixels = _warp(src, file, chunk, window)
    return pixels[:3], pixels[3] >= HALF


def _read_chunk(
    src: DatasetReader, file: RasterFile, window: Window, stretch: Stretch | None
) -> Chunk | None:
    corners = _footprint(src, window)
    if not np.isfinite(corners).all():
        return None
    ratio = _ratio(corners, window.size)
    columns, rows = (_span(values, ratio) for values in corners)
    area = _inside(columns, rows, src)
    if area is None:
        return None
    shape = (math.ceil(area.height / ratio), math.ceil(area.width / ratio))
    scale = Affine.scale(area.width / shape[1], area.height / shape[0])
    to_ground = src.transform @ Affine.translation(area.col_off, area.row_off) @ scale
    pixels = _read_area(src, file, area, shape, stretch)
    clipped = (area.width, area.height) != (columns[1] - columns[0], rows[1] - rows[0])
    return Chunk(pixels, to_ground, whole=not clipped and bool((pixels[3] == VALID).all()))


def _footprint(src: DatasetReader, window: Window) -> NDArray[np.float64]:
    """Outline of the window in pixels of the raster, (2, n); corners NW, NE, SE, SW first."""
    points = outline(*window.bounds)
    if src.crs != WEB_MERCATOR:
        points = np.array(transform(WEB_MERCATOR, src.crs, points[0], points[1]))
    return np.array(~src.transform @ points)


def _ratio(corners: NDArray[np.float64], size: int) -> float:
    """Raster pixels along a pixel of the window, 1 or more; a whole number if nearly one."""
    top = math.dist(corners[:, 0], corners[:, 1])
    left = math.dist(corners[:, 0], corners[:, 3])
    ratio = max(1.0, min(top, left) / size)
    return float(round(ratio)) if abs(ratio - round(ratio)) * size < ALIGNED else ratio


def _span(values: NDArray[np.float64], ratio: float) -> tuple[int, int]:
    """First and past-the-last pixel along one axis, in steps of `ratio`, with margin."""
    first = math.floor(float(values.min()) / ratio + ALIGNED) - MARGIN
    last = math.ceil(float(values.max()) / ratio - ALIGNED) + MARGIN
    return math.floor(first * ratio), math.ceil(last * ratio)


def _inside(
    columns: tuple[int, int], rows: tuple[int, int], src: DatasetReader
) -> RasterWindow | None:
    left, right = max(0, columns[0]), min(src.width, columns[1])
    top, bottom = max(0, rows[0]), min(src.height, rows[1])
    if left >= right or top >= bottom:
        return None
    return RasterWindow(left, top, right - left, bottom - top)


def _read_area(
    src: DatasetReader,
    file: RasterFile,
    area: RasterWindow,
    shape: tuple[int, int],
    stretch: Stretch | None,
) -> NDArray[np.uint8]:
    pixels = np.empty((4, *shape), np.uint8)
    bands = [file.bands.red] if file.bands.grey else list(file.bands)
    values = src.read(bands, window=area, out_shape=(len(bands), *shape), resampling=_AVERAGE)
    pixels[:3] = values if stretch is None else stretch.apply(values)
    pixels[3] = VALID
    if file.masked:
        pixels[3] = src.dataset_mask(window=area, out_shape=shape, resampling=_AVERAGE)
    if values.dtype.kind == "f":
        pixels[3, ~np.isfinite(values).all(axis=0)] = 0
    return pixels


def _on_grid(src: DatasetReader, chunk: Chunk, window: Window) -> bool:
    """Whether the chunk's pixels are pixels of the window."""
    if src.crs != WEB_MERCATOR:
        return False
    grid = ~Affine.from_gdal(*window.transform) @ chunk.transform
    size = max(chunk.pixels.shape)
    stretched = max(abs(grid.a - 1), abs(grid.e - 1), abs(grid.b), abs(grid.d)) * size
    shifted = max(abs(grid.c - round(grid.c)), abs(grid.f - round(grid.f)))
    return bool(stretched < ALIGNED and shifted < ALIGNED)


def _place(chunk: Chunk, window: Window) -> NDArray[np.uint8]:
    """Copy a chunk that lies on the window's grid."""
    grid = ~Affine.from_gdal(*window.transform) @ chunk.transform
    left, top = round(grid.c), round(grid.f)
    height, width = chunk.pixels.shape[1:]
    out = np.zeros((4, window.size, window.size), np.uint8)
    rows = slice(max(0, top), min(window.size, top + height))
    columns = slice(max(0, left), min(window.size, left + width))
    if rows.start < rows.stop and columns.start < columns.stop:
        inside = chunk.pixels[
            :, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
        ]
        out[:, rows, columns] = inside
    return out


def _warp(src: DatasetReader, file: RasterFile, chunk: Chunk, window: Window) -> NDArray[np.uint8]:
    """Cubic convolution onto the window's grid; invalid pixels lend nothing to their neighbours."""
    out = np.zeros((4, window.size, window.size), np.uint8)
    rows, columns = _reach(file.bounds, window)
    part = out[:, rows, columns].copy()
    bands = 3 if chunk.whole else 4  # without validity it takes two thirds of the time
    reproject(
        chunk.pixels[:bands],
        part[:bands],
        src_transform=chunk.transform,
        src_crs=src.crs,
        dst_transform=Affine.from_gdal(*window.transform)
        @ Affine.translation(columns.start, rows.start),
        dst_crs=WEB_MERCATOR,
        resampling=Resampling.cubic,
        **({} if chunk.whole else {"src_alpha": 4, "dst_alpha": 4}),
    )
    if chunk.whole:
        part[3] = VALID
    out[:, rows, columns] = part
    return out


def _reach(bounds: Bounds, window: Window) -> tuple[slice, slice]:
    """Rows and columns of the window that a raster of these bounds may touch."""
    west, _, _, north = window.bounds
    west, north = (bounds[0] - west) / window.resolution, (north - bounds[3]) / window.resolution
    width = (bounds[2] - bounds[0]) / window.resolution
    height = (bounds[3] - bounds[1]) / window.resolution
    return _clip(north, height, window.size), _clip(west, width, window.size)


def _clip(start: float, length: float, size: int) -> slice:
    first = min(max(0, math.floor(start) - 1), size - 1)
    return slice(first, min(max(first + 1, math.ceil(start + length) + 1), size))


_AVERAGE = Resampling.average
