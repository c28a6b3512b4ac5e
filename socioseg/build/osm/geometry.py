"""Geometry of OSM data on its way to features: degrees to Web Mercator, repair, selection."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from socioseg.sample import EARTH_RADIUS, ORIGIN

if TYPE_CHECKING:
    from collections import Counter

    from numpy.typing import NDArray

    from socioseg.sample import Bounds

MAX_LATITUDE = math.degrees(math.atan(math.sinh(math.pi)))
"""Northern edge of Web Mercator's square: 85.0511 degrees."""

MAX_CHANGE = 0.1
"""Share of its area by which a repair may change a polygon."""

Geometry = Any
"""A shapely geometry, or an array of them."""
Geometries = Any
"""A numpy array of shapely geometries."""


def to_mercator(geometry: Geometry) -> Geometry:
    """Project degrees (x: longitude, y: latitude) to EPSG:3857, latitudes held to its square."""
    return shapely.transform(geometry, _project)


def to_degrees(geometry: Geometry) -> Geometry:
    """Take EPSG:3857 back to degrees."""
    return shapely.transform(geometry, _unproject)


def grown(polygon: Geometry, margin: float) -> Geometry:
    """Polygon in degrees, wider by about `margin` EPSG:3857 units, with few corners."""
    if margin <= 0:
        return polygon
    wide = shapely.buffer(to_mercator(polygon), margin, quad_segs=2)
    return to_degrees(shapely.simplify(wide, margin / 8))


def _project(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    latitude = np.radians(np.clip(lonlat[:, 1], -MAX_LATITUDE, MAX_LATITUDE))
    return np.column_stack(
        [lonlat[:, 0] * (ORIGIN / 180), EARTH_RADIUS * np.arcsinh(np.tan(latitude))]
    )


def _unproject(xy: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.column_stack(
        [xy[:, 0] * (180 / ORIGIN), np.degrees(np.arctan(np.sinh(xy[:, 1] / EARTH_RADIUS)))]
    )


def repair_polygons(geometries: Geometries, counts: Counter[str]) -> Geometries:
    """Make an array of polygonal geometries valid; None where it cannot be told what was meant.

    Adds to `counts`: `repaired_geometry` and `bad_geometry`.
    """
    bad = ~shapely.is_valid(geometries)
    repaired = [_repaired(geometry) for geometry in geometries[bad]]
    counts["bad_geometry"] += sum(g is None for g in repaired)
    counts["repaired_geometry"] += sum(g is not None for g in repaired)
    result = geometries.copy()
    result[bad] = repaired
    return simplest(result)


def _repaired(geometry: Geometry) -> Geometry | None:
    """Return a polygon without its slips; None where it changes more than `MAX_CHANGE`.

    Crossing rings have a signed area: a bow tie's lobes cancel out, a part that is wound round
    twice counts twice. Where the valid polygon has nearly the same area, only a slip was mended.
    """
    valid = polygonal_part(shapely.make_valid(geometry))
    area = shapely.area(geometry)
    return valid if valid and abs(shapely.area(valid) - area) <= MAX_CHANGE * area else None


def polygonal_part(geometry: Geometry) -> Geometry | None:
    """Return the polygons of a geometry as one geometry; None where it has none."""
    parts = shapely.get_parts(shapely.get_parts(geometry))
    polygons = [part for part in parts if part.geom_type == "Polygon" and not part.is_empty]
    return shapely.union_all(polygons) if polygons else None


def simplest(geometries: Geometries) -> Geometries:
    """Put its only part in place of a multi-part geometry of one part."""
    result = geometries.copy()
    single = shapely.get_num_geometries(geometries) == 1
    result[single] = shapely.get_geometry(geometries[single], 0)
    return result


def meeting(geometries: Geometries, bounds: Bounds | None) -> NDArray[np.bool_]:
    """Mask of the geometries that meet the rectangle `bounds`; all where it is None."""
    if bounds is None:
        return np.ones(len(geometries), dtype=bool)
    box = shapely.box(*bounds)
    shapely.prepare(box)
    return np.asarray(shapely.intersects(box, geometries), dtype=bool)
