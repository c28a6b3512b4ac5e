"""Rasters as predict takes them: any that GDAL opens, on a grid, read square by square."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from socioseg.build.imagery.rasterfile import (
    describe,
    raster_paths,
)
from socioseg.errors import ImageryError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rasterio.io import DatasetReader

    from socioseg.build.imagery.rasterbands import Bands
    from socioseg.predict.grid import Grid, Square

    Pixels = tuple[NDArray[np.uint8], NDArray[np.bool_]]
    """(rows, columns, 3) RGB, black where nothing is known, and (rows, columns): where it is."""

PERCENTILES = (2.0, 98.0)
"""Become 0 and 255 in imagery of more than 8 bits."""
MAX_ZOOM = 24
MAX_COARSENESS = 8
"""A raster's pixel may be so many times as long as the one asked for."""


class Sat(Protocol):
    """A satellite image on a grid.

    Attributes
    ----------
    name
        Of the file.
    grid
        On which squares lie.
    native
        The raster's own grid.
    """

    name: str
    grid: Grid
    native: Grid

    def read(self, square: Square) -> Pixels:
        """Pixels of `square`.

        Raises
        ------
        ImageryError
            If the file cannot be read there.
        """
        ...

    def overview(self, side: int) -> Pixels:
        """The whole image, shrunk so that neither side is above `side` pixels."""
        ...


class Named(NamedTuple):
    """A raster and what it holds: enough to sample it; see `Contents`."""

    path: str
    bands: Bands
    dtype: str
    size: tuple[int, int]
    masked: bool


def one_raster(name: str) -> str:
    """The one file, as GDAL calls it, that the user means by `name`.

    Raises
    ------
    ImageryError
        If there is none, or more than one.
    """
    paths = raster_paths((name,))
    if len(paths) != 1:
        raise ImageryError(
            f"{name} holds {len(paths)} rasters, not one: name one of them, or make one of all "
            "with gdalbuildvrt"
        )
    return paths[0]


def is_placed(src: DatasetReader) -> bool:
    """Whether the raster says where on the ground it lies.

    Raises
    ------
    ImageryError
        If it says so in part, or by ground control points only.
    """
    if src.crs is None and src.transform.is_identity and not src.gcps[0]:
        return False
    if src.crs is None or src.gcps[0] or src.transform.is_identity or not src.transform.determinant:
        describe(src.name)
    return True


def shrunk(shape: tuple[int, int], side: int) -> tuple[int, int]:
    """`shape` (rows, columns), made smaller in proportion until no side is above `side`."""
    ratio = max(1.0, max(shape) / side)
    rows, columns = (max(1, round(length / ratio)) for length in shape)
    return rows, columns


def check_coarseness(ratio: float, name: str) -> None:
    """Refuse the raster `name`, whose pixels are `ratio` times as long as those asked for.

    Raises
    ------
    ImageryError
        If that is too much.
    """
    if ratio > MAX_COARSENESS:
        raise ImageryError(
            f"{name} is too coarse: its pixels are {ratio:.0f} times as long as those asked for; "
            "choose a larger --gsd, a lower --zoom, or finer imagery"
        )
