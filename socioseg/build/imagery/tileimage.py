"""The bytes of one tile, made into pixels: without trust."""

from __future__ import annotations

import io
import struct
import warnings
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from socioseg.build.imagery.fetched import FetchFailure
from socioseg.errors import SampleError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF8")
# what Pillow's decoders raise for bytes that were damaged
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, IndexError, struct.error)


FINER = (1, 2, 4)
"""A server may send tiles this many times finer than asked, as for dense screens."""


def decode_tile(data: bytes, size: int) -> NDArray[np.uint8]:
    """Decode a JPEG, PNG, WebP or GIF of `size` x `size` pixels: (size, size, 4), RGBA.

    A tile of twice or four times that size shows the same ground and is averaged down to it.

    Raises
    ------
    SampleError
        `not_an_image`, `wrong_size` (told from the header, before any pixel is decoded), or
        `corrupt_tile`.
    """
    if not data.startswith(MAGIC):
        raise SampleError("not_an_image", _kind(data))
    try:
        with warnings.catch_warnings():
            # an image bomb is refused below, by its size
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(data), formats=FORMATS)
        finer = [n for n in FINER if image.size == (n * size, n * size)]
        if finer:
            return _rgba(image, finer[0])
    except Image.DecompressionBombError as error:
        raise SampleError("wrong_size", f"far more than {size} x {size} pixels") from error
    except DAMAGE as error:
        raise SampleError("corrupt_tile", f"{type(error).__name__} when decoding") from error
    width, height = image.size
    raise SampleError("wrong_size", f"{width} x {height} pixels, not {size} x {size}")


def tile_problem(data: bytes, size: int) -> FetchFailure | None:
    """Say what is wrong with a tile that came from the network; only damage may pass."""
    try:
        decode_tile(data, size)
    except SampleError as error:
        detail = str(error).partition(": ")[2]
        return FetchFailure(error.reason, detail, retriable=error.reason == "corrupt_tile")
    return None


def _rgba(image: Image.Image, reduction: int) -> NDArray[np.uint8]:
    if image.mode.startswith("I;16"):  # Pillow would clip 16-bit grey, not scale it
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    return np.asarray(image.convert("RGBA").reduce(reduction))


def _kind(data: bytes) -> str:
    """Name what came in place of an image, without showing it: it may repeat a key."""
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    kinds = {b"": "nothing", b"<": "HTML or XML", b"{": "JSON", b"[": "JSON"}
    return kinds.get(start, "unknown bytes") + f", {len(data)} bytes"
