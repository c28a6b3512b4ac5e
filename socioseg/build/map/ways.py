"""Roads, rails and waterways of the digital map: kinds, ranks, levels, and names along them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.features import Feature
    from socioseg.sample import Window

WATERWAYS = ("river", "canal", "stream", "drain", "ditch")
RANKS = (
    *("path", "steps", "track", "pedestrian", "service", "residential", "tertiary", "secondary"),
    *("primary", "trunk", "motorway", "tram", "rail"),
)
"""Kinds of ways from below to above, where they cross on one level."""

LINK_WIDTH = 0.62
"""Width of a slip road, an alley or a siding, relative to its kind."""

_HIGHWAYS = {
    **{kind: kind for kind in RANKS[:11]},
    **{f"{kind}_link": kind for kind in RANKS[6:11]},
    **dict.fromkeys(("unclassified", "living_street", "road", "busway"), "residential"),
    **dict.fromkeys(("footway", "cycleway", "bridleway"), "path"),
    "raceway": "track",
}
_RAILWAYS = {
    **dict.fromkeys(("rail", "light_rail", "subway", "narrow_gauge", "monorail"), "rail"),
    **dict.fromkeys(("tram", "funicular"), "tram"),
}
_NARROW = ("parking_aisle", "driveway", "alley", "drive-through", "siding", "spur", "yard")
_PAVEMENTS = ("sidewalk", "crossing", "traffic_island")
_LEVEL = re.compile(r"[+-]?[0-9]")


class Way(NamedTuple):
    """One line of the map: kind, name ("" for none), level (0 the ground), relative width."""

    geometry: Any
    kind: str
    name: str
    level: int
    width: float
    bridge: bool
    tunnel: bool


def make_way(line: Feature, name: str) -> Way | None:
    """Make the way that a line of OSM is; None where the map does not show it."""
    tags = line.tags
    kind = _kind(tags)
    bridge, tunnel = (tags.get(key, "no") != "no" for key in ("bridge", "tunnel"))
    if not kind or (tunnel and kind in WATERWAYS):
        return None
    narrow = tags.get("highway", "").endswith("_link") or tags.get("service") in _NARROW
    width = LINK_WIDTH if narrow else 1.0
    return Way(line.geometry, kind, name, _level(tags, bridge=bridge), width, bridge, tunnel)


def _kind(tags: Mapping[str, str]) -> str:
    """Kind of a line's way; "" for what the map leaves out: areas, indoor ways, pavements."""
    if (
        tags.get("area") == "yes"
        or tags.get("indoor") == "yes"
        or tags.get("footway") in _PAVEMENTS
    ):
        return ""
    waterway = tags.get("waterway", "")
    kind = _HIGHWAYS.get(tags.get("highway", "")) or _RAILWAYS.get(tags.get("railway", ""))
    return kind or (waterway if waterway in WATERWAYS else "")


def _level(tags: Mapping[str, str], *, bridge: bool) -> int:
    layer = tags.get("layer", "")
    return int(layer) if _LEVEL.fullmatch(layer) else int(bridge)


def way_order(way: Way) -> tuple[int, int]:
    """Sorting key of drawing: by level, then by rank."""
    return (way.level, RANKS.index(way.kind))


class LineName(NamedTuple):
    """A name to be set along a line."""

    geometry: Any
    text: str
    kind: str


class WayNames:
    """Finds the names to be set along ways in a window."""

    def __init__(self, ways: Sequence[Way]) -> None:
        self._ways = [way for way in ways if way.name]
        self._shapes = np.array([way.geometry for way in self._ways], dtype=object)
        self._tree = shapely.STRtree(self._shapes)

    def within(self, window: Window) -> list[LineName]:
        """Names and the stretches they belong to, those of high rank first.

        The pieces that OSM cuts a street into are joined, and smoothed to a pixel. Only what lies
        inside the window counts, so that the rest of the data cannot move a name.
        """
        near = np.sort(self._tree.query(shapely.box(*window.bounds)))
        clipped = shapely.clip_by_rect(self._shapes[near], *window.bounds)
        streets: dict[tuple[str, str], list[Any]] = {}
        for part, i in zip(*shapely.get_parts(clipped, return_index=True), strict=True):
            way = self._ways[near[i]]
            if part.geom_type == "LineString":
                streets.setdefault((way.kind, way.name), []).append(part)
        return [
            LineName(shapely.simplify(stretch, window.resolution), name, kind)
            for kind, name in sorted(streets, key=lambda street: (-_rank(street[0]), street[1]))
            for stretch in _joined(streets[kind, name])
        ]


def _rank(kind: str) -> int:
    return RANKS.index(kind) if kind in RANKS else 0


def _joined(lines: list[Any]) -> list[Any]:
    """Lines of one street, joined where they meet, the longest first."""
    if len(lines) == 1:
        return lines
    merged = shapely.get_parts(shapely.line_merge(shapely.MultiLineString(lines)))
    return sorted(merged.tolist(), key=lambda line: -line.length)
