"""Points on a true mask, as a careful person would click them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.models.base import Point
    from socioseg.sample import Box

_DEEP = 0.5
"""Further points lie at least this share of the deepest one's depth inside the mask."""


def true_points(mask: NDArray[np.bool_], box: Box, count: int) -> list[Point]:
    """Up to `count` points on `mask` within `box`: the deepest, then the farthest from the rest.

    Parameters
    ----------
    mask
        (H, W).
    box
        xyxy in pixels, x1 and y1 exclusive.

    Returns
    -------
    list of (x, y)
        Centres of pixels; the same mask and box give the same points.
    """
    x0, y0, x1, y1 = box
    inside = np.pad(mask[y0:y1, x0:x1], 1)
    depth = ndimage.distance_transform_edt(inside)[1:-1, 1:-1]
    rows, columns = np.nonzero(depth >= max(1.0, _DEEP * depth.max(initial=0.0)))
    if count < 1 or not rows.size:
        return []
    chosen = [int(np.argmax(depth[rows, columns]))]
    far = np.full(rows.size, np.inf)
    while len(chosen) < min(count, rows.size):
        far = np.minimum(far, np.hypot(rows - rows[chosen[-1]], columns - columns[chosen[-1]]))
        chosen.append(int(np.argmax(far)))
    return [(float(columns[i] + x0 + 0.5), float(rows[i] + y0 + 0.5)) for i in chosen]
