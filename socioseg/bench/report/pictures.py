"""Pictures of the gallery, as files beside its page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from PIL import Image

from socioseg.dataset.images import DECODE_FAILURES, MAX_SIDE
from socioseg.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

MOST_BYTES = 100_000
"""Of a file that is taken as it is; a larger one is encoded again."""
SIDE = 1024
"""Pixels of the longer side that a picture has at most."""
_QUALITY = 80
_SUFFIX = {"JPEG": ".jpg", "PNG": ".png"}


def write_picture(data: bytes, stem: Path) -> str:
    """Write an image of the dataset for the page; returns the file's name.

    A small JPEG or PNG file is written as it is, any other as JPEG, at most `SIDE` pixels wide.

    Parameters
    ----------
    data
        Bytes of the image's file.
    stem
        The file to write, without its suffix.

    Raises
    ------
    DatasetError
        If the image is broken or far too large.
    """
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_SUFFIX)) as image:
            if max(image.size) > MAX_SIDE:
                raise ValueError(f"{max(image.size)} pixels a side; {MAX_SIDE} is the most")
            if len(data) > MOST_BYTES or max(image.size) > SIDE:
                data, suffix = _smaller(image), ".jpg"
            else:
                suffix = _SUFFIX[str(image.format)]
    except DECODE_FAILURES as error:
        raise DatasetError(f"not a sound image: {error}") from error
    path = stem.with_name(stem.name + suffix)
    path.write_bytes(data)
    return path.name


def _smaller(image: Image.Image) -> bytes:
    found = image.convert("RGB")
    found.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    found.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
