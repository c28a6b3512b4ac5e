"""What a place puts on its ground: the area itself, buildings, fields, paths and trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import shapely
from shapely import LineString, Point

from socioseg.city.frame import long_frame, polygons
from socioseg.city.housing import houses
from socioseg.city.lines import lines, nearest_corner
from socioseg.city.site import Site
from socioseg.city.writer import Item

if TYPE_CHECKING:
    from numpy.random import Generator
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

    from socioseg.city.frame import Frame
    from socioseg.city.places import Kind

INSET = 4.0  # metres that buildings and fields keep from the edge of the ground
VERGE = 14.0  # metres from the edge of the ground to the middle of the widest street
LAWN = {"landuse": "grass"}
PATH = {"highway": "footway", "surface": "fine_gravel"}


class Lot(NamedTuple):
    """Ground given to a kind of place; `key` is the kind's in `places.yaml`."""

    key: str
    kind: Kind
    ground: BaseGeometry


def furnish(
    lot: Lot, names: dict[str, str], streets: shapely.STRtree, rng: Generator
) -> list[Item]:
    """Items of one place: its area with its tags and `names`, and all that stands in it.

    Ground on which the place's houses or its first building find no room becomes a lawn.
    """
    kind, tags = lot.kind, {**lot.kind.tags, **names}
    parts = polygons(lot.ground)
    sites = [Site(part, facing(part, streets), INSET, rng) for part in parts]
    hole = sites[0].stand(kind.hole, "middle") if kind.hole else []
    homes = houses(parts[0], kind.houses, rng) if kind.houses else []
    for home in homes:
        sites[0].block(home.geometry)
    paths = _paths(parts[0], [item.geometry for item in hole], kind.paths, rng)
    for path in paths:
        sites[0].block(path.geometry, 1.5)
    stands = _stands(sites, kind)
    drives = _drives(stands, lot.ground.buffer(VERGE), streets)
    for drive in drives:
        for site in sites:
            site.block(drive.geometry, 2.5)
    trees = [tree for site in sites for tree in site.trees(kind.trees // len(sites))]
    built = [*homes, *stands, *paths, *drives, *trees]
    if (kind.houses and not homes) or (kind.stands and not stands):
        return [Item(LAWN, lot.ground), *built]
    if kind.single:
        place = Item({**stands[0].tags, **tags}, stands[0].geometry)
        return [Item(LAWN, lot.ground), place, *built[1:]]
    ground = shapely.difference(lot.ground, hole[0].geometry) if hole else lot.ground
    return [Item(tags, ground), *hole, *built]


def _stands(sites: list[Site], kind: Kind) -> list[Item]:
    """Put up what belongs on a kind of place, by turns on each of its parts.

    None, if there is no room for the first.
    """
    items: list[Item] = []
    for stand in kind.stands:
        for number in range(stand.count):
            items += sites[number % len(sites)].stand(stand.thing, stand.at)
        if not items:
            return []
    return items


def _drives(stands: list[Item], ground: BaseGeometry, streets: shapely.STRtree) -> list[Item]:
    """Ways within `ground` from the aisles of car parks to the nearest street, past buildings."""
    solid = [item.geometry for item in stands if "building" in item.tags or "leisure" in item.tags]
    drives = []
    for item in stands:
        if item.tags.get("service") == "parking_aisle":
            ends = [Point(xy) for xy in (item.geometry.coords[0], item.geometry.coords[-1])]
            line = min((_drive(end, streets) for end in ends), key=lambda drive: drive.length)
            if ground.contains(line) and not shapely.intersects(solid, line).any():
                drives.append(Item({"highway": "service", "service": "driveway"}, line))
    return drives


def _drive(start: Point, streets: shapely.STRtree) -> LineString:
    """Draw the line from `start` to the nearest point that the nearest street is drawn by."""
    street = cast("LineString", streets.geometries[streets.nearest(start)])
    return LineString([start, nearest_corner(street, start)])


def facing(part: Polygon, streets: shapely.STRtree) -> Frame:
    """Frame along the edges of `part` whose negative y axis points to the nearest street."""
    frame = long_frame(part)
    west, south, east, north = frame.into(part).bounds
    x, y = (west + east) / 2, (south + north) / 2
    sides = frame.out(shapely.points([(x, south), (east, y), (x, north), (west, y)]))
    _, away = streets.query_nearest(sides, return_distance=True, all_matches=False)
    return frame.turned(int(np.argmin(np.round(away))))


def _paths(part: Polygon, holes: list[BaseGeometry], count: int, rng: Generator) -> list[Item]:
    """Footways from the edge of `part` to its middle, around its water."""
    if count == 0:
        return []
    middle = np.array(part.representative_point().coords[0])
    places = (np.arange(count) + rng.uniform(0.2, 0.8, count)) / count
    gates = shapely.get_coordinates(part.exterior.interpolate(places, normalized=True))
    walks: list[BaseGeometry] = [_bent(gate, middle, rng) for gate in gates]
    shores = [hole.buffer(6) for hole in holes]
    for shore in shores:
        walks = [walk.difference(shore) for walk in walks]
    walks += [half for shore in shores for half in _halves(shore)]
    found = [line for walk in walks for line in lines(walk.intersection(part), 12)]
    return [Item(PATH, line) for line in found]


def _halves(shape: BaseGeometry) -> list[LineString]:
    """Cut the outline of `shape` in two; a closed way would be an area."""
    corners = shapely.get_coordinates(shapely.get_exterior_ring(shape))
    half = len(corners) // 2
    return [LineString(corners[: half + 1]), LineString(corners[half:])]


def _bent(start: np.ndarray, end: np.ndarray, rng: Generator) -> LineString:
    """Draw a line that sways to one side on its way."""
    t = np.linspace(0, 1, 7)[:, None]
    step = end - start
    sway = np.array([-step[1], step[0]]) * rng.uniform(-0.22, 0.22)
    return LineString(start + step * t + sway * np.sin(np.pi * t))
