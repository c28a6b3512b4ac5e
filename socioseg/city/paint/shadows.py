"""Shadows: heights on a grid, marched away from the sun."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from socioseg.city.paint.canvas import Canvas, stretch
from socioseg.sample import ground_resolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.city.paint.buildings import Building
    from socioseg.city.paint.canvas import View
    from socioseg.city.paint.trees import Trees
    from socioseg.city.paint.ways import Line

EAST, SOUTH = 0.50, 0.60
"""Metres to the east and to the south from a point to what shades it, per metre of its height."""
REACH = 120.0
"""EPSG:3857 units up to which a shadow falls, in x and in y."""
STEP = 0.5
"""Metres of one level of the height grid (one byte)."""
BRIDGE, TREE = 5.5, 6.0
"""Heights in metres."""


def highest(buildings: Sequence[Building], view: View) -> float:
    """Metres of the highest roof, cut so that its shadow stays within `REACH`."""
    top = max((one.height for one in buildings), default=0.0)
    _, south, _, north = view.bounds
    return min(max(top, TREE), REACH / SOUTH / stretch((south + north) / 2), 255 * STEP)


def cast(
    view: View,
    buildings: Sequence[Building],
    bridges: Sequence[Line],
    trees: Trees,
) -> NDArray[np.float32]:
    """How much of each pixel of `view` lies in shadow: (height, width), 0 to 1.

    A pixel is shaded where what stands in
    the direction of the sun rises above the ray to it; the running maximum doubles its stride, so
    that the cost grows with the logarithm of the shadow's length.
    """
    top = highest(buildings, view)
    metre = view.metre / view.fine
    east, south = (math.ceil(top * share * metre) + 2 for share in (EAST, SOUTH))
    wide = view._replace(fine=1).grown(1, 1, east, south)
    canvas = Canvas(wide, "L")
    for line in bridges:
        path = canvas.dots(np.asarray(line.feature.geometry.coords))
        canvas.stroke(path, line.way.width, round(BRIDGE / STEP))
    radii = trees.radii
    levels = np.rint(1.8 * radii / STEP).astype(np.int64).tolist()
    canvas.discs(canvas.dots(trees.places), radii, levels)
    levels = [max(1, min(255, round(min(one.height, top) / STEP))) for one in buildings]
    canvas.fills([one.feature.geometry for one in buildings], levels)
    heights = np.asarray(canvas.image).astype(np.float32) * STEP
    return _soft(_shaded(heights, metre, max(east, south)))[: view.height, : view.width]


def _shaded(heights: NDArray[np.float32], metre: float, reach: int) -> NDArray[np.float32]:
    """Share of shadow of each pixel of a height grid, `metre` pixels a metre."""
    slope = math.hypot(EAST, SOUTH)
    fall = 1 / (metre * slope)  # metres that a ray sinks per pixel
    dx, dy = EAST / slope, SOUTH / slope
    ray = heights.copy()
    ray -= fall * 0.5
    stride = 1
    while stride <= reach * 1.3:
        right, down = round(stride * dx), round(stride * dy)
        if down < ray.shape[0] and right < ray.shape[1]:
            part = ray[: ray.shape[0] - down, : ray.shape[1] - right]
            np.maximum(part, ray[down:, right:] - fall * stride, out=part)
        stride *= 2
    shade: NDArray[np.float32] = np.clip((ray - heights) / max(fall, 0.4), 0, 1)
    return shade


def _soft(shade: NDArray[np.float32]) -> NDArray[np.float32]:
    """Blur over 3 x 3 pixels and drop the outer ones."""
    rows = shade[:-2] + 2 * shade[1:-1] + shade[2:]
    soft: NDArray[np.float32] = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    return soft


def sun_pixels(view: View, height: float) -> tuple[int, int]:
    """Pixels to the right and down from the shadow of a thing of `height` metres to the thing."""
    metre = stretch((view.bounds[1] + view.bounds[3]) / 2) / ground_resolution(view.zoom)
    return round(EAST * height * metre), round(SOUTH * height * metre)
