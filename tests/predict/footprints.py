"""A model that knows where buildings stand, and cuts them out of the imagery there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas
import shapely

from socioseg.models.answers import Item, write
from socioseg.models.base import Prediction
from socioseg.models.chat.engine import Prompt, Reply
from socioseg.models.registry import load_part
from socioseg.models.segmenters import Target
from socioseg.predict.satimage import open_sat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.sample import Query


Box = tuple[float, float, float, float]


def boxes_of(osm: str, sat: str) -> list[Box]:
    """Boxes of the named footprints, xyxy in pixels of the imagery's Web Mercator grid."""
    frame = geopandas.read_file(osm)
    grid = open_sat(sat, mercator=True).grid
    shapes = frame[frame["name"].notna()].to_crs(grid.crs).geometry
    return [shapely.transform(shape, grid.to_pixels).bounds for shape in shapes]


def box_in(query: Query, boxes: Sequence[Box]) -> Box:
    """The box of the footprint that `query` asks for, in pixels of its window."""
    number, _, corner = query.id.partition("/")
    column, row = map(int, corner.split(","))
    x0, y0, x1, y1 = boxes[int(number)]
    return (x0 - column, y0 - row, x1 - column, y1 - row)


class FootprintChat:
    """Says where the named footprints stand, in the words and pixels of the model asked."""

    revision = "footprints"

    def __init__(self, osm: str, sat: str) -> None:
        self.boxes = boxes_of(osm, sat)

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        return [Reply(self._text(prompt)) for prompt in prompts]

    def _text(self, prompt: Prompt) -> str:
        assert prompt.about
        look, stage = prompt.about.look, prompt.about.stage
        box = look.frame.from_sample(box_in(look.query, self.boxes), look.query.size)
        x0, y0, x1, y1 = box
        points = (((x0 + x1) / 2, (y0 + y1) / 2),) if stage == 2 else ()
        item = Item(box, points, (1,) * len(points))
        return write([item], prompt.about.grammar, stage, "It stands on the map.")


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
        self.boxes = boxes_of(osm, sat)
        self.segmenter = load_part("grabcut", "segmenter")

    def predict(self, samples: Sequence[Query]) -> list[Prediction]:
        return [self._predict(query) for query in samples]

    def _predict(self, query: Query) -> Prediction:
        box = box_in(query, self.boxes)
        (found,) = self.segmenter.segment(self.segmenter.embed([query.sat]), [[Target(box)]])
        confidence = float(found.scores[0])
        return Prediction(query.id, found.union(), boxes=[box], confidence=confidence)
