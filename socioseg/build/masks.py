"""Masks: the polygons of a window as pixels, by the pixel-centre rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from affine import Affine
from rasterio.features import rasterize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Window


def draw_mask(geometries: Sequence[Any], window: Window) -> NDArray[np.bool_]:
    """Pixels of `window` whose centre lies in one of the polygons (EPSG:3857).

    Returns
    -------
    (size, size) bool; all False where no polygon is given.
    """
    shape = (window.size, window.size)
    if not geometries:
        return np.zeros(shape, dtype=bool)
    transform = Affine.from_gdal(*window.transform)
    burnt = rasterize(geometries, out_shape=shape, transform=transform, dtype="uint8")
    return np.asarray(burnt, dtype=bool)
