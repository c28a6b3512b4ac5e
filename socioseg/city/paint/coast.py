"""Where the painter's sea is: OSM draws no water there, only coastlines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from socioseg.sea import sea_within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from socioseg.city.paint.canvas import View
    from socioseg.features import Feature

REACH = 5000.0
"""EPSG:3857 units: where no coast is as near as that, there is no sea."""
_CELL = 64
"""Pixels of a cell's side; within the reach of any window's data, so that its coasts are whole."""


class Coast:
    """Tells sea from land cell by cell: by the coasts in a cell, or else by the nearest one."""

    def __init__(self, lines: Iterable[Feature]) -> None:
        coasts = [one.geometry for one in lines if one.tags.get("natural") == "coastline"]
        self._coasts = np.array(coasts, dtype=object)
        self._tree = shapely.STRtree(self._coasts)
        self._starts, self._along = _legs(self._coasts)
        ends = np.stack([self._starts, self._starts + self._along], axis=1)
        self._legs = shapely.STRtree(np.asarray(shapely.linestrings(ends), dtype=object))

    def sea(self, view: View) -> list[Any]:
        """Polygons (EPSG:3857) of the sea in `view`."""
        place = shapely.box(*view.bounds)
        if not len(self._tree.query(place, predicate="dwithin", distance=REACH)):
            return []
        cells = _cells(view)
        wet = self._right_of_coast(shapely.centroid(cells))
        crossed, coast = self._tree.query(cells, predicate="intersects")
        wanted: list[Any] = []
        for i, cell in enumerate(cells):
            coasts = self._coasts[coast[crossed == i]].tolist()
            parts = sea_within(coasts, cell.bounds) if coasts else []
            wanted += parts or ([cell] if wet[i] else [])
        return wanted

    def _right_of_coast(self, points: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Whether each point is on the right of the piece of coast that is nearest to it.

        Where two pieces meet in the nearest spot, the mean of their normals decides (Baerentzen
        and Aanaes, Signed distance computation using the angle weighted pseudonormal, 2005).
        """
        i, leg = self._legs.query_nearest(points, max_distance=REACH)
        away = shapely.get_coordinates(points)[i] - self._starts[leg]
        along = self._along[leg]
        cross = along[:, 0] * away[:, 1] - along[:, 1] * away[:, 0]
        side = np.bincount(i, cross / np.hypot(along[:, 0], along[:, 1]), len(points))
        right: NDArray[np.bool_] = side < 0
        return right


def _legs(lines: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start and extent (n, 2) of each straight piece of lines."""
    coords, index = shapely.get_coordinates(lines, return_index=True)
    steps = np.diff(coords, axis=0)
    kept = (index[1:] == index[:-1]) & steps.any(axis=1)
    return coords[:-1][kept], steps[kept]


def _cells(view: View) -> NDArray[np.object_]:
    """Squares of `_CELL` pixels and less that cover `view`."""
    west, south, east, north = view.bounds
    xs = np.linspace(west, east, -(-view.width // _CELL) + 1)
    ys = np.linspace(south, north, -(-view.height // _CELL) + 1)
    left, low = (grid.ravel() for grid in np.meshgrid(xs[:-1], ys[:-1]))
    right, high = (grid.ravel() for grid in np.meshgrid(xs[1:], ys[1:]))
    cells: NDArray[np.object_] = shapely.box(left, low, right, high)
    return cells
