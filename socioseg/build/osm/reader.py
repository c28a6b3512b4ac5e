"""One pass of osmium over an OSM file: what each node, way and relation becomes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import osmium
import shapely

from socioseg.build.osm import tags as osm_tags
from socioseg.build.osm.collect import Collector
from socioseg.build.osm.sort import original_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from osmium.index import LocationTable
    from osmium.osm import Area, Node, Relation, Way

    from socioseg.build.osm.collect import Tags
    from socioseg.sample import Bounds

_AREA_KEYS = tuple({*osm_tags.POLYGON_RULES, *osm_tags.CLOSED_WAY_RULES})
_WAY_KEYS = tuple({*_AREA_KEYS, *osm_tags.LINE_RULES})


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
        self._closed: dict[int, Tags] = {}  # ways that become areas: id to tags
        self._relations: set[int] = set()  # that should become areas
        self._assembled: set[int] = set()  # relations that did
        self._missing: set[int] = set()  # nodes whose place was not known when a way needed it
        self._locations: LocationTable | None = None

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
            "r": self._relation,
            "a": self._area,
        }
        processor = _processor(path)
        self._locations = processor.node_location_storage
        for item in processor:
            visit[item.type_str()](item)
        self.into.counts["incomplete_relations"] += len(self._relations - self._assembled)
        self.into.counts["incomplete_ways"] += len(self._closed)

    def order_lost_nodes(self) -> bool:
        """Whether a way lacked a node that is there: after the way, or with a negative id.

        osmium finds neither by itself.
        """
        return any(ref < 0 or self._is_known(ref) for ref in self._missing)

    def _is_known(self, node: int) -> bool:
        if self._locations is None:
            return False
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
        if closed and osm_tags.closes_area(tags):
            self._closed[way.id] = tags
            if not way.nodes[0].location.valid():
                self._note_missing(way)
        if osm_tags.describes_line(tags, closed=closed):
            self._put("lines", f"way/{original_id(way.id)}", tags, way)

    def _relation(self, relation: Relation) -> None:
        if relation.tags.get("type") not in {"multipolygon", "boundary"}:
            return
        if osm_tags.describes_polygon(_kept_tags(relation)):
            self._relations.add(relation.id)

    def _area(self, area: Area) -> None:
        number = area.orig_id()
        if area.from_way():  # comes right after its way
            tags = self._closed.pop(number, None)
            if tags is not None:
                self._put("areas", f"way/{original_id(number)}", tags, area)
            return
        tags = _kept_tags(area)
        if osm_tags.describes_polygon(tags):
            self._assembled.add(number)
            self._put("areas", f"relation/{original_id(number)}", tags, area)

    def _put(self, kind: str, osm_id: str, tags: Tags, item: Node | Way | Area) -> None:
        try:
            wkb = self._create[kind](item)
        except (osmium.InvalidLocationError, RuntimeError):
            # a line without all its nodes; a node without a place; rings that cross or stay open
            wkb = self._clipped(item) if isinstance(item, osmium.osm.Way) else ""
            self.into.counts["bad_geometry"] += kind != "lines"
        if not wkb:
            return
        self.into.put(kind, osm_id, tags, wkb)
        if self.latest is None or item.timestamp > self.latest:
            self.latest = item.timestamp

    def _note_missing(self, way: Way) -> None:
        self._missing.update(node.ref for node in way.nodes if not node.location.valid())

    def _clipped(self, way: Way) -> str:
        """WKB of the stretches of a way whose nodes are known; "" where there is none."""
        self._note_missing(way)
        runs = _known_runs(way)
        self.into.counts["clipped_lines" if runs else "incomplete_ways"] += 1
        return shapely.to_wkb(shapely.MultiLineString(runs), hex=True) if runs else ""


def _kept_tags(item: Node | Way | Relation | Area) -> Tags:
    # Never past the last tag: osmium tells the end by a C++ exception, dearer than all the tags.
    return osm_tags.clean_tags(islice(item.tags, len(item.tags)))


def _known_runs(way: Way) -> list[list[tuple[float, float]]]:
    """Stretches of a way whose nodes have a place, each of two points or more."""
    runs: list[list[tuple[float, float]]] = [[]]
    for node in way.nodes:
        if node.location.valid():
            runs[-1].append((node.lon, node.lat))
        else:
            runs.append([])
    return [run for run in runs if len(set(run)) > 1]


def _processor(path: Path) -> osmium.FileProcessor:
    """Objects that may be of use, areas assembled; the rest never reaches Python."""
    kinds = osmium.osm
    areas = osmium.filter.KeyFilter(*_AREA_KEYS)
    areas.enable_for(kinds.AREA | kinds.RELATION)
    ways = osmium.filter.KeyFilter(*_WAY_KEYS)
    ways.enable_for(kinds.WAY)
    points = osmium.filter.KeyFilter(*osm_tags.POINT_RULES)
    points.enable_for(kinds.NODE)
    processor = osmium.FileProcessor(path).with_areas(areas)
    return processor.with_filter(points).with_filter(ways).with_filter(areas)
