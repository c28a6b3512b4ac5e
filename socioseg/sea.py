"""The sea in a window, out of OSM's coastlines: land is on their left, water on their right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Bounds

_ASIDE = 0.05
"""How far from a coast (EPSG:3857 metres) it is asked which side is which."""


def sea_within(coastlines: Sequence[Any], bounds: Bounds) -> list[Any]:
    """Polygons of the sea inside `bounds` (EPSG:3857).

    A coast that ends inside has the same water on both its sides: none is drawn there. Without
    any coast in `bounds` there is no telling, and no sea.
    """
    clipped = shapely.clip_by_rect(np.array(coastlines, dtype=object), *bounds)
    coasts = [part for part in shapely.get_parts(clipped) if part.geom_type == "LineString"]
    if not coasts:
        return []
    edges = shapely.union_all([shapely.box(*bounds).exterior, *coasts])
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(edges)))
    left, right = _sides(coasts)
    wet = _votes(faces, right) > _votes(faces, left)
    return list(faces[wet])


def _sides(coasts: Sequence[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Points just left and just right of the middle of every segment."""
    points, line = shapely.get_coordinates(coasts, return_index=True)
    joined = np.flatnonzero(line[1:] == line[:-1])
    start, along = points[joined], points[joined + 1] - points[joined]
    length = np.hypot(*along.T)[:, None]
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.maximum(length, 1e-9)
    middle = start + along / 2
    return shapely.points(middle + _ASIDE * normal), shapely.points(middle - _ASIDE * normal)


def _votes(faces: NDArray[Any], points: NDArray[Any]) -> NDArray[np.intp]:
    """How many of `points` lie in each face."""
    _, inside = shapely.STRtree(faces).query(points, predicate="within")
    return np.bincount(inside, minlength=len(faces))
