"""Outlines of masks as SVG paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from rasterio.features import shapes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TOLERANCE = 0.75
"""Pixels by which an outline may leave the staircase of the mask's pixels."""
MOST_EDGES = 30_000
"""Edges of pixels on an outline; a mask that has more, such as noise, is drawn at half size."""


def outline(mask: NDArray[np.bool_], tolerance: float = TOLERANCE) -> str:
    """The outline of `mask`, to be filled by the even-odd rule; nothing for an empty mask.

    Parameters
    ----------
    mask
        (H, W) bool.
    tolerance
        In pixels; 0 follows the edges of the pixels exactly.

    Returns
    -------
    str
        The `d` of an SVG path, in pixels of the mask; 0, 0 is the corner of its first pixel.
    """
    if not mask.any():
        return ""
    mask, corner = _cropped(mask)
    scale = 1
    while _edges(mask) > MOST_EDGES:
        mask, scale = _halved(mask), 2 * scale
    return "".join(_path(ring * scale + corner) for ring in _rings(mask, tolerance))


def _cropped(mask: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """The part of `mask` that holds anything, and the x, y of its corner: tracing takes long."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    part = mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(part), np.array([columns[0], rows[0]])


def _edges(mask: NDArray[np.bool_]) -> int:
    down, across = np.diff(mask, axis=0), np.diff(mask, axis=1)
    return int(np.count_nonzero(down) + np.count_nonzero(across))


def _halved(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Half as many rows and columns: True where two or more of four pixels are."""
    height, width = mask.shape
    padded = np.pad(mask, ((0, height % 2), (0, width % 2)))
    fours = padded.reshape(padded.shape[0] // 2, 2, padded.shape[1] // 2, 2)
    halved: NDArray[np.bool_] = fours.sum(axis=(1, 3)) >= 2
    return halved


def _rings(mask: NDArray[np.bool_], tolerance: float) -> Iterator[NDArray[np.int64]]:
    """Closed rings of the simplified polygons, (n, 2) whole pixels; the last point is the first."""
    found = [shapely.geometry.shape(shape) for shape, _ in shapes(mask.view(np.uint8), mask=mask)]
    for polygon in shapely.simplify(found, tolerance):
        for ring in (polygon.exterior, *polygon.interiors):
            yield np.rint(shapely.get_coordinates(ring)).astype(np.int64)


def _path(ring: NDArray[np.int64]) -> str:
    x, y = ring[0]
    steps = " ".join(f"{dx} {dy}" for dx, dy in np.diff(ring[:-1], axis=0))
    return f"M{x} {y}l{steps}z".replace(" -", "-")
