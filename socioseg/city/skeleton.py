"""The bones of a town: ring roads and radials, river, railway, motorway, and what they enclose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely
from shapely import LineString, Point, Polygon, box
from shapely.ops import polygonize

from socioseg.city.frame import polygons
from socioseg.city.lines import lines, longest

if TYPE_CHECKING:
    from numpy.random import Generator
    from shapely.geometry.base import BaseGeometry

RINGS = ((0.075, "secondary"), (0.2, "primary"), (0.36, "secondary"))  # radius as a share of size
RADIALS = 7
BANK = 34.0  # metres from the water to the middle of the road along it
INTERCHANGE = 210.0  # metres, radius


class Road(NamedTuple):
    """The middle line of a road and its rank, a value of OSM's `highway`."""

    line: LineString
    rank: str


class Skeleton(NamedTuple):
    """Lines and areas in metres around the town's origin; `districts` is the ground between."""

    size: float
    centre: Point
    roads: list[Road]
    river: LineString
    water: BaseGeometry
    bank: BaseGeometry
    rail: LineString
    railway: BaseGeometry
    motorway: LineString
    interchanges: list[Point]
    districts: list[Polygon]


def _ring(centre: Point, radius: float, rng: Generator) -> LineString:
    turns = np.linspace(0, 2 * np.pi, 73)
    first, second = rng.uniform(0, 2 * np.pi, 2)
    wobble = 1 + 0.06 * np.sin(2 * turns + first) + 0.04 * np.sin(3 * turns + second)
    ring = np.column_stack([np.cos(turns), np.sin(turns)]) * (radius * wobble)[:, None]
    ring[-1] = ring[0]
    return LineString(ring + np.array([centre.x, centre.y]))


def _ray(centre: Point, angle: float, length: float) -> LineString:
    end = (centre.x + length * math.cos(angle), centre.y + length * math.sin(angle))
    return LineString([(centre.x, centre.y), end])


def _crossing(centre: Point, normal: float, offset: float, size: float, sway: float) -> LineString:
    """Line through the whole town at `offset` from its centre, across the direction `normal`."""
    along = np.linspace(-size, size, 81)
    aside = offset + sway * np.sin(along / size * 7.3 + 9 * normal)
    cos, sin = math.cos(normal), math.sin(normal)
    xy = np.column_stack([aside * cos - along * sin, aside * sin + along * cos])
    return LineString(xy + np.array([centre.x, centre.y]))


def _inside(line: BaseGeometry, square: Polygon) -> LineString:
    return longest(line.intersection(square))


def _arterials(centre: Point, size: float, square: Polygon, rng: Generator) -> list[Road]:
    circles = [_ring(centre, share * size, rng) for share, _ in RINGS]
    halves = [
        Road(LineString(half), rank)
        for circle, (_, rank) in zip(circles, RINGS, strict=True)
        for half in (circle.coords[:37], circle.coords[36:])  # a closed way would be an area
    ]
    core = Polygon(circles[0])
    turns = (np.arange(RADIALS) + rng.uniform(-0.2, 0.2, RADIALS)) * 2 * np.pi / RADIALS
    rays = [_ray(centre, turn, 2 * size).difference(core) for turn in turns + rng.uniform(0, 6)]
    ranks = ["primary" if i % 2 else "secondary" for i in range(RADIALS)]
    return halves + [Road(_inside(r, square), k) for r, k in zip(rays, ranks, strict=True)]


def _interchanges(motorway: LineString, roads: list[Road], free: BaseGeometry) -> list[Point]:
    inner = free.buffer(-1.2 * INTERCHANGE)
    crossings = [
        point
        for road in roads
        for point in shapely.get_parts(motorway.intersection(road.line))
        if isinstance(point, Point) and inner.contains(point)
    ]
    return crossings[:2]


def skeleton(size: float, rng: Generator) -> Skeleton:
    """Lay out the main lines of a town in a square of `size` metres."""
    square = box(-size / 2, -size / 2, size / 2, size / 2)
    centre = Point(rng.uniform(-0.03, 0.03, 2) * size)
    roads = _arterials(centre, size, square, rng)
    normal = rng.uniform(0, 2 * np.pi)
    river = _crossing(centre, normal, 0.13 * size, size, 0.025 * size)
    aside = normal + rng.uniform(1.2, 1.9) * rng.choice([-1, 1])
    rail = _inside(_crossing(centre, aside, 0.155 * size, size, 0.01 * size), square)
    away = rng.uniform(0, 2 * np.pi)
    motorway = _inside(_crossing(centre, away, 0.445 * size, size, 0.006 * size), square)
    width = rng.uniform(26, 38)
    water = river.buffer(width, cap_style="flat").intersection(square)
    corridor = river.buffer(width + BANK, cap_style="flat")
    roads += [
        Road(line, "tertiary") for line in lines(corridor.boundary.intersection(square), 0.3 * size)
    ]
    railway = rail.buffer(16, cap_style="flat").intersection(square)
    open_ground = square.difference(shapely.union_all([corridor, railway]))
    crossings = _interchanges(motorway, roads, open_ground)
    taken = [corridor, railway, motorway.buffer(32, cap_style="flat")]
    taken += [point.buffer(INTERCHANGE) for point in crossings]
    ground = square.difference(shapely.union_all(taken))
    return Skeleton(
        size=size,
        centre=centre,
        roads=roads,
        river=_inside(river, square),
        water=water,
        bank=corridor.intersection(square).difference(water),
        rail=rail,
        railway=railway,
        motorway=motorway,
        interchanges=crossings,
        districts=_districts(ground, roads),
    )


def _districts(ground: BaseGeometry, roads: list[Road]) -> list[Polygon]:
    net = shapely.union_all([ground.boundary, *(r.line.intersection(ground) for r in roads)])
    faces = [f for f in polygonize(net) if ground.contains(f.representative_point())]
    return polygons(shapely.MultiPolygon(faces), 1500)
