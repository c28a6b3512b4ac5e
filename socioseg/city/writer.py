"""Items with tags and geometry, written as OSM nodes, ways and multipolygon relations."""

from __future__ import annotations

import math
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
import osmium
import shapely
from osmium.osm import mutable
from shapely import LineString, MultiPolygon, Point, Polygon

from socioseg.errors import OsmError
from socioseg.files import atomic_path
from socioseg.osmwriter import osm_writer
from socioseg.sample import EARTH_RADIUS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

FORMATS = {".pbf": "pbf", ".osm": "osm", ".gz": "osm.gz"}
UNITS = 10_000_000  # OSM keeps degrees to seven digits
Key = tuple[int, int]
Entity = TypeVar("Entity", mutable.Node, mutable.Way, mutable.Relation)


class Item(NamedTuple):
    """One thing of the town: its tags, and its geometry in metres east and north of the centre."""

    tags: dict[str, str]
    geometry: BaseGeometry


class Place(NamedTuple):
    """Where the town lies: degrees of its centre, metres of its side, and the date of its data."""

    lon: float
    lat: float
    size: float
    timestamp: datetime

    def degrees(self, xy: Any) -> Any:  # noqa: ANN401 - arrays (n, 2) of numbers
        """Longitude and latitude of points in metres from the centre (a sphere, as EPSG:3857)."""
        step = np.degrees(1 / EARTH_RADIUS)
        return np.asarray(xy) * [step / math.cos(math.radians(self.lat)), step] + [
            self.lon,
            self.lat,
        ]


class _Objects:
    """Nodes, ways and relations that items turn into; points of lines are shared by place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._node_ids, self._way_ids, self._relation_ids = count(1), count(1), count(1)
        self._shared: dict[Key, int] = {}
        self.nodes: list[tuple[int, Key, dict[str, str]]] = []
        self.ways: list[tuple[int, list[int], dict[str, str]]] = []
        self.relations: list[tuple[int, list[tuple[str, int, str]], dict[str, str]]] = []

    def add(self, item: Item) -> None:
        shape = item.geometry
        if isinstance(shape, Point):
            self._node(self._keys(shape)[0], item.tags)
        elif isinstance(shape, LineString):
            self._way(shape, item.tags)
        elif isinstance(shape, Polygon) and not shape.interiors:
            self._way(shape.exterior, item.tags)
        elif isinstance(shape, Polygon | MultiPolygon):
            self._relation(shape, item.tags)
        else:
            raise TypeError(f"a {shape.geom_type} cannot be an OSM object")

    def _keys(self, shape: BaseGeometry) -> list[Key]:
        degrees = self._place.degrees(shapely.get_coordinates(shape))
        return [(x, y) for x, y in np.rint(degrees * UNITS).astype(np.int64).tolist()]

    def _node(self, key: Key, tags: dict[str, str]) -> int:
        number = next(self._node_ids)
        self.nodes.append((number, key, tags))
        return number

    def _way(self, line: BaseGeometry, tags: dict[str, str]) -> int:
        keys = self._keys(line)
        keys = keys[:1] + [b for a, b in pairwise(keys) if a != b]
        number = next(self._way_ids)
        self.ways.append((number, [self._point(key) for key in keys], tags))
        return number

    def _point(self, key: Key) -> int:
        if key not in self._shared:
            self._shared[key] = self._node(key, {})
        return self._shared[key]

    def _relation(self, shape: Polygon | MultiPolygon, tags: dict[str, str]) -> None:
        members = []
        for part in shapely.get_parts(shape):
            members.append(("w", self._way(part.exterior, {}), "outer"))
            members += [("w", self._way(ring, {}), "inner") for ring in part.interiors]
        self.relations.append((next(self._relation_ids), members, {"type": "multipolygon", **tags}))


def write_items(path: Path, items: Iterable[Item], place: Place) -> None:
    """Write `items` to `path`: `.osm.pbf` or `.pbf`, `.osm`, or `.osm.gz`.

    Raises
    ------
    OsmError
        If the suffix is none of these.
    OutputError
        If the file cannot be written.
    """
    if path.suffix not in FORMATS:
        raise OsmError(f"Cannot write {path}: name it .osm.pbf, .osm or .osm.gz.")
    objects = _Objects(place)
    for item in items:
        objects.add(item)
    with atomic_path(path) as part:
        file = osmium.io.File(str(part), FORMATS[path.suffix])
        with osm_writer(file, _header(place)) as writer:
            _write(writer, objects, place.timestamp)


def _header(place: Place) -> osmium.io.Header:
    half = place.size / 2
    (west, south), (east, north) = place.degrees([[-half, -half], [half, half]])
    header = osmium.io.Header()
    header.set("generator", "socioseg")
    header.set("osmosis_replication_timestamp", f"{place.timestamp:%Y-%m-%dT%H:%M:%SZ}")
    low, high = osmium.osm.Location(west, south), osmium.osm.Location(east, north)
    header.add_box(osmium.osm.Box(low, high))
    return header


def _write(writer: osmium.SimpleWriter, objects: _Objects, timestamp: datetime) -> None:
    for number, (x, y), tags in objects.nodes:
        node = mutable.Node(location=(x / UNITS, y / UNITS))
        writer.add_node(_stamped(node, number, tags, timestamp))
    for number, nodes, tags in objects.ways:
        writer.add_way(_stamped(mutable.Way(nodes=nodes), number, tags, timestamp))
    for number, members, tags in objects.relations:
        relation = mutable.Relation(members=members)
        writer.add_relation(_stamped(relation, number, tags, timestamp))


def _stamped(entity: Entity, number: int, tags: dict[str, str], timestamp: datetime) -> Entity:
    """Give `entity` what every OSM object has."""
    entity.id, entity.tags = number, tags
    entity.version, entity.visible, entity.timestamp = 1, True, timestamp
    return entity
