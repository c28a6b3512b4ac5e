"""Features gathered while OSM data is read: selected, projected, repaired, counted, sorted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import shapely

from socioseg.build.osm.geometry import meeting, repair_polygons, to_mercator
from socioseg.features import KINDS, Feature, OsmData, sort_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.build.osm.geometry import Geometries
    from socioseg.build.osm.tags import Tags
    from socioseg.sample import Bounds

CHUNK = 50_000
"""Features held as text before they become geometry; bounds the memory of a selective read."""


class Collector:
    """Takes features in degrees and gives them back as `OsmData`.

    Parameters
    ----------
    bounds : Bounds, optional
        Degrees (west, south, east, north): features that meet it are kept, whole.

    Attributes
    ----------
    counts : Counter
        What was skipped or repaired, by reason.
    """

    def __init__(self, bounds: Bounds | None) -> None:
        self.bounds = bounds
        self.counts: Counter[str] = Counter()
        self.notes: list[str] = []
        self._found: dict[str, list[Feature]] = {kind: [] for kind in KINDS}
        self._piles: dict[str, list[tuple[str, Tags, str]]] = {kind: [] for kind in KINDS}
        self._extents: dict[str, NDArray[np.float64]] = {}

    @property
    def extent(self) -> Bounds | None:
        """Extent in degrees of every area that came, inside the bounds or not.

        Of the lines, or the points, where no area came: long roads reach far out of most extracts.
        """
        for kind in KINDS:
            if kind in self._extents:
                west, south, east, north = self._extents[kind].tolist()
                return (west, south, east, north)
        return None

    def put(self, kind: str, osm_id: str, tags: Tags, wkb: str) -> None:
        """Take one feature, its geometry as hexadecimal WKB."""
        pile = self._piles[kind]
        pile.append((osm_id, tags, wkb))
        if len(pile) >= CHUNK:
            self._flush(kind)

    def put_all(
        self, kind: str, ids: Sequence[str], tags: Sequence[Tags], shapes: Geometries
    ) -> None:
        """Take many features, their geometry as an array."""
        self._widen(kind, shapely.total_bounds(shapes))
        inside = np.flatnonzero(meeting(shapes, self.bounds)).tolist()
        shapes = to_mercator(shapes[inside])
        if kind == "areas":
            shapes = repair_polygons(shapes, self.counts)
        self._found[kind] += [
            Feature(ids[i], tags[i], shape)
            for i, shape in zip(inside, shapes, strict=True)
            if shape is not None
        ]

    def data(self, *, bounds: Bounds | None = None, timestamp: str = "") -> OsmData:
        """Give all that was taken, each kind sorted; `bounds` is the extent unless given."""
        for kind in KINDS:
            self._flush(kind)
        return OsmData(
            **{kind: sorted(features, key=sort_key) for kind, features in self._found.items()},
            bounds=bounds or self.extent,
            timestamp=timestamp,
            counts={reason: n for reason, n in sorted(self.counts.items()) if n},
            notes=self.notes,
        )

    def _flush(self, kind: str) -> None:
        pile, self._piles[kind] = self._piles[kind], []
        if pile:
            ids, tags, wkb = zip(*pile, strict=True)
            # bytes first: shapely reads binary WKB five times as fast as hexadecimal
            shapes = shapely.from_wkb([bytes.fromhex(text) for text in wkb])
            self.put_all(kind, ids, tags, shapes)

    def _widen(self, kind: str, box: NDArray[np.float64]) -> None:
        old = self._extents.get(kind, box)
        self._extents[kind] = np.concatenate([np.fmin(old[:2], box[:2]), np.fmax(old[2:], box[2:])])
