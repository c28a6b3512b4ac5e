"""Water, railway and motorway of a town as items, with what stands along them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import LineString, Point
from shapely.ops import substring

from socioseg.city.lines import aside, lines, longest, nearest_corner
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shapely.geometry.base import BaseGeometry

    from socioseg.city.skeleton import Road, Skeleton

TRACKS = (-2.5, 2.5)  # metres from the middle of the railway
CARRIAGEWAYS = (-9.0, 9.0)  # metres from the middle of the motorway, right-hand traffic
RAMP = 170.0  # metres from an interchange to the ends of its ramps
STOPS = 380.0  # metres between bus stops


def water_items(skeleton: Skeleton, name: dict[str, str]) -> list[Item]:
    """Items of the river and the green along it."""
    items = [
        Item({"natural": "water", "water": "river", **name}, p) for p in _parts(skeleton.water)
    ]
    items.append(Item({"waterway": "river", **name}, skeleton.river))
    items += [Item({"landuse": "grass"}, part) for part in _parts(skeleton.bank)]
    for part in _parts(skeleton.bank):
        rows = lines(part.buffer(-15).boundary, 5)
        items += [Item({"natural": "tree_row"}, _opened(row)) for row in rows]
    return items


def rail_items(skeleton: Skeleton, stations: Iterable[BaseGeometry]) -> list[Item]:
    """Items of the railway, with bridges over the river, and platforms beside `stations`."""
    items = [Item({"landuse": "railway"}, part) for part in _parts(skeleton.railway)]
    for side in TRACKS:
        track = aside(skeleton.rail, side)
        over, rest = track.intersection(skeleton.water), track.difference(skeleton.water)
        tags = {"railway": "rail", "electrified": "contact_line", "gauge": "1435"}
        items += [Item(tags, line) for line in lines(rest, 5)]
        items += [Item({**tags, "bridge": "yes", "layer": "1"}, line) for line in lines(over, 5)]
    for station in stations:
        items += [Item(PLATFORM, part) for part in _platforms(skeleton.rail, station)]
    return items


PLATFORM = {"railway": "platform", "public_transport": "platform", "area": "yes"}


def _platforms(rail: LineString, station: BaseGeometry) -> list[BaseGeometry]:
    middle = rail.project(station.centroid)
    piece = longest(substring(rail, middle - 90, middle + 90))
    return [aside(piece, side).buffer(2.2, cap_style="flat") for side in (-7.5, 7.5)]


def motorway_items(skeleton: Skeleton, roads: Iterable[Road]) -> list[Item]:
    """Items of the motorway's carriageways and the ramps of its interchanges."""
    tags = {
        "highway": "motorway",
        "oneway": "yes",
        "lanes": "2",
        "ref": "M 1",
        "surface": "asphalt",
    }
    left, right = (aside(skeleton.motorway, side) for side in CARRIAGEWAYS)
    items = [Item(tags, right), Item(tags, left.reverse())]
    ramp = {"highway": "motorway_link", "oneway": "yes", "surface": "asphalt"}
    radials = [road.line for road in roads if road.rank in {"primary", "secondary"}]
    for point in skeleton.interchanges:
        items.append(Item({"landuse": "grass"}, point.buffer(RAMP + 35, quad_segs=8)))
        radial = min(radials, key=point.distance)
        items += [Item(ramp, line) for line in _ramps(point, radial, (left, right))]
    return items


def _ramps(
    point: Point, radial: LineString, carriageways: Iterable[LineString]
) -> list[LineString]:
    """Four curves from the carriageways to `radial`, each on its carriageway's side."""
    curves = []
    crossing = radial.project(point)
    for carriageway in carriageways:
        at = carriageway.project(point)
        ends = [radial.interpolate(crossing + step) for step in (-0.6 * RAMP, 0.6 * RAMP)]
        end = nearest_corner(radial, min(ends, key=carriageway.distance))
        for way in (-RAMP, RAMP):
            start = nearest_corner(carriageway, carriageway.interpolate(at + way))
            curves.append(_curve(start, carriageway.interpolate(at + way * 0.3), end))
    return curves


def _curve(start: Point, pull: Point, end: Point) -> LineString:
    """Draw a quadratic Bezier curve in nine points."""
    t = np.linspace(0, 1, 9)[:, None]
    a, b, c = (np.array(p.coords[0]) for p in (start, pull, end))
    return LineString((1 - t) ** 2 * a + 2 * t * (1 - t) * b + t**2 * c)


def bus_stops(roads: Iterable[Road], clear_of: BaseGeometry) -> list[Item]:
    """Bus stops on both sides of the wider roads."""
    items = []
    for road in roads:
        if road.rank in {"primary", "secondary", "tertiary"}:
            for number in range(1, math.ceil(road.line.length / STOPS)):
                side = 7.0 if number % 2 else -7.0
                stop = aside(road.line, side).interpolate(number * STOPS)
                if not stop.intersects(clear_of):
                    items.append(
                        Item({"highway": "bus_stop", "public_transport": "platform"}, stop)
                    )
    return items


def _parts(shape: BaseGeometry) -> list[BaseGeometry]:
    return [part for part in shapely.get_parts(shape) if part.area > 200]


def _opened(line: LineString) -> LineString:
    """Leave out the last stretch of a closed line, which would be an area."""
    return LineString(line.coords[:-1]) if line.is_ring else line
