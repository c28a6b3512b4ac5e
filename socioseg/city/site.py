"""One place's ground: finds room for what stands there, each thing clear of the others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from shapely import box
from shapely.affinity import rotate, translate

from socioseg.city.places import things
from socioseg.city.shapes import SHAPES
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

    from socioseg.city.frame import Frame
    from socioseg.city.places import Side, Thing

GRID = 15  # places tried along each axis
SCALES = (1.0, 0.87, 0.75, 0.62)  # a thing that finds no room is made this much smaller
GAP = 3.5  # metres between things
TREE_GAP = 2.0


class Spot(NamedTuple):
    """A free rectangle in the site's frame: its middle, its size, and whether it is turned."""

    x: float
    y: float
    width: float
    depth: float
    turned: bool


class Site:
    """Ground in a frame whose negative y axis points to the street."""

    def __init__(self, ground: BaseGeometry, frame: Frame, inset: float, rng: Generator) -> None:
        self._frame, self._rng = frame, rng
        self._free = frame.into(ground).buffer(-inset, join_style="mitre")

    def block(self, used: BaseGeometry, gap: float = GAP) -> None:
        """Take the ground within `gap` metres of `used` out of what is free."""
        self._free = self._free.difference(self._frame.into(used).buffer(gap, join_style="mitre"))

    def stand(self, key: str, at: Side) -> list[Item]:
        """Items of the thing `key`, the outermost first; none where there is no room for it."""
        thing = things()[key]
        low_w, high_w, low_d, high_d = thing.size
        width, depth = self._rng.uniform(low_w, high_w), self._rng.uniform(low_d, high_d)
        spot = self._find(width, depth, at)
        if spot is None:
            return []
        items = self._items(thing, spot)
        self._free = self._free.difference(_rectangle(spot).buffer(GAP, join_style="mitre"))
        return items

    def trees(self, count: int) -> list[Item]:
        """At most `count` trees on ground that is still free."""
        if count == 0 or self._free.is_empty:
            return []
        west, south, east, north = self._free.bounds
        x, y = self._rng.uniform(west, east, 2 * count), self._rng.uniform(south, north, 2 * count)
        inside = shapely.contains_xy(self._free.buffer(-TREE_GAP), x, y)
        spots = np.column_stack([x, y])[inside][:count]
        return [Item(TREE, tree) for tree in self._frame.out(shapely.points(spots))]

    def _items(self, thing: Thing, spot: Spot) -> list[Item]:
        shape = SHAPES[str(self._rng.choice(thing.shapes))]
        plan = shape(spot.width, spot.depth, self._rng)
        items = [Item(self._tags(thing), self._laid(plan, spot))]
        if thing.lane:
            items += [Item(AISLE, self._laid(line, spot)) for line in _aisles(spot)]
        for key in thing.inside:
            inner = things()[key]
            scale = spot.width / thing.size[1]
            smaller = spot._replace(width=inner.size[1] * scale, depth=inner.size[3] * scale)
            items += self._items(inner, smaller)
        return items

    def _laid(self, plan: BaseGeometry, spot: Spot) -> BaseGeometry:
        turned = rotate(plan, 90, origin=(0, 0)) if spot.turned else plan
        laid: BaseGeometry = self._frame.out(translate(turned, spot.x, spot.y))
        return laid

    def _tags(self, thing: Thing) -> dict[str, str]:
        if thing.levels is None:
            return thing.tags
        levels = self._rng.integers(thing.levels[0], thing.levels[1] + 1)
        return {**thing.tags, "building:levels": str(levels)}

    def _find(self, width: float, depth: float, at: Side) -> Spot | None:
        if self._free.is_empty:
            return None
        shapely.prepare(self._free)
        for scale in SCALES:
            for turned in (False, True):
                spot = self._best(width * scale, depth * scale, at, turned=turned)
                if spot is not None:
                    return spot
        return None

    def _best(self, width: float, depth: float, at: Side, *, turned: bool) -> Spot | None:
        across, along = (depth, width) if turned else (width, depth)
        west, south, east, north = self._free.bounds
        if across > east - west or along > north - south:
            return None
        x, y = np.meshgrid(
            np.linspace(west + across / 2, east - across / 2, GRID),
            np.linspace(south + along / 2, north - along / 2, GRID),
        )
        boxes = shapely.box(x - across / 2, y - along / 2, x + across / 2, y + along / 2)
        fits = shapely.contains(self._free, boxes)
        if not fits.any():
            return None
        score = np.where(fits, self._score(x, y, at), math.inf)
        best = np.unravel_index(np.argmin(score), score.shape)
        return Spot(float(x[best]), float(y[best]), width, depth, turned)

    def _score(
        self, x: NDArray[np.float64], y: NDArray[np.float64], at: Side
    ) -> NDArray[np.float64]:
        west, south, east, north = self._free.bounds
        off_x, off_y = abs(x - (west + east) / 2), abs(y - (south + north) / 2)
        scores: dict[Side, NDArray[np.float64]] = {
            "front": y + 0.15 * off_x,
            "back": -y + 0.15 * off_x,
            "left": x + 0.15 * off_y,
            "right": -x + 0.15 * off_y,
            "middle": np.hypot(off_x, off_y),
            "any": self._rng.random(x.shape),
        }
        return scores[at]


TREE = {"natural": "tree"}
AISLE = {"highway": "service", "service": "parking_aisle"}


def _rectangle(spot: Spot) -> Polygon:
    half_x, half_y = spot.width / 2, spot.depth / 2
    if spot.turned:
        half_x, half_y = half_y, half_x
    return box(spot.x - half_x, spot.y - half_y, spot.x + half_x, spot.y + half_y)


def _aisles(spot: Spot) -> list[shapely.LineString]:
    """Give the lanes of a car park: one for every two rows of cars (17 m), around the origin."""
    lanes = max(1, int(spot.depth // 17))
    rows = (np.arange(lanes) + 0.5) * spot.depth / lanes - spot.depth / 2
    half = spot.width / 2 - 2
    return [shapely.LineString([(-half, y), (half, y)]) for y in rows]
