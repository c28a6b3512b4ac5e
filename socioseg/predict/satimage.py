"""The satellite image: which raster, on which grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.build.imagery.rasterfile import contents, gdal_env, open_raster
from socioseg.build.imagery.rasterscale import mosaic_stretch
from socioseg.errors import UsageError
from socioseg.predict.mercator import MercatorSat
from socioseg.predict.native import NativeSat
from socioseg.predict.raster import PERCENTILES, Named, is_placed, one_raster

if TYPE_CHECKING:
    from socioseg.predict.raster import Sat


def open_sat(
    name: str, *, gsd: float | None = None, zoom: int | None = None, mercator: bool = False
) -> Sat:
    """Open a satellite image.

    Parameters
    ----------
    name
        A file or an https address.
    gsd
        Metres on the ground of the pixels to work on; the raster's own pixels by default.
    zoom
        Web Mercator zoom of the pixels to work on, in place of the raster's own grid.
    mercator
        Whether a Web Mercator grid is wanted, of the zoom nearest to the raster's pixels if
        `zoom` does not say.

    Raises
    ------
    ImageryError
        If it cannot be read, has no usable bands, or is too coarse.
    UsageError
        If it has no place on the ground and the options need one, or they exclude each other.
    """
    path = one_raster(name)
    if gsd is not None and (mercator or zoom is not None):
        raise UsageError("--gsd is of the raster's own grid: with --osm or --zoom leave it out.")
    with gdal_env(), open_raster(path) as src:
        placed = is_placed(src)
        found = contents(src)
    if not placed and (gsd is not None or mercator or zoom is not None):
        raise UsageError(
            f"{name} has no place on the ground, which --gsd, --zoom and --osm need: give a "
            "georeferenced raster."
        )
    with gdal_env():
        stretch = mosaic_stretch([Named(path, *found)], PERCENTILES)
    if mercator or zoom is not None:
        return MercatorSat(path, found, stretch, zoom)
    return NativeSat(path, found, stretch, gsd)
