"""Points of interest in the houses of shopping streets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shapely import Point

from socioseg.city.places import point_kinds
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.random import Generator
    from shapely.geometry.base import BaseGeometry

    from socioseg.city.quarters import Quarters

CHANCES = (0.35, 0.45, 0.14, 0.06)  # of none, one, two, three points in a house
APART = 3.5  # metres between two points


def shop_points(items: Iterable[Item], quarters: Quarters, rng: Generator) -> list[Item]:
    """Points of interest in the buildings among `items`; many hold exactly one."""
    points = []
    for item in items:
        if "building" in item.tags:
            count = int(rng.choice(len(CHANCES), p=CHANCES))
            spots = _spots(item.geometry, count, rng)
            points += [_point(spot, quarters, rng) for spot in spots]
    return points


def _point(spot: Point, quarters: Quarters, rng: Generator) -> Item:
    kinds = list(point_kinds().values())
    weights = np.array([kind.share for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    return Item({**kind.tags, **quarters.names(kind, spot)}, spot)


def _spots(shape: BaseGeometry, count: int, rng: Generator) -> list[Point]:
    """At most `count` points well inside `shape`."""
    core, (west, south, east, north) = shape.buffer(-2), shape.bounds
    spots: list[Point] = []
    for x, y in zip(rng.uniform(west, east, 30), rng.uniform(south, north, 30), strict=True):
        point = Point(x, y)
        clear = all(point.distance(other) > APART for other in spots)
        if len(spots) < count and clear and core.contains(point):
            spots.append(point)
    return spots
