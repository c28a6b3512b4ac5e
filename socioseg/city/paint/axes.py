"""The own axes of a polygon: rows of cars, graves or lines of a pitch are laid along them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.city.paint.canvas import stretch

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    Many = NDArray[np.float64] | float


class Axes(NamedTuple):
    """The smallest rectangle around a polygon: centre (EPSG:3857), direction of its long side.

    `length` and `width` are metres on the ground, `unit` EPSG:3857 units of one such metre.
    """

    x: float
    y: float
    east: float
    north: float
    length: float
    width: float
    unit: float

    @property
    def turned(self) -> Axes:
        """The same rectangle seen along its short side."""
        return self._replace(
            east=-self.north, north=self.east, length=self.width, width=self.length
        )

    def place(self, local: NDArray[np.float64]) -> NDArray[np.float64]:
        """EPSG:3857 of points (..., 2) given in metres along and across, from the centre."""
        along, across = local[..., 0] * self.unit, local[..., 1] * self.unit
        return np.stack(
            [
                self.x + along * self.east - across * self.north,
                self.y + along * self.north + across * self.east,
            ],
            axis=-1,
        )


def axes(geometry: BaseGeometry) -> Axes:
    """Find the axes of a polygon in EPSG:3857."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(geometry))
    if len(corners) < 4:  # no area: a rectangle of no size where it lies
        x, y = corners[0] if len(corners) else (0.0, 0.0)
        return Axes(float(x), float(y), 1.0, 0.0, 0.0, 0.0, stretch(float(y)))
    sides = np.diff(corners[:3], axis=0)
    sizes = np.hypot(sides[:, 0], sides[:, 1])
    i = int(np.argmax(sizes))
    east, north = sides[i] / max(sizes[i], 1e-9)
    if east < 0 or (east == 0 and north < 0):
        east, north = -east, -north
    x, y = corners[:4].mean(axis=0)
    unit = stretch(float(y))
    long, short = sizes[i] / unit, sizes[1 - i] / unit
    return Axes(float(x), float(y), float(east), float(north), float(long), float(short), unit)


def lattice(frame: Axes, along: float, across: float, inset: float = 0.0) -> NDArray[np.float64]:
    """Points (n, 2) in metres along and across, on a grid of that spacing within the rectangle."""
    half_long, half_wide = frame.length / 2 - inset, frame.width / 2 - inset
    if half_long <= 0 or half_wide <= 0:
        return np.empty((0, 2))
    columns, rows = int(half_long // (along / 2)) or 1, int(half_wide // (across / 2)) or 1
    xs = (np.arange(columns) - (columns - 1) / 2) * along
    ys = (np.arange(rows) - (rows - 1) / 2) * across
    return np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)


def within(geometry: BaseGeometry, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points (n, 2) lie inside a polygon."""
    shapely.prepare(geometry)
    inside: NDArray[np.bool_] = shapely.contains_xy(geometry, points[:, 0], points[:, 1])
    return inside


def boxes(
    centres: NDArray[np.float64], length: Many, width: Many, angle: Many
) -> NDArray[np.float64]:
    """Corners (n, 4, 2) of rectangles around `centres` (n, 2), turned by `angle` (radians)."""
    along = np.outer(np.broadcast_to(length, len(centres)), [-0.5, 0.5, 0.5, -0.5])
    across = np.outer(np.broadcast_to(width, len(centres)), [-0.5, -0.5, 0.5, 0.5])
    angles = np.broadcast_to(angle, len(centres))[:, None]
    cosine, sine = np.cos(angles), np.sin(angles)
    out = np.empty((len(centres), 4, 2))
    out[..., 0] = centres[:, :1] + along * cosine - across * sine
    out[..., 1] = centres[:, 1:] + along * sine + across * cosine
    return out
