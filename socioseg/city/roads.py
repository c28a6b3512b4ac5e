"""Roads of a town: joined where they meet, named, on bridges over water and rails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point

from socioseg.city.lines import aside, lines
from socioseg.city.skeleton import Road
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shapely.geometry.base import BaseGeometry

    from socioseg.city.land import Cut

HALF_WIDTH = {
    "primary": 12.0,
    "secondary": 10.0,
    "tertiary": 9.0,
    "residential": 7.0,
    "living_street": 5.5,
    "unclassified": 6.0,
}
"""Metres from the middle of a road to the plots beside it, by rank."""
LANES = {"primary": "4", "secondary": "3"}
TOUCH = 1e-6  # metres; lines this near to each other meet
BOULEVARD = 24.0  # metres between trees along a primary road


def cut_road(cut: Cut) -> Road:
    """Give the street along which ground was cut."""
    if cut.reach > 0.38:
        return Road(cut.line, "unclassified")
    if cut.reach < 0.07 and cut.area < 60_000:
        return Road(cut.line, "living_street")
    return Road(cut.line, "tertiary" if cut.area > 260_000 else "residential")


def joined(roads: list[Road]) -> list[Road]:
    """Put a common point into every two roads where they meet."""
    paths = [road.line for road in roads]
    pairs = shapely.STRtree(paths).query(paths, predicate="dwithin", distance=TOUCH)
    meetings: dict[int, list[Point]] = {}
    for first, second in sorted(pairs.T.tolist()):
        if first < second:
            points = _meetings(paths[first], paths[second])
            meetings.setdefault(first, []).extend(points)
            meetings.setdefault(second, []).extend(points)
    return [
        Road(_with_points(road.line, meetings.get(i, [])), road.rank)
        for i, road in enumerate(roads)
    ]


def _meetings(first: LineString, second: LineString) -> list[Point]:
    crossings = shapely.get_parts(first.intersection(second))
    found = [part for part in crossings if isinstance(part, Point)]
    if found:
        return found
    ends = [(end, second) for end in _ends(first)] + [(end, first) for end in _ends(second)]
    return [end for end, line in ends if end.distance(line) < TOUCH]


def _ends(line: LineString) -> list[Point]:
    return [Point(line.coords[0]), Point(line.coords[-1])]


def _with_points(line: LineString, points: list[Point]) -> LineString:
    """Insert `points`, which lie on `line`; a point of the line that near gives way to them."""
    known = {line.project(Point(xy)): xy for xy in line.coords[:-1]}
    known[line.length] = line.coords[-1]
    added = {line.project(point): point.coords[0] for point in points}
    places = np.array(sorted(added))
    added |= {
        place: xy
        for place, xy in known.items()
        if not len(places) or np.min(np.abs(places - place)) > TOUCH
    }
    return LineString([added[place] for place in sorted(added)])


def corridor(roads: Iterable[Road]) -> list[BaseGeometry]:
    """Ground that each road takes, sidewalks included."""
    return [road.line.buffer(HALF_WIDTH[road.rank], quad_segs=4) for road in roads]


def road_items(
    roads: list[Road], crossed: BaseGeometry, name: Callable[[LineString], dict[str, str]]
) -> list[Item]:
    """Items of named roads; the parts over `crossed` are bridges."""
    items = []
    for road in roads:
        tags = {"highway": road.rank, "surface": "asphalt", **name(road.line)}
        if road.rank in LANES:
            tags["lanes"] = LANES[road.rank]
        items += _bridged(road.line, tags, crossed)
    return items


def _bridged(line: LineString, tags: dict[str, str], crossed: BaseGeometry) -> list[Item]:
    if not line.intersects(crossed):
        return [Item(tags, line)]
    over, rest = line.intersection(crossed), line.difference(crossed)
    raised = {**tags, "bridge": "yes", "layer": "1"}
    items = [Item(tags, part) for part in lines(rest)]
    return items + [Item(raised, part) for part in lines(over)]


def avenue_trees(roads: list[Road], crossed: BaseGeometry) -> list[Item]:
    """Trees in two rows along the primary roads, none over `crossed`."""
    spots: list[Point] = []
    for road in roads:
        if road.rank == "primary":
            for side in (-9.5, 9.5):
                row = aside(road.line, side)
                spots += row.interpolate(np.arange(BOULEVARD, row.length, BOULEVARD)).tolist()
    wide = crossed.buffer(12)
    shapely.prepare(wide)
    return [Item({"natural": "tree"}, spot) for spot in spots if not wide.contains(spot)]
