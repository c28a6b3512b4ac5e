"""Rows of houses along the edges of a block."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from shapely import Polygon

from socioseg.city.frame import polygons
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.random import Generator


class Row(NamedTuple):
    """Houses of a row: least and largest width, depth, gap and distance to the edge (metres)."""

    width: tuple[float, float]
    depth: tuple[float, float]
    gap: tuple[float, float]
    setback: float
    levels: tuple[int, int]
    buildings: tuple[str, ...]


ROWS = {
    "shops": Row(
        (12, 25),
        (12, 17),
        (0, 0),
        1,
        (3, 5),
        ("yes", "yes", "yes", "apartments", "retail", "commercial"),
    ),
    "slabs": Row((40, 62), (12, 14), (13, 20), 10, (4, 8), ("apartments",)),
    "terraces": Row((26, 54), (9, 11), (5, 9), 5, (2, 3), ("terrace",)),
    "detached": Row((9, 14), (8, 12), (6, 11), 6, (1, 2), ("detached", "house")),
}
RING = (3.0, 12.0)  # of a courtyard house: distance to the edge, depth
COURT = 500.0  # square metres of the smallest courtyard
NOTCHED = 0.35  # share of detached houses with a corner missing


def houses(ground: Polygon, style: str, rng: Generator) -> list[Item]:
    """Houses of `style` (a key of `ROWS`, or "perimeter") around the edge of `ground`."""
    if style == "perimeter":
        ring = _courtyard(ground)
        if ring is not None:
            return [_house("apartments", ring, (4, 6), rng)]
        style = "terraces"
    row = ROWS[style]
    plans = _clear(list(_along(ground, row, rng)), ground)
    if style == "detached":
        plans = [_notched(plan) if rng.random() < NOTCHED else plan for plan in plans]
    return [_house(str(rng.choice(row.buildings)), plan, row.levels, rng) for plan in plans]


def _house(kind: str, plan: Polygon, levels: tuple[int, int], rng: Generator) -> Item:
    storeys = str(rng.integers(levels[0], levels[1] + 1))
    return Item({"building": kind, "building:levels": storeys}, plan)


def _courtyard(ground: Polygon) -> Polygon | None:
    outer = polygons(ground.buffer(-RING[0], join_style="mitre").simplify(1.0))
    inner = polygons(shapely.union_all(outer).buffer(-RING[1], join_style="mitre").simplify(1.0))
    if len(outer) != 1 or len(inner) != 1 or inner[0].area < COURT:
        return None
    return Polygon(outer[0].exterior, [inner[0].exterior])


def _along(ground: Polygon, row: Row, rng: Generator) -> Iterator[Polygon]:
    """Rectangles that stand along each straight edge of `ground`, side by side."""
    ring = shapely.get_exterior_ring(shapely.orient_polygons(ground.simplify(2.0)))
    outline = shapely.get_coordinates(ring).tolist()
    for (x0, y0), (x1, y1) in pairwise(outline):
        length = math.hypot(x1 - x0, y1 - y0)
        if length < row.width[0] + row.setback:
            continue
        along = np.array([x1 - x0, y1 - y0]) / length
        inward = np.array([-along[1], along[0]])
        start = row.setback
        while start + row.width[0] < length - row.setback / 2:
            width = min(rng.uniform(*row.width), length - row.setback / 2 - start)
            near = np.array([x0, y0]) + along * start + inward * (row.setback + rng.uniform(0, 0.5))
            far = inward * rng.uniform(*row.depth)
            side = along * width
            yield Polygon([near, near + side, near + side + far, near + far])
            start += width + rng.uniform(*row.gap)


def _clear(plans: list[Polygon], ground: Polygon) -> list[Polygon]:
    """Those of `plans` that lie in `ground` and overlap none of those kept before."""
    shapely.prepare(ground)
    plans = [plan for plan in plans if ground.contains(plan)]
    if not plans:
        return []
    cores = [plan.buffer(-0.4, join_style="mitre") for plan in plans]
    dropped: set[int] = set()
    meetings = shapely.STRtree(cores).query(cores, predicate="intersects").T.tolist()
    for first, second in sorted(meetings):
        if first < second and first not in dropped:
            dropped.add(second)
    return [plan for i, plan in enumerate(plans) if i not in dropped]


def _notched(plan: Polygon) -> Polygon:
    """Take a quarter out of a rectangle at its last corner, which lies away from the street."""
    a, b, c, d = (np.array(xy) for xy in plan.exterior.coords[:4])
    return Polygon([a, b, c, (c + d) / 2, (a + b + c + d) / 4, (a + d) / 2])
