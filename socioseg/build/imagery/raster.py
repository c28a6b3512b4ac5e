"""Imagery from rasters: one mosaic of any files that GDAL opens, read window by window."""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.errors import RasterioError

from socioseg.build.imagery.rasterfile import (
    REMOTE,
    RasterFile,
    describe,
    gdal_env,
    open_raster,
    raster_paths,
    reason,
)
from socioseg.build.imagery.rasterscale import Stretch, mosaic_stretch
from socioseg.build.imagery.rasterwarp import read_file
from socioseg.build.osm.geometry import to_degrees
from socioseg.errors import ImageryError, SampleError, UsageError
from socioseg.sample import ground_resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from socioseg.build.imagery.source import ImagerySource
    from socioseg.sample import Bounds, Window

OPEN_FILES = 64


@dataclass(frozen=True)
class RasterSource:
    """Rasters to use as imagery, as the user states them.

    `paths` are files, folders, patterns or https addresses; where files overlap the first wins,
    later ones fill where it has no data. `percentiles` become 0 and 255 in imagery of more than
    8 bits. A raster whose pixel is more than `max_coarseness` times the window's is refused; a
    window with a larger share than `max_invalid` of pixels without data is not made.
    """

    paths: tuple[str, ...]
    source: ImagerySource
    percentiles: tuple[float, float] = (2.0, 98.0)
    max_coarseness: float = 2.0
    max_invalid: float = 0.01


@dataclass(frozen=True)
class RasterInfo:
    """What was found out about a mosaic: plain values, enough to open it in another process.

    `files` are those that reach the region. `stretch` scales more than 8 bits; `notes` are
    sentences for the user.
    """

    source: ImagerySource
    files: tuple[RasterFile, ...]
    zoom: int
    max_invalid: float
    stretch: Stretch | None = None
    notes: tuple[str, ...] = ()

    @property
    def coverage(self) -> Bounds:
        """Extent of the files in EPSG:3857."""
        west, south, east, north = zip(*(file.bounds for file in self.files), strict=True)
        return min(west), min(south), max(east), max(north)


def check_raster(src: RasterSource, zoom: int, region: Bounds | None = None) -> RasterInfo:
    """Open every file once and decide whether and how it serves windows of `zoom`.

    Parameters
    ----------
    src
        The files and how to use them.
    zoom
        Web Mercator zoom of the windows.
    region
        Where windows will lie, in EPSG:3857; files that do not reach it are left out.

    Raises
    ------
    ImageryError
        If a file cannot be read, has no place on the ground or no usable bands, is too coarse
        for the zoom, or if none reaches the region.
    """
    with gdal_env():
        files = [describe(path) for path in raster_paths(src.paths)]
        used = tuple(file for file in files if region is None or _touch(file.bounds, region))
        if not used:
            raise ImageryError(_elsewhere(files, src.paths, region))
        for file in used:
            _check_resolution(file, zoom, src.max_coarseness)
        stretch = mosaic_stretch(used, src.percentiles)
    notes = (*_grey_notes(used), *_stretch_notes(stretch, src.percentiles))
    return RasterInfo(src.source, used, zoom, src.max_invalid, stretch, notes)


class RasterImagery:
    """A checked mosaic, opened in one process; files stay open between windows.

    Parameters
    ----------
    info
        What `check_raster` found.
    """

    def __init__(self, info: RasterInfo) -> None:
        self.source = info.source
        self._info = info
        self._open: OrderedDict[str, DatasetReader] = OrderedDict()

    @property
    def coverage(self) -> Bounds:
        """Extent of the mosaic in EPSG:3857 (xmin, ymin, xmax, ymax)."""
        return self._info.coverage

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Pixels of `window`: (size, size, 3), RGB; black where there are none.

        Raises
        ------
        UsageError
            If the window is of another zoom than was checked.
        SampleError
            `no_imagery` if too many pixels are invalid, `blank_imagery` if all are alike,
            `corrupt_raster` or, of a file on the network, `http_error` if it cannot be read here.
        """
        if window.zoom != self._info.zoom:
            raise UsageError(
                f"imagery checked for zoom {self._info.zoom} has no windows of zoom {window.zoom}"
            )
        pixels = np.zeros((3, window.size, window.size), np.uint8)
        missing = np.ones((window.size, window.size), np.bool_)
        with gdal_env():
            for found, valid in self._layers(window):
                np.copyto(pixels, found, where=missing & valid)
                missing &= ~valid
                if not missing.any():
                    break
        self._check(pixels, missing)
        return np.ascontiguousarray(np.moveaxis(pixels, 0, -1))

    def close(self) -> None:
        """Close the files."""
        while self._open:
            self._open.popitem()[1].close()

    def _layers(self, window: Window) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.bool_]]]:
        """Pixels and validity from each file that reaches the window, the first file first."""
        for file in self._info.files:
            if not _touch(file.bounds, window.bounds):
                continue
            try:
                layer = read_file(self._dataset(file.path), file, window, self._info.stretch)
            except (RasterioError, ImageryError) as error:
                word = "http_error" if file.path.startswith(REMOTE) else "corrupt_raster"
                raise SampleError(word, f"{file.path}: {reason(error)}") from error
            if layer is not None:
                yield layer

    def _dataset(self, path: str) -> DatasetReader:
        """Open a file, or find it open; the one unused for the longest time makes room."""
        if path not in self._open:
            if len(self._open) >= OPEN_FILES:
                self._open.popitem(last=False)[1].close()
            self._open[path] = open_raster(path)
        self._open.move_to_end(path)
        return self._open[path]

    def _check(self, pixels: NDArray[np.uint8], missing: NDArray[np.bool_]) -> None:
        share = float(missing.mean())
        if share > self._info.max_invalid:
            limit = self._info.max_invalid
            raise SampleError("no_imagery", f"{share:.1%} of the window has no data ({limit:.1%})")
        # Sparse first: few windows pass that without being blank.
        sparse = pixels[:, ::16, ::16]
        if _uniform(sparse) and _uniform(pixels):
            raise SampleError("blank_imagery", "every pixel has the same colour")


def _uniform(pixels: NDArray[np.uint8]) -> bool:
    return bool((pixels == pixels[:, :1, :1]).all())


def _touch(one: Bounds, other: Bounds) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _elsewhere(files: Sequence[RasterFile], paths: Sequence[str], region: Bounds | None) -> str:
    if not files or region is None:
        return "no imagery was named"
    return (
        f"imagery {', '.join(paths)} does not reach the region: {files[0].path} covers "
        f"{_degrees(files[0].bounds)} (west,south,east,north) and the region is "
        f"{_degrees(region)}; choose imagery of the region, or a region inside it"
    )


def _degrees(bounds: Bounds) -> str:
    return "{:.4f},{:.4f},{:.4f},{:.4f}".format(*to_degrees(shapely.box(*bounds)).bounds)


def _check_resolution(file: RasterFile, zoom: int, limit: float) -> None:
    window = ground_resolution(zoom)
    ratio = file.pixel / window
    if ratio <= limit:
        return
    fitting = zoom - math.ceil(math.log2(ratio / limit))
    ground = file.ground_pixel
    raise ImageryError(
        f"{file.path} is too coarse for zoom {zoom}: its pixels are {ground:.2f} m on the ground, "
        f"those of the windows {ground / ratio:.2f} m, and at most {limit:g} times as much is "
        f"allowed; build at zoom {fitting} or lower, or finer imagery"
    )


def _grey_notes(files: Sequence[RasterFile]) -> Iterator[str]:
    grey = [file.path for file in files if file.bands.grey]
    if grey:
        count = "1 raster has" if len(grey) == 1 else f"{len(grey)} rasters have"
        yield f"{count} one band, shown in grey: {grey[0]}"


def _stretch_notes(stretch: Stretch | None, percentiles: tuple[float, float]) -> Iterator[str]:
    if stretch is not None:
        low, high = percentiles
        spans = ", ".join(
            f"{name} {first:g} to {last:g}"
            for name, first, last in zip(
                ("red", "green", "blue"), stretch.low, stretch.high, strict=True
            )
        )
        yield f"values scaled to 8 bits between the percentiles {low:g} and {high:g}: {spans}"
