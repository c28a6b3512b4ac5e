"""Where the painter's sea is: OSM draws no water there, only coastlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from socioseg.sea import sea_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socioseg.features import Feature
    from socioseg.sample import Bounds

REACH = 5000.0
"""EPSG:3857 units: where no coast is as near as that, there is no sea."""
_BEYOND = 10.0
"""How much of the nearest coast is looked at, to tell its sides apart."""


class Coast:
    """Tells sea from land in any rectangle, by the coasts in it or else by the nearest one."""

    def __init__(self, lines: Iterable[Feature]) -> None:
        coasts = [one.geometry for one in lines if one.tags.get("natural") == "coastline"]
        self._coasts = np.array(coasts, dtype=object)
        self._tree = shapely.STRtree(self._coasts)

    def sea(self, bounds: Bounds) -> list[Any]:
        """Polygons of the sea that cover `bounds` (EPSG:3857) where it is wet.

        True sides make neighbours agree: a rectangle without a coast is grown until it has one,
        and where coasts are whole, a point has the same side in every rectangle.
        """
        place = shapely.box(*bounds)
        nearest = self._tree.query_nearest(place, max_distance=REACH)
        if not len(nearest):
            return []
        apart = shapely.distance(place, self._coasts[nearest[0]])
        wide = bounds if apart == 0 else _wider(bounds, float(apart) + _BEYOND)
        near = np.sort(self._tree.query(shapely.box(*wide)))
        return sea_within(self._coasts[near].tolist(), wide)


def _wider(bounds: Bounds, by: float) -> Bounds:
    west, south, east, north = bounds
    return (west - by, south - by, east + by, north + by)
