"""A model that knows where buildings stand, and cuts them out of the imagery there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas
import shapely

from socioseg.models.base import Prediction
from socioseg.models.registry import load_part
from socioseg.models.segmenters import Target
from socioseg.predict.satimage import open_sat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.sample import Query


class Footprints:
    """Gives GrabCut the box of each named footprint, by the number of the query that asks for it.

    Parameters
    ----------
    osm
        GeoJSON of footprints; the queries are its named ones, in their order.
    sat
        The imagery, on the Web Mercator grid.
    """

    name = "footprints"

    def __init__(self, osm: str, sat: str) -> None:
        frame = geopandas.read_file(osm)
        grid = open_sat(sat, mercator=True).grid
        shapes = frame[frame["name"].notna()].to_crs(grid.crs).geometry
        self.boxes = [shapely.transform(shape, grid.to_pixels).bounds for shape in shapes]
        self.segmenter = load_part("grabcut", "segmenter")

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        return [self._predict(query) for query in samples]

    def _predict(self, query: Query) -> Prediction:
        number, _, corner = query.id.partition("/")
        column, row = map(int, corner.split(","))
        x0, y0, x1, y1 = self.boxes[int(number)]
        box = (x0 - column, y0 - row, x1 - column, y1 - row)
        (found,) = self.segmenter.segment(self.segmenter.embed([query.sat]), [[Target(box)]])
        confidence = float(found.scores[0])
        return Prediction(query.id, found.union(), boxes=[box], confidence=confidence)
