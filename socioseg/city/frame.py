"""A rotated coordinate frame, and cutting polygons along their own axes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from shapely import LineString, Polygon

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAN = 0.04  # largest slant of a cut, as a share of its length
SLIVER = 60.0  # square metres; smaller pieces of a cut are dropped


class Frame(NamedTuple):
    """Axes turned by `angle` (radians, counter-clockwise) around the point (x, y), in metres."""

    x: float
    y: float
    angle: float

    def into(self, geometry: Any) -> Any:  # noqa: ANN401 - any geometry, or an array of them
        """Geometry of the plane in the frame's own coordinates."""
        turn, origin = self._turn(), np.array([self.x, self.y])
        return _moved(geometry, lambda xy: (xy - origin) @ turn)

    def out(self, geometry: Any) -> Any:  # noqa: ANN401 - any geometry, or an array of them
        """Geometry of the frame in the coordinates of the plane."""
        turn, origin = self._turn(), np.array([self.x, self.y])
        return _moved(geometry, lambda xy: xy @ turn.T + origin)

    def turned(self, quarters: int) -> Frame:
        """Give the frame turned by so many right angles counter-clockwise."""
        return self._replace(angle=self.angle + quarters * math.pi / 2)

    def _turn(self) -> Floats:
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        return np.array([[cos, -sin], [sin, cos]])


def _moved(geometry: Any, move: Callable[[Floats], Floats]) -> Any:  # noqa: ANN401 - as the callers
    return shapely.transform(geometry, move)


def orientation(shape: Any) -> float:  # noqa: ANN401 - any polygon
    """Angle in (-pi/4, pi/4] of the axes that the edges of `shape` follow.

    The length-weighted mean direction of the edges modulo a right angle: edge angles are
    multiplied by four, so that parallel and perpendicular edges add up.
    """
    edges = np.diff(shapely.get_coordinates(shapely.get_exterior_ring(_largest(shape))), axis=0)
    lengths = np.hypot(edges[:, 0], edges[:, 1])
    fourfold = np.sum(lengths * np.exp(4j * np.arctan2(edges[:, 1], edges[:, 0])))
    return float(np.angle(fourfold) / 4)


def _largest(shape: Any) -> Polygon:  # noqa: ANN401 - any polygon
    return max(polygons(shape), key=lambda part: part.area)


def long_frame(shape: Any) -> Frame:  # noqa: ANN401 - any polygon
    """Frame along the edges of `shape`, centred on it, its x axis along the longer side."""
    centre = shape.centroid
    frame = Frame(centre.x, centre.y, orientation(shape))
    west, south, east, north = frame.into(shape).bounds
    return frame if east - west >= north - south else frame.turned(1)


def polygons(shape: Any, least: float = 0.0) -> list[Polygon]:  # noqa: ANN401 - any geometry
    """Polygons of `shape` that are larger than `least` square metres, each without parts."""
    return [
        part for part in shapely.get_parts(shape) if isinstance(part, Polygon) and part.area > least
    ]


def across(shape: Polygon, parts: int, rng: Generator) -> tuple[list[Polygon], list[LineString]]:
    """Cut `shape` across its longer side into `parts` of about the same width.

    Returns
    -------
    tuple
        The pieces, and the lines of the cuts, which end on the outline of `shape`.
    """
    frame = long_frame(shape)
    local = frame.into(shape)
    west, south, east, north = local.bounds
    steps = np.arange(1, parts) + rng.uniform(-0.16, 0.16, parts - 1)
    middles = west + (east - west) * steps / parts
    leans = rng.uniform(-LEAN, LEAN, parts - 1) * (north - south)
    lower = np.concatenate([[west - 1], middles - leans, [east + 1]])
    upper = np.concatenate([[west - 1], middles + leans, [east + 1]])
    low, high = south - 1, north + 1
    strips = [
        Polygon([(a, low), (b, low), (d, high), (c, high)])
        for a, b, c, d in zip(lower, lower[1:], upper, upper[1:], strict=False)
    ]
    cuts = [LineString([(a, low), (b, high)]) for a, b in zip(lower, upper, strict=True)][1:-1]
    pieces = [p for s in strips for p in polygons(local.intersection(s), SLIVER)]
    lines = [
        line
        for cut in cuts
        for line in shapely.get_parts(local.intersection(cut))
        if isinstance(line, LineString) and line.length > 1
    ]
    return [frame.out(p) for p in pieces], [frame.out(line) for line in lines]
