"""Runs: a mask as the stretches of True pixels in its columns, from an array or a COCO code.

All counting is done on runs, so its cost grows with the outline of a mask, not with its area.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

import numpy as np

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Box

WORD = 64
"""Columns begin at multiples of this many pixels, so that they can be packed into words."""


class Rle(TypedDict):
    """COCO's run-length code: size [H, W]; counts column by column, compressed or as numbers."""

    size: Sequence[int]
    counts: bytes | str | Sequence[int]


class Runs(NamedTuple):
    """Runs of True pixels, numbered as if the columns lay end to end, `line` pixels each.

    `start` and `stop` (exclusive) are (n,), in order. `line` is greater than the height, so no
    run reaches from one column into the next. `shape` is (H, W).
    """

    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    line: int
    shape: tuple[int, int]

    @property
    def area(self) -> int:
        """Number of True pixels."""
        return int(self.stop.sum() - self.start.sum())

    @property
    def box(self) -> Box:
        """Box around all True pixels; (0, 0, 0, 0) where there is none."""
        if not len(self.start):
            return (0, 0, 0, 0)
        top, bottom = (self.start % self.line).min(), (self.stop % self.line).max()
        left, right = self.start[0] // self.line, self.stop[-1] // self.line + 1
        return (int(left), int(top), int(right), int(bottom))


class Overlaps(NamedTuple):
    """Pixels that run `first[k]` of one mask and run `second[k]` of another share."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    pixels: NDArray[np.int64]


def runs_of(mask: NDArray[np.bool_] | Rle) -> Runs:
    """Find the runs of a mask; fastest from a code, then from an array in Fortran order.

    Raises
    ------
    UsageError
        If an array is not two-dimensional and boolean, or a code does not fill its size.
    """
    if not isinstance(mask, np.ndarray):
        height, width = mask["size"]
        return _runs_of_counts(counts_of(mask), (int(height), int(width)))
    if mask.ndim != 2 or mask.dtype != np.bool_:
        raise UsageError(
            f"A mask is {mask.dtype} of shape {mask.shape}: pass a boolean array of shape (H, W)."
        )
    return _runs_of_array(mask)


def decode(rle: Rle) -> NDArray[np.bool_]:
    """Mask (H, W) of a code, in Fortran order."""
    counts = counts_of(rle)
    values = np.arange(len(counts)) % 2 == 1
    height, width = rle["size"]
    return np.repeat(values, counts).reshape((height, width), order="F")


def counts_of(rle: Rle) -> NDArray[np.int64]:
    """Lengths of the runs of False and True in turn, the first of False.

    The compressed form writes each number, from the fourth on as its difference to the last but
    one, in groups of five bits from the lowest up: bit 5 says that more follow, bit 4 of the last
    group is the sign, and 48 is added to make it text.

    Raises
    ------
    UsageError
        If the counts are negative or do not add up to H x W.
    """
    text = rle["counts"]
    if isinstance(text, str):
        text = text.encode()
    counts = _numbers(text) if isinstance(text, bytes) else np.asarray(text, dtype=np.int64)
    height, width = rle["size"]
    if counts.sum() != height * width or (counts < 0).any():
        raise UsageError(
            f"A run-length code holds {counts.sum()} pixels in place of {height} x {width}:"
            " it is damaged, or its size is another mask's."
        )
    return counts


def overlaps(one: Runs, other: Runs) -> Overlaps:
    """Every pair of runs of two masks of one shape that share pixels."""
    low = np.searchsorted(other.stop, one.start, side="right")
    high = np.searchsorted(other.start, one.stop)
    first, second = np.repeat(np.arange(len(low)), high - low), ranges(low, high)
    stop = np.minimum(one.stop[first], other.stop[second])
    return Overlaps(first, second, stop - np.maximum(one.start[first], other.start[second]))


def ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers low[0] .. high[0] - 1, then low[1] .. high[1] - 1, and so on."""
    counts = high - low
    ends = counts.cumsum()
    numbers: NDArray[np.int64] = np.repeat(low - ends + counts, counts)
    return numbers + np.arange(len(numbers))


def _line(height: int) -> int:
    """Pixels from one column to the next: whole words, at least one pixel more than the height."""
    return (height // WORD + 1) * WORD


def _runs_of_array(mask: NDArray[np.bool_]) -> Runs:
    """Runs between the bits that differ from the one before, of columns packed into words."""
    height, width = mask.shape
    line = _line(height)
    columns = np.zeros((width, line // 8), dtype=np.uint8)
    packed = np.packbits(np.asfortranarray(mask).T, axis=1, bitorder="little")
    columns[:, : packed.shape[1]] = packed
    words = columns.reshape(-1).view(np.uint64)
    edges = words ^ (words << 1)
    edges[1:] ^= words[:-1] >> (WORD - 1)
    octets = edges.view(np.uint8)
    changed = np.flatnonzero(octets != 0)
    bits = np.flatnonzero(np.unpackbits(octets[changed], bitorder="little").view(np.bool_))
    places = changed[bits >> 3] * 8 + (bits & 7)
    return Runs(places[::2], places[1::2], line, (height, width))


def _numbers(text: bytes) -> NDArray[np.int64]:
    """Numbers of compressed counts."""
    groups = np.frombuffer(text, dtype=np.uint8).astype(np.int64) - 48
    last = np.flatnonzero(groups & 32 == 0)
    if not len(last) or last[-1] != len(groups) - 1:
        return np.empty(0, dtype=np.int64)  # cut off: the caller sees that it fills nothing
    first = np.concatenate([[0], last[:-1] + 1])
    length = last - first + 1
    place = np.arange(len(groups)) - np.repeat(first, length)
    numbers = np.add.reduceat((groups & 31) << 5 * place, first)
    numbers -= np.where(groups[last] & 16, 1 << 5 * length, 0)
    numbers[1::2] = numbers[1::2].cumsum()
    numbers[2::2] = numbers[2::2].cumsum()
    return numbers


def _runs_of_counts(counts: NDArray[np.int64], shape: tuple[int, int]) -> Runs:
    """Cut the runs of True at the ends of columns, and lay the columns `line` pixels apart."""
    height, line = shape[0], _line(shape[0])
    ends = counts.cumsum()
    start, stop = ends[:-1:2], ends[1::2]
    start, stop = start[start < stop], stop[start < stop]
    first, last = start // height, (stop - 1) // height
    column, pieces = ranges(first, last + 1), last - first + 1
    start = np.maximum(np.repeat(start, pieces), column * height)
    stop = np.minimum(np.repeat(stop, pieces), (column + 1) * height)
    shift = column * (line - height)
    return Runs(start + shift, stop + shift, line, shape)
