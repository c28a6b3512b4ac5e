"""Instances of a mask: its 8-connected components, as boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from socioseg.sample import Box

MIN_PIXELS = 11
"""A component of 10 pixels or fewer is a speck, not an instance."""
_EIGHT = np.ones((3, 3), dtype=bool)


def instance_boxes(mask: NDArray[np.bool_]) -> list[Box]:
    """Boxes of the instances of `mask`, in raster order of their first pixels.

    Parameters
    ----------
    mask
        (H, W), True where the query's entities are.

    Returns
    -------
    list of Box
        xyxy in pixels of the mask, x1 and y1 exclusive; one box for every 8-connected component
        of more than 10 pixels.
    """
    # scipy numbers components by their first pixel in raster order, which is the order wanted.
    labels, _ = ndimage.label(mask, structure=_EIGHT)
    return [
        (columns.start, rows.start, columns.stop, rows.stop)
        for label, (rows, columns) in enumerate(ndimage.find_objects(labels), start=1)
        if np.count_nonzero(labels[rows, columns] == label) >= MIN_PIXELS
    ]
