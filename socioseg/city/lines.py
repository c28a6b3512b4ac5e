"""Small helps with lines that shapely lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


def lines(shape: BaseGeometry, least: float = 0.1) -> list[LineString]:
    """Lines of `shape` longer than `least` metres; points and polygons are left out."""
    parts = shapely.get_parts(shape)
    return [part for part in parts if isinstance(part, LineString) and part.length > least]


def longest(shape: BaseGeometry) -> LineString:
    """Longest line of `shape`."""
    return max(lines(shape), key=lambda line: line.length)


def aside(line: LineString, distance: float) -> LineString:
    """Line parallel to `line`, `distance` metres to its left (negative: to its right)."""
    return longest(line.offset_curve(distance))


def nearest_corner(line: LineString, point: Point) -> Point:
    """Point that `line` is drawn by which lies nearest to `point`."""
    corners = shapely.get_coordinates(line)
    away = np.hypot(corners[:, 0] - point.x, corners[:, 1] - point.y)
    return Point(corners[np.argmin(away)])
