"""Outlines of roofs in dots, each with the frame along its longest side."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely import Polygon

    from socioseg.city.paint.canvas import Canvas


class Outline(NamedTuple):
    """A roof's polygon, its corners in dots (closed ring; x right, y down), and their frame.

    `centre` is the frame's middle, `ahead` and `across` its directions, `length` and `width` its
    size in dots, `angle` that of `ahead` in radians.
    """

    polygon: Polygon
    points: NDArray[np.float64]
    centre: NDArray[np.float64]
    ahead: NDArray[np.float64]
    across: NDArray[np.float64]
    length: float
    width: float
    angle: float

    def place(self, local: NDArray[np.float64]) -> NDArray[np.float64]:
        """Dots of points (n, 2) given along and across, from the centre."""
        placed: NDArray[np.float64] = self.centre + local @ np.stack([self.ahead, self.across])
        return placed


def outlines(canvas: Canvas, polygons: Sequence[Polygon]) -> list[Outline]:
    """Lay frames around polygons: along the longest edge or across it, the long side ahead."""
    if not polygons:
        return []
    rings = shapely.get_exterior_ring(np.array(polygons, dtype=object))
    coords, index = shapely.get_coordinates(rings, return_index=True)
    dots = canvas.dots(coords)
    starts = np.searchsorted(index, np.arange(len(polygons)))
    ahead = _longest(dots, index, starts)
    across = np.stack([-ahead[:, 1], ahead[:, 0]], axis=-1)
    local = np.stack([(dots * one[index]).sum(axis=1) for one in (ahead, across)], axis=-1)
    low, high = np.minimum.reduceat(local, starts), np.maximum.reduceat(local, starts)
    middle, size = (low + high) / 2, high - low
    centre = middle[:, :1] * ahead + middle[:, 1:] * across
    turned = size[:, 0] < size[:, 1]
    ahead[turned], across[turned] = across[turned], -ahead[turned]
    size[turned] = size[turned][:, ::-1]
    angle = np.arctan2(ahead[:, 1], ahead[:, 0]).tolist()
    parts = np.split(dots, starts[1:])
    rows = zip(polygons, parts, centre, ahead, across, *size.T.tolist(), angle, strict=True)
    return [Outline(*row) for row in rows]


def _longest(
    dots: NDArray[np.float64], index: NDArray[np.int64], starts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Direction (n, 2) of the longest edge of each ring; the first of edges of one length."""
    steps = np.diff(dots, axis=0, append=dots[-1:])
    sizes = np.hypot(steps[:, 0], steps[:, 1])
    sizes[starts[1:] - 1] = 0  # from one ring to the next
    order = np.lexsort((-np.arange(len(sizes)), np.round(sizes, 1), index))
    last = order[np.append(starts[1:], len(order)) - 1]
    longest: NDArray[np.float64] = steps[last] / np.maximum(sizes[last], 1e-6)[:, None]
    longest[sizes[last] < 1e-6] = (1.0, 0.0)
    return longest


def clip(
    points: NDArray[np.float64],
    centre: NDArray[np.float64],
    normal: NDArray[np.float64],
    least: float,
) -> NDArray[np.float64]:
    """Keep the part of a ring where (point - centre) . normal >= least (Sutherland-Hodgman)."""
    if len(points) < 3:
        return points
    depth = ((points - centre) @ normal - least).tolist()
    ring = points.tolist()
    kept: list[tuple[float, float]] = []
    for i in range(len(ring) - 1):
        (x0, y0), (x1, y1), a, b = ring[i], ring[i + 1], depth[i], depth[i + 1]
        if a >= 0:
            kept.append((x0, y0))
        if (a >= 0) != (b >= 0):
            t = a / (a - b)
            kept.append((x0 + t * (x1 - x0), y0 + t * (y1 - y0)))
    return np.array([*kept, kept[0]]) if len(kept) > 2 else np.empty((0, 2))


def band(
    roof: Outline, normal: NDArray[np.float64], low: float, high: float
) -> NDArray[np.float64]:
    """Keep the part of a roof between two distances from its centre along `normal`."""
    part = clip(roof.points, roof.centre, normal, low)
    return clip(part, roof.centre, -normal, -high)
