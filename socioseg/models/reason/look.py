"""A query as a reasoning model sees it: its images in the model's pixels, and the way back."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from socioseg.models.frames import Frame, resize
from socioseg.models.segmenters import Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.models.answers import Item
    from socioseg.models.base import Point
    from socioseg.models.reason.family import Family
    from socioseg.sample import Query


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One query, ready to be asked.

    Attributes
    ----------
    frame
        In which the model gives coordinates.
    shown
        Of the images that the model sees.
    images
        (shown.height, shown.width, 3) uint8 RGB each, in the family's order.
    canvas
        (H, W, 3) uint8: what is cut out of; the satellite image, in the sample's pixels or in the
        model's.
    draw
        Number of this answer among several to one query.
    """

    query: Query
    frame: Frame
    shown: Frame
    images: tuple[NDArray[np.uint8], ...]
    canvas: NDArray[np.uint8]
    draw: int = 0

    def seed(self, stage: int) -> int:
        """For sampling: of this query, answer and stage alone."""
        return zlib.crc32(f"{self.query.seed}/{self.draw}/{stage}".encode())

    def target(self, item: Item) -> Target:
        """What `item` points at, in pixels of the canvas."""
        size = self.canvas.shape[0], self.canvas.shape[1]
        box = self.frame.to_sample(item.box, size) if item.box else None
        points = tuple(self.frame.to_sample(point, size) for point in item.points)
        return Target(box, points, item.labels)

    def boxes(self, items: Sequence[Item]) -> list[tuple[float, ...]]:
        """The boxes of `items` in pixels of the sample; around its points where one has none."""
        return [self.frame.to_sample(_box(item), self.query.size) for item in items]

    def points(self, items: Sequence[Item]) -> list[list[Point]]:
        """The points of each of `items` in pixels of the sample; [] where none has any."""
        size = self.query.size
        found = [[self.frame.to_sample(point, size) for point in item.points] for item in items]
        return found if any(found) else []

    def drawn(self, items: Sequence[Item]) -> list[tuple[float, ...]]:
        """The boxes of `items` in pixels of the images shown."""
        size = self.shown.height, self.shown.width
        return [self.frame.to_sample(_box(item), size) for item in items]


def open_look(query: Query, family: Family, *, in_frame: bool) -> Look:
    """`query` as models of `family` see it; `in_frame` cuts out in the model's pixels."""
    shown = family.sees(query.size)
    seen = {name: resize(getattr(query, name), shown) for name in dict.fromkeys(family.images)}
    return Look(
        query=query,
        frame=family.answers_in(query.size),
        shown=shown,
        images=tuple(seen[name] for name in family.images),
        canvas=resize(query.sat, shown) if in_frame else query.sat,
    )


def _box(item: Item) -> tuple[float, float, float, float]:
    if item.box:
        return item.box
    xs, ys = zip(*item.points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)
