"""One pass of osmium over an OSM file: what each node, way and area becomes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import osmium
import shapely

from socioseg.build.osm import tags as osm_tags
from socioseg.build.osm.collect import Collector
from socioseg.build.osm.multipolygons import Multipolygons
from socioseg.build.osm.sort import original_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from osmium.index import LocationTable
    from osmium.osm import Area, Node, Way

    from socioseg.build.osm.tags import Tags
    from socioseg.sample import Bounds

_WAY_KEYS = tuple({*osm_tags.CLOSED_WAY_RULES, *osm_tags.LINE_RULES})


class OsmReader:
    """One pass over a file, whose finds go into a `Collector`.

    Parameters
    ----------
    bounds : Bounds, optional
        Degrees (west, south, east, north): features that meet it are kept.
    """

    def __init__(self, bounds: Bounds | None) -> None:
        self.into = Collector(bounds)
        self.latest: datetime | None = None
        factory = osmium.geom.WKBFactory()
        self._create: dict[str, Callable[[Any], str]] = {
            "points": factory.create_point,
            "lines": factory.create_linestring,
            "areas": factory.create_multipolygon,
        }
        self._multipolygons = Multipolygons(self.into.counts)
        self._closed: dict[int, Tags] = {}  # ways that become areas: id to tags
        self._crossed: dict[int, Tags] = {}  # ways whose ring crosses itself
        self._missing: set[int] = set()  # nodes whose place was not known when a way needed it
        self._locations = osmium.index.create_map("flex_mem")

    @property
    def timestamp(self) -> str:
        """ISO time of the latest feature; "" where the file has none."""
        if self.latest is None or self.latest.year <= 1970:
            return ""
        return self.latest.strftime("%Y-%m-%dT%H:%M:%SZ")

    def read(self, path: Path) -> None:
        """Read all of `path`."""
        visit: dict[str, Callable[[Any], None]] = {
            "n": self._node,
            "w": self._way,
            "a": self._area,
        }
        for item in _processor(path, self._locations, self._multipolygons):
            visit[item.type_str()](item)
        if self._crossed:
            self._read_crossed(path)
        for osm_id, tags, wkb in self._multipolygons.settled():
            self.into.put("areas", osm_id, tags, wkb)
        self.into.counts["incomplete_ways"] += len(self._closed)

    def order_lost_nodes(self) -> bool:
        """Whether a way lacked a node that is there: after the way, or with a negative id.

        osmium finds neither by itself.
        """
        return any(ref < 0 or self._is_known(ref) for ref in self._missing)

    def _is_known(self, node: int) -> bool:
        try:
            return self._locations.get(node).valid()
        except KeyError:
            return False

    def _node(self, node: Node) -> None:
        tags = _kept_tags(node)
        if osm_tags.describes_point(tags):
            self._put("points", f"node/{original_id(node.id)}", tags, node)

    def _way(self, way: Way) -> None:
        tags = _kept_tags(way)
        closed = way.is_closed()
        if way.id in self._multipolygons.members:
            self._multipolygons.tags[way.id] = tags
        if closed and osm_tags.closes_area(tags):
            self._closed[way.id] = tags
            if not way.nodes[0].location.valid():
                self._note_missing(way)
        if osm_tags.describes_line(tags, closed=closed):
            self._put("lines", f"way/{original_id(way.id)}", tags, way)

    def _area(self, area: Area) -> None:
        number = area.orig_id()
        if area.from_way():
            tags = self._closed.pop(number, None)  # it came before
            if tags is not None:
                self._area_of_way(number, tags, area)
            return
        tags = self._multipolygons.described(number)
        if tags is not None or self._multipolygons.borne(number):
            wkb = self._wkb("areas", area)
            self._multipolygons.assembled(number, wkb)
            if wkb and tags is not None:
                self.into.put("areas", f"relation/{original_id(number)}", tags, wkb)

    def _area_of_way(self, number: int, tags: Tags, area: Area) -> None:
        if area.num_rings() == (0, 0):
            self._crossed[number] = tags
        else:
            self._put_ring(number, tags, self._wkb("areas", area))

    def _put_ring(self, number: int, tags: Tags, wkb: str) -> None:
        if not wkb:
            return
        if number in self._multipolygons.members:
            self._multipolygons.areas[number] = wkb
        else:
            self.into.put("areas", f"way/{original_id(number)}", tags, wkb)

    def _read_crossed(self, path: Path) -> None:
        """Take the rings that osmium could not draw as they are; they are repaired later."""
        wanted = osmium.filter.IdFilter(self._crossed)
        way: Any  # osmium's stubs do not know that only ways come
        for way in osmium.FileProcessor(path, osmium.osm.WAY).with_filter(wanted):
            places = [self._locations.get(node.ref) for node in way.nodes]
            polygon = shapely.Polygon([(place.lon, place.lat) for place in places])
            self._put_ring(way.id, self._crossed[way.id], shapely.to_wkb(polygon, hex=True))

    def _put(self, kind: str, osm_id: str, tags: Tags, item: Node | Way) -> None:
        wkb = self._wkb(kind, item)
        if wkb:
            self.into.put(kind, osm_id, tags, wkb)

    def _wkb(self, kind: str, item: Node | Way | Area) -> str:
        """Geometry of an object; "", and counted, where it has none."""
        if self.latest is None or item.timestamp > self.latest:
            self.latest = item.timestamp
        try:
            return self._create[kind](item)
        except (osmium.InvalidLocationError, RuntimeError):
            # a line without all its nodes; a node without a place; rings that cross or stay open
            if isinstance(item, osmium.osm.Way):
                return self._clipped(item)
            self.into.counts["bad_geometry"] += 1
            return ""

    def _note_missing(self, way: Way) -> None:
        self._missing.update(node.ref for node in way.nodes if not node.location.valid())

    def _clipped(self, way: Way) -> str:
        """WKB of the stretches of a way whose nodes are known; "" where there is none."""
        self._note_missing(way)
        runs = _known_runs(way)
        self.into.counts["clipped_lines" if runs else "incomplete_ways"] += 1
        return shapely.to_wkb(shapely.MultiLineString(runs), hex=True) if runs else ""


def _kept_tags(item: Node | Way) -> Tags:
    # Never past the last tag: osmium tells the end by a C++ exception, dearer than all the tags.
    tags = item.tags
    return osm_tags.clean_tags(islice(tags, len(tags)))


def _known_runs(way: Way) -> list[list[tuple[float, float]]]:
    """Stretches of a way whose nodes have a place, each of two points or more."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        else:
            runs.append([])
    return [run for run in runs if len(set(run)) > 1]


def _processor(
    path: Path, locations: LocationTable, multipolygons: Multipolygons
) -> osmium.FileProcessor:
    """Objects that may be of use, areas assembled; the rest hardly reaches Python.

    Areas pass, whatever their tags: few are of no use, and a relation may have none.
    """
    kinds = osmium.osm
    relations = osmium.filter.TagFilter(("type", "multipolygon"), ("type", "boundary"))
    relations.enable_for(kinds.RELATION)
    ways = osmium.filter.KeyFilter(*_WAY_KEYS)
    ways.enable_for(kinds.WAY)
    points = osmium.filter.KeyFilter(*osm_tags.POINT_RULES)
    points.enable_for(kinds.NODE)
    drawn = osmium.filter.EntityFilter(kinds.NODE | kinds.WAY | kinds.AREA)
    processor = osmium.FileProcessor(path).with_locations(locations)  # type: ignore[arg-type]
    processor.with_areas(relations, multipolygons)
    return processor.with_filter(points).with_filter(ways).with_filter(drawn)
