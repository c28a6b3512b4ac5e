"""The digital map beside the satellite image: from a file, drawn from OSM data, or none."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Protocol

import numpy as np
import shapely
from affine import Affine
from pyproj import Transformer
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.vrt import WarpedVRT
from rasterio.windows import Window as RasterWindow

from socioseg.build.imagery.rasterfile import contents, gdal_env, open_raster, reason
from socioseg.build.imagery.rasterscale import mosaic_stretch
from socioseg.build.map.draw import BUFFER, MapDrawer
from socioseg.build.osm.geometry import to_degrees
from socioseg.build.osm.read import read_osm
from socioseg.errors import ImageryError
from socioseg.predict.grid import Grid
from socioseg.predict.raster import PERCENTILES, Named, is_placed, one_raster
from socioseg.sample import ground_resolution

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.build.map.scene import MapOptions
    from socioseg.predict.grid import Square
    from socioseg.predict.mercator import MercatorSat

log = logging.getLogger(__name__)
WHITE = 255
OSM_ATTRIBUTION = "© OpenStreetMap contributors, ODbL 1.0"
_PLANE = CRS.from_epsg(3857)
"""Stands for the CRS of two pictures that have none: both lie in the same plane."""
_WHOLE = 0.99
"""A map that covers this share of the imagery covers it."""
_PARTS = 32
"""Into so many parts a side is cut before it is carried to another CRS."""


class MapImage(Protocol):
    """The digital map of the ground that a satellite image shows.

    Attributes
    ----------
    name
        Of the file that it is from; empty for none.
    attribution
        What must stand where something derived from it is shown.
    """

    name: str
    attribution: str

    def read(self, square: Square) -> NDArray[np.uint8]:
        """Map of `square` of the satellite image's grid: (size, size, 3) RGB, white for nothing."""
        ...


class BlankMap:
    """No map: white paper."""

    name = attribution = ""

    def read(self, square: Square) -> NDArray[np.uint8]:
        """White; see `MapImage.read`."""
        return np.full((square.size, square.size, 3), WHITE, np.uint8)


class MapFile:
    """A map image of any size and CRS, warped onto the satellite image's grid.

    Parameters
    ----------
    name
        A file or an https address. One without a place on the ground is taken to show what the
        satellite image shows, border to border.
    grid, native
        The grid that squares lie on, and the satellite image's own one.

    Raises
    ------
    ImageryError
        If it cannot be read, or shows another place.
    """

    attribution = ""

    def __init__(self, name: str, grid: Grid, native: Grid) -> None:
        path = one_raster(name)
        self.name = path.rpartition("/")[2]
        with gdal_env():
            src = open_raster(path)
            found = contents(src)
            self._bands = list(found.bands)
            self._stretch = mosaic_stretch([Named(path, *found)], PERCENTILES)
            own = _spread(native, *found.size)
            if is_placed(src):
                own = Grid(src.crs, src.transform, *found.size)
            elif native.crs is not None:
                log.info("%s has no place on the ground: taken for that of --sat", self.name)
            self._check_place(own, grid)
            self._vrt = WarpedVRT(
                src,
                src_crs=own.crs or _PLANE,
                src_transform=own.transform,
                crs=grid.crs or _PLANE,
                transform=grid.transform,
                width=grid.width,
                height=grid.height,
                resampling=Resampling.cubic,
                tolerance=0.01,  # of a pixel
                add_alpha=not found.masked,
            )

    def read(self, square: Square) -> NDArray[np.uint8]:
        """Map of `square`; see `MapImage.read`."""
        rows = slice(max(0, square.row), min(self._vrt.height, square.row + square.size))
        columns = slice(max(0, square.column), min(self._vrt.width, square.column + square.size))
        area = RasterWindow.from_slices(rows, columns)
        try:
            with gdal_env():
                values = self._vrt.read(self._bands, window=area)
                valid = self._vrt.dataset_mask(window=area) >= 128
        except RasterioError as error:
            raise ImageryError(
                f"{self.name} cannot be read ({reason(error)}): it may be damaged; fetch it again"
            ) from error
        scaled = values if self._stretch is None else self._stretch.apply(values)
        pixels = np.full((square.size, square.size, 3), WHITE, np.uint8)
        part = pixels[
            rows.start - square.row : rows.stop - square.row,
            columns.start - square.column : columns.stop - square.column,
        ]
        np.copyto(part, np.moveaxis(scaled, 0, -1), where=valid[..., None])
        return pixels

    def _check_place(self, own: Grid, grid: Grid) -> None:
        if grid.crs is None:
            if own.crs is not None:
                raise ImageryError(
                    f"{self.name} has a place on the ground and the satellite image has none: "
                    "give both georeferenced, or neither"
                )
            return
        share = _covered(own, grid)
        if share <= 0:
            raise ImageryError(
                f"{self.name} shows another place than the satellite image: give the map of the "
                "same ground"
            )
        if share < _WHOLE:
            text = "%s covers %.0f %% of the imagery; elsewhere the map is blank"
            log.warning(text, self.name, 100 * share)


class DrawnMap:
    """The map as datasets have it, drawn from OSM data.

    Parameters
    ----------
    osm
        As `read_osm` takes it.
    options
        Style, language, buildings or none.
    sat
        The satellite image whose ground it is of.
    cache
        Folder for answers of Overpass.

    Raises
    ------
    OsmError, RegionError, ServiceError, UsageError
        As `read_osm` and `MapDrawer`.
    """

    attribution = OSM_ATTRIBUTION

    def __init__(self, osm: str, options: MapOptions, sat: MercatorSat, cache: Path) -> None:
        self.name = osm.partition("|")[0].rpartition("/")[2]
        ground = to_degrees(shapely.box(*sat.grid.bounds))
        margin = BUFFER * ground_resolution(sat.zoom)
        data = read_osm(osm, ground, margin=margin, cache=cache)
        for note in data.notes:
            log.info(note)
        self._drawer, self._sat = MapDrawer(data, options), sat

    def read(self, square: Square) -> NDArray[np.uint8]:
        """Draw the map of `square`; see `MapImage.read`."""
        return self._drawer.draw(self._sat.window(square))


def _spread(native: Grid, width: int, height: int) -> Grid:
    """Grid of a picture of `width` x `height` pixels with the corners of `native`."""
    scale = Affine.scale(native.width / width, native.height / height)
    return Grid(native.crs, native.transform @ scale, width, height)


def _covered(own: Grid, grid: Grid) -> float:
    """Share of `grid` that `own` covers."""
    to_grid = Transformer.from_crs(own.crs, grid.crs, always_xy=True)

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return grid.to_pixels(np.column_stack(to_grid.transform(*own.to_crs(points).T)))

    edge = shapely.box(0, 0, own.width, own.height)
    edge = shapely.transform(shapely.segmentize(edge, max(own.width, own.height) / _PARTS), place)
    if not np.isfinite(shapely.get_coordinates(edge)).all():
        return 0.0
    shown = shapely.box(0, 0, grid.width, grid.height)
    return float(shapely.make_valid(edge).intersection(shown).area / shown.area)
