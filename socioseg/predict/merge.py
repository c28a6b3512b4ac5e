"""What was found square by square, merged into the mask of the whole, strip by strip."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.bench.rle import Rle, decode_mask, encode_mask
from socioseg.predict.grid import Square, weights

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from socioseg.predict.grid import Grid

STRIP = 256
"""Rows of the whole that are merged at a time: memory grows with the width of a grid alone."""


class Finding(NamedTuple):
    """The answer of one square: `mask` is run-length encoded, None where nothing was found."""

    square: Square
    mask: Rle | None
    confidence: float | None = None

    @classmethod
    def of(
        cls, square: Square, mask: NDArray[np.bool_], confidence: float | None = None
    ) -> Finding:
        """`mask`, (size, size) bool, small enough to be kept until all squares are seen."""
        return cls(square, encode_mask(mask) if mask.any() else None, confidence)


def merged_strips(
    grid: Grid, findings: Sequence[Finding]
) -> Iterator[tuple[int, NDArray[np.bool_]]]:
    """First row and mask, (rows, grid.width) bool, of each strip of the grid that holds anything.

    A pixel is in where at least half of what the squares that show it say is for it. A square's
    word counts the more, the farther the pixel is from that square's border (see `weights`).
    Squares that do not stand in `findings` say nothing.
    """
    for top in range(0, grid.height, STRIP):
        rows = min(STRIP, grid.height - top)
        inside = [
            f for f in findings if f.square.row < top + rows and f.square.row + f.square.size > top
        ]
        if not any(finding.mask for finding in inside):
            continue
        shape = (rows, grid.width)
        yes, all_ = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
        for finding in inside:
            _add(finding, top, yes, all_)
        strip = (yes > 0) & (2 * yes >= all_)
        if strip.any():
            yield top, strip


def _add(finding: Finding, top: int, yes: NDArray[np.uint16], all_: NDArray[np.uint16]) -> None:
    """Add one square's say to the part of the strip from row `top` on that it shows."""
    square = finding.square
    rows = slice(max(0, square.row - top), min(len(yes), square.row - top + square.size))
    columns = slice(max(0, square.column), min(yes.shape[1], square.column + square.size))
    part = (
        slice(rows.start + top - square.row, rows.stop + top - square.row),
        slice(columns.start - square.column, columns.stop - square.column),
    )
    say = weights(square.size)[part]
    all_[rows, columns] += say
    if finding.mask:
        yes[rows, columns] += say * decode_mask(finding.mask)[part]
