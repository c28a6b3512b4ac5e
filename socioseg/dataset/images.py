"""Images of a row from their bytes, which nobody vouches for."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from socioseg.errors import DatasetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_SIDE = 8192
"""Pixels; a larger image is refused before a byte of it is decoded."""
FORMATS = {"map_image": ("PNG",), "sat_image": ("JPEG", "PNG"), "mask_label": ("PNG",)}
MODES = {"map_image": "RGB", "sat_image": "RGB", "mask_label": "L"}

DECODE_FAILURES = (
    OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip
"""What Pillow raises at broken or oversized files."""


def decode_image(column: str, data: bytes) -> NDArray[np.uint8]:
    """Pixels of an image column.

    Parameters
    ----------
    column
        `map_image`, `sat_image` or `mask_label`; says which formats and mode are right.
    data
        The file's bytes.

    Returns
    -------
    NDArray
        (H, W, 3) for the images, (H, W) for the mask.

    Raises
    ------
    DatasetError
        If the bytes are broken, or of another format, mode or size than the column promises.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
        _check(column, image)
        return np.asarray(image)
    except DatasetError:
        raise
    except DECODE_FAILURES as error:
        raise DatasetError(f"{column} is not a sound image: {error}") from error


def _check(column: str, image: Image.Image) -> None:
    """Refuse what the header alone shows to be wrong."""
    if image.format not in FORMATS[column]:
        wanted = " or ".join(FORMATS[column])
        raise DatasetError(f"{column} is a {image.format} file; it must be {wanted}")
    if image.mode != MODES[column]:
        raise DatasetError(f"{column} has mode {image.mode}; it must be {MODES[column]}")
    if max(image.size) > MAX_SIDE:
        raise DatasetError(
            f"{column} measures {image.width} x {image.height} pixels; {MAX_SIDE} is the most"
        )


def image_side(data: bytes) -> int:
    """Width in pixels that the header of a sound image states."""
    with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as image:
        return image.width
