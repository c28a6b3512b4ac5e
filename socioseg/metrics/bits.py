"""Masks packed into words of 64 pixels, for what looks at a pixel's neighbours.

Two masks are (2, columns, words): a column's pixels from the top are bits from the lowest up, and
every column ends in at least one zero bit, so that the next column is never taken for its rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.metrics.runs import WORD, ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bits = NDArray[np.uint64]

    from socioseg.metrics.runs import Runs

_ONES = np.uint64(2**64 - 1)


def pack(first: Runs, second: Runs) -> Bits:
    """Pack two masks of one shape."""
    bits = np.zeros((2, first.shape[1], first.line // WORD), dtype=np.uint64)
    for words, runs in zip(bits, (first, second), strict=True):
        flat, begin, end = words.reshape(-1), runs.start // WORD, runs.stop // WORD
        # The set bits of a run from `start` on, less those from `stop` on; in between, all of
        # them. As the bits of two runs never meet, the words of runs may be added.
        np.add.at(flat, begin, _from(runs.start))
        np.add.at(flat, ranges(begin + 1, end + 1), _ONES)
        np.subtract.at(flat, end, _from(runs.stop))
    return bits


def _from(place: NDArray[np.int64]) -> Bits:
    """A word whose bits are set from that of the pixel at `place` on."""
    word: Bits = np.left_shift(_ONES, (place % WORD).astype(np.uint64))
    return word


def count(bits: Bits) -> int:
    """Number of True pixels."""
    return int(np.bitwise_count(bits).sum())


def erode(bits: Bits, distance: int) -> Bits:
    """Keep the pixels whose square of `distance` pixels to every side is True throughout.

    What lies outside is False. The `distance` columns at either end of `bits`, of which nothing
    can be kept, are left out: (2, n, words) becomes (2, n - 2 * distance, words).
    """
    window = 2 * distance + 1
    reach = 1
    while 2 * reach <= window:  # True where this and the next columns are, twice as many a turn
        bits, reach = bits[:, :-reach] & bits[:, reach:], 2 * reach
    bits = bits[:, : reach - window] & bits[:, window - reach :]
    flat: Bits = bits.reshape(-1)
    reach = 1
    while 2 * reach <= window:  # the same with the next pixels of the column
        flat, reach = _and_later(flat, reach), 2 * reach
    flat = _and_later(flat, window - reach)
    return _delayed(flat, distance, bits.size).reshape(bits.shape)


def _and_later(flat: Bits, pixels: int) -> Bits:
    """True where a pixel is and the one `pixels` after it is; words that see none are cut off."""
    words, rest = divmod(pixels, WORD)
    later: Bits = np.right_shift(flat[words:], np.uint64(rest))
    later[:-1] |= flat[words + 1 :] << (WORD - rest)
    later &= flat[: len(later)]
    return later


def _delayed(flat: Bits, pixels: int, size: int) -> Bits:
    """Move every pixel by `pixels` towards the end of `size` words."""
    words, rest = divmod(pixels, WORD)
    moved = np.zeros(size + words + 1, dtype=flat.dtype)
    moved[words : words + len(flat)] = flat << rest
    moved[words + 1 : words + 1 + len(flat)] |= flat >> (WORD - rest)
    return moved[:size]
