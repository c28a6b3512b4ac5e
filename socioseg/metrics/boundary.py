"""Boundary pixels of two masks, for the boundary IoU of Cheng et al. (CVPR 2021)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from socioseg.metrics.bits import count, erode, pack
from socioseg.metrics.runs import WORD

if TYPE_CHECKING:
    from socioseg.metrics.runs import Runs
    from socioseg.sample import Box

DILATION_RATIO = 0.02
"""Width of the boundary as a share of the image's diagonal: 22 pixels of 768 x 768."""


class Boundary(NamedTuple):
    """Pixels within the boundary's width of the background, inside each mask and in both."""

    pred: int
    true: int
    both: int


def boundaries(pred: Runs, true: Runs, box: Box) -> Boundary:
    """Count the boundary pixels of two masks; `box` lies around the pixels of both.

    A pixel of a mask is of its boundary where the square of d pixels to every side holds
    background, the outside of the image included; d is `DILATION_RATIO` of the diagonal, rounded,
    at least 1. So does the reference code, which pads a mask with zeros and erodes it d times by
    3 x 3.
    """
    distance = max(1, round(DILATION_RATIO * math.hypot(*true.shape)))
    x0, y0, x1, y1 = box
    inside = pack(pred, true)[:, x0:x1, y0 // WORD : y1 // WORD + 1].copy()
    if min(x1 - x0, y1 - y0) > 2 * distance:  # else nothing is that far from the background
        inside[:, distance:-distance] ^= erode(inside, distance)
    return Boundary(count(inside[0]), count(inside[1]), count(inside[0] & inside[1]))
