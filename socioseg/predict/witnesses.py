"""Which squares an instance was seen in, and how sure they were of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from affine import Affine
from rasterio.features import rasterize

from socioseg.bench.rle import decode_mask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.predict.merge import Finding


class Instance(NamedTuple):
    """One instance that was found.

    Attributes
    ----------
    outline
        Polygon or MultiPolygon in pixels of the grid, along pixel borders.
    squares
        Ids of the squares whose answers hold some of it.
    agreement
        Share of the squares' pixels on it that say it is there, 0 to 1; 1 where all agree.
    confidence
        Mean of what these squares' answers gave as their confidence, each weighed with its
        pixels of the instance; None where none gave any.
    """

    outline: Any
    squares: tuple[str, ...]
    agreement: float
    confidence: float | None

    @property
    def pixels(self) -> int:
        """Size in pixels of the grid."""
        return round(float(self.outline.area))


def witnessed(outlines: Sequence[Any], findings: Sequence[Finding]) -> list[Instance]:
    """What `findings` say of each of `outlines`, which are in pixels, along pixel borders."""
    boxes = shapely.box(*np.array([_box(finding) for finding in findings]).reshape(-1, 4).T)
    tree = shapely.STRtree(boxes)
    return [
        _instance(outline, [findings[i] for i in sorted(tree.query(outline))])
        for outline in outlines
    ]


def _box(finding: Finding) -> tuple[int, int, int, int]:
    column, row, size = finding.square
    return column, row, column + size, row + size


def _instance(outline: Any, findings: Sequence[Finding]) -> Instance:  # noqa: ANN401 - shapely's
    squares, seen, said = [], 0, 0
    sure = weight = 0.0
    for finding in findings:
        inside, yes = _counts(outline, finding)
        seen, said = seen + inside, said + yes
        if yes:
            squares.append(finding.square.id)
        if yes and finding.confidence is not None:
            sure, weight = sure + yes * finding.confidence, weight + yes
    confidence = round(sure / weight, 6) if weight else None
    return Instance(outline, tuple(squares), round(said / seen, 6), confidence)


def _counts(outline: Any, finding: Finding) -> tuple[int, int]:  # noqa: ANN401 - shapely's
    """Pixels of the instance that a square shows, and of these, those that it says are in."""
    square = finding.square
    west, north, east, south = map(int, outline.bounds)
    left, top = max(west, square.column), max(north, square.row)
    right, low = min(east, square.column + square.size), min(south, square.row + square.size)
    if left >= right or top >= low:
        return 0, 0
    inside: NDArray[np.bool_] = rasterize(
        [outline],
        out_shape=(low - top, right - left),
        transform=Affine.translation(left, top),
        dtype="uint8",
    ).astype(np.bool_)
    count = int(np.count_nonzero(inside))
    if finding.mask is None or not count:
        return count, 0
    part = decode_mask(finding.mask)[
        top - square.row : low - square.row, left - square.column : right - square.column
    ]
    return count, int(np.count_nonzero(inside & part))
