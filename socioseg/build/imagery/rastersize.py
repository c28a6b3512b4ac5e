"""Rasters too unwieldy for windows: refused by what their header says, before a pixel is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.errors import ImageryError

if TYPE_CHECKING:
    from rasterio.io import DatasetReader

MAX_BLOCK = 1 << 29
"""Bytes of one band of a block, which GDAL decodes as a whole."""
SEQUENTIAL = ("PNG", "JPEG", "GIF", "WEBP", "BMP")
"""Drivers that read from the start of the file to where a window lies."""
MAX_SEQUENTIAL = 1 << 28
"""Pixels of a raster that is read so."""


def check_size(src: DatasetReader) -> None:
    """Refuse a raster of which a window cannot be read in bounded memory and time.

    Raises
    ------
    ImageryError
        With the size that is too large, and the remedy.
    """
    remedy = "make it one that can be with gdal_translate -of COG"
    blocks = zip(src.block_shapes, src.dtypes, strict=True)
    sizes = {
        rows * columns * np.dtype(kind).itemsize: (columns, rows)
        for (rows, columns), kind in blocks
    }
    largest = max(sizes)
    if largest > MAX_BLOCK:
        columns, rows = sizes[largest]
        raise ImageryError(
            f"{src.name} is stored in blocks of {columns} x {rows} pixels and cannot be read in "
            f"parts; {remedy}"
        )
    if src.driver in SEQUENTIAL and src.width * src.height > MAX_SEQUENTIAL:
        raise ImageryError(
            f"{src.name} has {src.width} x {src.height} pixels, and {src.driver} cannot be read in "
            f"parts; {remedy}"
        )
