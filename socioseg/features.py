"""OSM data in memory: features with tags and Web Mercator geometry, and their file form."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from socioseg.sample import Bounds

KINDS = ("areas", "lines", "points")


class Feature(NamedTuple):
    """One OSM object: `osm_id` as "way/123", its tags, its geometry in EPSG:3857."""

    osm_id: str
    tags: dict[str, str]
    geometry: Any


@dataclass(frozen=True)
class OsmData:
    """What was read of OSM: tagged areas (polygons), lines and points, each sorted by id.

    `bounds` is the extent in degrees (west, south, east, north), `timestamp` the ISO date of the
    data where it is known, `counts` what was skipped or repaired, by reason, and `notes` are
    sentences for the user.
    """

    areas: list[Feature] = field(default_factory=list)
    lines: list[Feature] = field(default_factory=list)
    points: list[Feature] = field(default_factory=list)
    bounds: Bounds | None = None
    timestamp: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def sort_key(feature: Feature) -> tuple[str, int, str]:
    """Order of features in every list: kind, then number, so that file order does not matter."""
    kind, _, number = feature.osm_id.partition("/")
    return (kind, int(number) if number.lstrip("-").isdigit() else 0, feature.osm_id)


class FeatureIndex:
    """Finds the features of one `OsmData` that meet rectangles, keeping their order."""

    def __init__(self, data: OsmData) -> None:
        self.data = data
        self._trees = {
            kind: shapely.STRtree([f.geometry for f in getattr(data, kind)]) for kind in KINDS
        }

    def within(self, *rectangles: Bounds) -> OsmData:
        """Features whose envelope meets one of `rectangles` (EPSG:3857); other facts unchanged."""
        boxes = [shapely.box(*rectangle) for rectangle in rectangles]
        found: dict[str, list[Feature]] = {}
        for kind, tree in self._trees.items():
            features: Sequence[Feature] = getattr(self.data, kind)
            found[kind] = [features[i] for i in np.unique(tree.query(boxes)[1])]
        areas, lines, points = (found[kind] for kind in KINDS)
        return OsmData(areas, lines, points, self.data.bounds, self.data.timestamp)


def _table(features: Iterable[Feature], kind: str) -> pa.Table:
    rows = list(features)
    return pa.table(
        {
            "kind": pa.array([kind] * len(rows), pa.string()),
            "osm_id": pa.array([f.osm_id for f in rows], pa.string()),
            "tags": pa.array(
                [json.dumps(f.tags, ensure_ascii=False, sort_keys=True) for f in rows], pa.string()
            ),
            "geometry": pa.array(shapely.to_wkb([f.geometry for f in rows]), pa.binary()),
        }
    )


def save(data: OsmData, path: Path) -> None:
    """Write the features of `data` as a Parquet file of ids, JSON tags and WKB."""
    tables = [_table(getattr(data, kind), kind) for kind in KINDS]
    pq.write_table(pa.concat_tables(tables), path, compression="zstd")


def load(path: Path) -> OsmData:
    """Read what `save` wrote."""
    columns = pq.read_table(path).to_pydict()
    found: dict[str, list[Feature]] = {kind: [] for kind in KINDS}
    geometries = shapely.from_wkb(columns["geometry"])
    for kind, osm_id, tags, geometry in zip(
        columns["kind"], columns["osm_id"], columns["tags"], geometries, strict=True
    ):
        found[kind].append(Feature(osm_id, json.loads(tags), geometry))
    return OsmData(found["areas"], found["lines"], found["points"])
