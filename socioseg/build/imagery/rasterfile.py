"""Raster files: from what the user names to opened GDAL datasets with checked facts."""

from __future__ import annotations

import glob
import math
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import rasterio
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.errors import CRSError, NotGeoreferencedWarning, RasterioError
from rasterio.warp import transform
from rasterio.windows import Window as RasterWindow

from socioseg import __version__
from socioseg.build.imagery.rasterbands import Bands, rgb_bands
from socioseg.build.imagery.rastersize import check_size
from socioseg.errors import ImageryError
from socioseg.files import is_there
from socioseg.sample import CRS, EARTH_RADIUS, ORIGIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from socioseg.sample import Bounds

WEB_MERCATOR = rasterio.CRS.from_string(CRS)
SUFFIXES = (".tif", ".tiff", ".jp2", ".vrt", ".img", ".png", ".jpg", ".jpeg")
REMOTE = ("/vsicurl/", "/vsis3/", "/vsigs/", "/vsiaz/")
GDAL_OPTIONS = {
    "GDAL_ERROR_ON_LIBJPEG_WARNING": "TRUE",  # a damaged JPEG would come out as grey blocks
    "GDAL_CACHEMAX": 128 << 20,  # bytes; the default, 5 % of memory, is much for many processes
    "GDAL_HTTP_CONNECTTIMEOUT": "10",
    "GDAL_HTTP_TIMEOUT": "60",
    "GDAL_HTTP_MAX_RETRY": "4",
    "GDAL_HTTP_RETRY_DELAY": "1",
    "GDAL_HTTP_USERAGENT": f"socioseg/{__version__}",
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
    "VSI_CACHE": "YES",
}
EDGE_POINTS = 21  # along each side of an outline that is carried from one CRS to another


class Contents(NamedTuple):
    """What a raster holds: bands, their type, columns and rows, whether pixels may be invalid."""

    bands: Bands
    dtype: str
    size: tuple[int, int]
    masked: bool


@dataclass(frozen=True)
class RasterFile:
    """One file of a mosaic; plain values.

    `bounds` and `pixel` (the longer side of a pixel, at the raster's centre) are in EPSG:3857
    units; `masked` tells that some pixels may be invalid (alpha, mask or nodata).
    """

    path: str
    bounds: Bounds
    pixel: float
    bands: Bands
    dtype: str
    size: tuple[int, int]
    masked: bool

    @property
    def ground_pixel(self) -> float:
        """Metres on the ground of a pixel, at the middle of the raster."""
        _, south, _, north = self.bounds
        return self.pixel / math.cosh((south + north) / 2 / EARTH_RADIUS)


def raster_paths(named: Iterable[str]) -> tuple[str, ...]:
    """Files behind names: files as they are, folders and globs sorted, addresses untouched.

    Raises
    ------
    ImageryError
        If a name stands for no file.
    """
    paths: list[str] = []
    for name in named:
        if name.startswith(("https://", "http://")):
            name = f"/vsicurl/{name}"  # noqa: PLW2901 - GDAL's own name for it
        found = [name] if name.startswith("/vsi") else _local_paths(name)
        if not found:
            raise ImageryError(
                f"no imagery at {name}: name a raster file, a folder or pattern of rasters "
                f"({', '.join(SUFFIXES)}) or an https address"
            )
        paths += found
    return tuple(dict.fromkeys(paths))


def _local_paths(name: str) -> list[str]:
    path = Path(name).expanduser()
    if not is_there(path):
        return sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - absolute patterns too
    if path.is_dir():
        return sorted(str(file) for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
    return [str(path)]


def gdal_env() -> rasterio.Env:
    """Cache size, time-outs and retries under which every raster is opened and read."""
    return rasterio.Env(**GDAL_OPTIONS)


def open_raster(path: str) -> DatasetReader:
    """Open a raster; one with a colour table is opened with its colours (R, G, B, alpha).

    Raises
    ------
    ImageryError
        If GDAL cannot open it.
    """
    # A listing of a remote folder is slow or refused; beside a local file lie .aux.xml files.
    listing = "EMPTY_DIR" if path.startswith(REMOTE) else "FALSE"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotGeoreferencedWarning)  # refused below, with a sentence
        try:
            with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN=listing):
                src = rasterio.open(path)
                if ColorInterp.palette in src.colorinterp:
                    src.close()
                    src = rasterio.open(f"vrt://{path}?expand=rgba")
        except RasterioError as error:
            raise ImageryError(
                f"cannot open {path.removeprefix('/vsicurl/')} as a raster: {reason(error)}"
            ) from error
    return src


def describe(path: str) -> RasterFile:
    """Open a raster once and state what reading windows from it needs.

    Raises
    ------
    ImageryError
        If it cannot be read, has no CRS or transform, or no usable bands, or is unwieldy.
    """
    with open_raster(path) as src:
        _check_georeference(src)
        found = contents(src)
        bounds, pixel = _extent(src)
        return RasterFile(path, bounds, pixel, *found)


def contents(src: DatasetReader) -> Contents:
    """What an opened raster holds, wherever it lies.

    Raises
    ------
    ImageryError
        If it has no usable bands, is unwieldy, or is damaged.
    """
    check_size(src)
    bands = rgb_bands(src)
    dtypes = {src.dtypes[band - 1] for band in bands}
    if len(dtypes) > 1 or any(name.startswith("complex") for name in dtypes):
        raise ImageryError(f"{src.name} has bands of types {', '.join(sorted(dtypes))}, not of one")
    _probe(src)
    masked = any(flags != [MaskFlags.all_valid] for flags in src.mask_flag_enums)
    return Contents(bands, dtypes.pop(), (src.width, src.height), masked)


def outline(west: float, south: float, east: float, north: float) -> NDArray[np.float64]:
    """Points (2, n) along the four sides of a box; the first four are NW, NE, SE, SW."""
    x, y = np.linspace(west, east, EDGE_POINTS), np.linspace(north, south, EDGE_POINTS)
    corners = [[west, east, east, west], [north, north, south, south]]
    sides = [[*x, *x, *np.full_like(y, west), *np.full_like(y, east)]]
    sides += [[*np.full_like(x, north), *np.full_like(x, south), *y, *y]]
    return np.concatenate([np.array(corners), np.array(sides)], axis=1)


def reason(error: BaseException) -> str:
    """First cause of an error of GDAL, in one line: what is raised often only points at it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split()).rstrip(".")


def _check_georeference(src: DatasetReader) -> None:
    if src.gcps[0]:
        raise ImageryError(
            f"{src.name} is placed by ground control points only; warp it by them with gdalwarp"
        )
    if src.crs is None:
        raise ImageryError(
            f"{src.name} has no coordinate reference system; state it with "
            "gdal_edit.py -a_srs EPSG:code, or keep its .aux.xml or world file beside it"
        )
    if src.transform.is_identity or src.transform.determinant == 0:
        raise ImageryError(
            f"{src.name} does not say where its pixels lie on the ground; keep its world file "
            "beside it"
        )


def _probe(src: DatasetReader) -> None:
    """Read the last pixel: a truncated file lacks it."""
    window = RasterWindow(src.width - 1, src.height - 1, 1, 1)
    try:
        src.read(list(dict.fromkeys(rgb_bands(src))), window=window)
    except RasterioError as error:
        raise ImageryError(
            f"{src.name} is damaged or truncated ({reason(error)}); fetch it again"
        ) from error


def _extent(src: DatasetReader) -> tuple[Bounds, float]:
    """Bounds of the raster and length of its pixel, both in EPSG:3857 units."""
    to_ground = src.transform
    edge = to_ground @ outline(0, src.height, src.width, 0)
    column, row = src.width / 2, src.height / 2
    centre = to_ground @ np.array([[column, column + 1, column], [row, row, row + 1]])
    try:
        edge_x, edge_y = _to_mercator(src, edge)
        x, y = _to_mercator(src, centre)
    except CRSError as error:
        raise ImageryError(
            f"the CRS of {src.name} has no way to Web Mercator ({reason(error)}); "
            "warp it with gdalwarp"
        ) from error
    pixel = float(np.hypot(x[1:] - x[0], y[1:] - y[0]).max())
    bounds = tuple(
        float(np.clip(side, -ORIGIN, ORIGIN))
        for side in (edge_x.min(), edge_y.min(), edge_x.max(), edge_y.max())
    )
    west, south, east, north = bounds
    if not math.isfinite(west + south + east + north + pixel):
        raise ImageryError(f"{src.name} lies outside of what Web Mercator shows (85.05 degrees)")
    return (west, south, east, north), pixel


def _to_mercator(src: DatasetReader, points: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.array(transform(src.crs, WEB_MERCATOR, points[0], points[1]))
