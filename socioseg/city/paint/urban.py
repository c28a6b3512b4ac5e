"""How built-up the ground is around each pixel, from the buildings and streets near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from PIL import Image
from scipy.ndimage import correlate1d

from socioseg.sample import ground_resolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.city.paint.canvas import View
    from socioseg.features import Feature

REACH = 60.0
"""EPSG:3857 units up to which a building counts as near, in x and in y."""
CELLS = 8
"""Cells of the coarse grid within `REACH`."""


class Urban(NamedTuple):
    """Share of built ground near each pixel of a view (height, width), 0 to 1."""

    share: NDArray[np.float32]

    def at(self, dots: NDArray[np.float64], fine: int) -> NDArray[np.float32]:
        """Look the share up at dots (n, 2), `fine` dots a pixel; the nearest pixel outside."""
        height, width = self.share.shape
        columns = np.clip(dots[:, 0] / fine, 0, width - 1).astype(np.int64)
        rows = np.clip(dots[:, 1] / fine, 0, height - 1).astype(np.int64)
        return self.share[rows, columns]


class Density:
    """Built ground as points with a weight, to be summed around any view."""

    def __init__(self, buildings: Sequence[Feature], streets: Sequence[Feature]) -> None:
        shapes = np.array([f.geometry for f in buildings], dtype=object)
        centres = shapely.get_coordinates(shapely.centroid(shapes))
        starts, legs = _legs(np.array([f.geometry for f in streets], dtype=object))
        points = np.concatenate([centres, starts])
        weights = np.concatenate([shapely.area(shapes), 6.0 * legs])
        order = np.argsort(points[:, 0], kind="stable")
        self._points, self._weights = points[order], weights[order]

    def over(self, view: View) -> Urban:
        """Sum what is built around every pixel of `view`."""
        cell = max(1, round(REACH / CELLS / ground_resolution(view.zoom)))
        size = cell * ground_resolution(view.zoom)
        wide = _snapped(view, cell, CELLS)
        grid = self._grid(wide, cell, size)
        hat = 1 - np.abs(np.arange(1 - CELLS, CELLS)) / CELLS
        for axis in (0, 1):
            grid = correlate1d(grid, hat / hat.sum(), axis, mode="constant")
        picture = Image.fromarray(np.minimum(grid, 1.0).astype(np.float32))
        left, top = (view.left - wide.left) / cell, (view.top - wide.top) / cell
        box = (left, top, left + view.width / cell, top + view.height / cell)
        return Urban(
            np.asarray(picture.resize((view.width, view.height), Image.Resampling.BILINEAR, box))
        )

    def _grid(self, wide: View, cell: int, size: float) -> NDArray[np.float64]:
        west, south, east, north = wide.bounds
        first, last = np.searchsorted(self._points[:, 0], (west, east))
        x, y = self._points[first:last].T
        near = (y > south) & (y <= north)
        columns = ((x[near] - west) / size).astype(np.int64)
        rows = ((north - y[near]) / size).astype(np.int64)
        shape = (wide.height // cell, wide.width // cell)
        flat = np.minimum(rows, shape[0] - 1) * shape[1] + np.minimum(columns, shape[1] - 1)
        weights = self._weights[first:last][near]
        return np.bincount(flat, weights, shape[0] * shape[1]).reshape(shape) / size**2


def _snapped(view: View, cell: int, reach: int) -> View:
    """The view grown by `reach` cells and on, to whole cells of the global pixel grid."""
    left, top = (view.left // cell - reach - 1) * cell, (view.top // cell - reach - 1) * cell
    right = -(-(view.left + view.width) // cell) + reach + 1
    bottom = -(-(view.top + view.height) // cell) + reach + 1
    return view._replace(
        left=left, top=top, width=right * cell - left, height=bottom * cell - top, fine=1
    )


def _legs(lines: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Middle and length of each straight piece of lines."""
    coords, index = shapely.get_coordinates(lines, return_index=True)
    same = index[1:] == index[:-1]
    steps = np.diff(coords, axis=0)[same]
    return (coords[1:] + coords[:-1])[same] / 2, np.hypot(steps[:, 0], steps[:, 1])
