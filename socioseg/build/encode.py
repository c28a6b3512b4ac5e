"""Images as files: PNG for what must stay exact, JPEG for photographs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def png(image: Image.Image) -> bytes:
    """`image` as a PNG file."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def jpeg(image: Image.Image, quality: int) -> bytes:
    """`image` as a JPEG file of `quality` (1 to 100)."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
