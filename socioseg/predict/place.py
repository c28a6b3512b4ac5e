"""From pixels to the ground: outlines in a CRS, valid there, and their area in square metres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from pyproj import Geod, Transformer

from socioseg.build.osm.geometry import polygonal_part
from socioseg.predict.grid import WGS84

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.predict.grid import Grid

PIXELS = "pixels, x to the right, y down"
"""Stands for the CRS where there is none."""
DIGITS = 9
"""Of degrees: a tenth of a millimetre."""
_LONGEST = 256.0
"""Pixels of an edge: a longer one is cut before it is carried to another CRS, where it bends."""


def placed(outline: Any, grid: Grid, crs: Any) -> Any:  # noqa: ANN401 - shapely's and pyproj's
    """`outline`, in pixels of `grid`, in `crs`; valid, its outer rings counterclockwise.

    Parameters
    ----------
    outline
        Polygon or MultiPolygon.
    crs
        WGS 84 (longitude, latitude, rounded to `DIGITS`), the grid's own CRS, or None for pixels.
    """
    if crs is None:
        return _turned(outline)
    if crs == grid.crs:
        return _turned(_valid(shapely.transform(outline, grid.to_crs)))
    to_crs = Transformer.from_crs(grid.crs, crs, always_xy=True)

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.round(np.column_stack(to_crs.transform(*grid.to_crs(points).T)), DIGITS)

    return _turned(_valid(shapely.transform(shapely.segmentize(outline, _LONGEST), place)))


def area_m2(outline: Any, grid: Grid) -> float | None:  # noqa: ANN401 - shapely's
    """Square metres on the WGS 84 ellipsoid of `outline`, in pixels; None without a place."""
    if grid.crs is None:
        return None
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(placed(outline, grid, WGS84))
    return round(abs(float(area)), 2)


def _turned(shape: Any) -> Any:  # noqa: ANN401 - shapely's
    return shapely.orient_polygons(shape)


def _valid(shape: Any) -> Any:  # noqa: ANN401 - shapely's
    """Mend what rounding has broken, if it has."""
    return shape if shape.is_valid else polygonal_part(shapely.make_valid(shape))
