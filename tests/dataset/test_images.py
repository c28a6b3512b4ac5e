"""Image bytes that nobody vouches for."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tiny import encode, square_mask

from socioseg.dataset.images import MAX_SIDE, decode_image, image_side
from socioseg.errors import DatasetError

RGB = np.random.default_rng(0).integers(0, 255, (16, 16, 3), dtype=np.uint8)


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


def test_pixels_come_back() -> None:
    assert np.array_equal(decode_image("map_image", encode(RGB)), RGB)
    assert np.array_equal(decode_image("mask_label", encode(square_mask())), square_mask())
    assert image_side(encode(RGB)) == 16


@pytest.mark.parametrize(
    ("column", "data", "what"),
    [
        ("map_image", encode(RGB, "JPEG"), "JPEG file; it must be PNG"),
        ("mask_label", encode(RGB), "mode RGB; it must be L"),
        ("sat_image", encode(RGB[..., 0]), "mode L; it must be RGB"),
        ("sat_image", encode(RGB, "GIF"), "not a sound image"),
        ("sat_image", b"", "not a sound image"),
        ("sat_image", encode(RGB, "JPEG")[:300], "not a sound image"),
        ("mask_label", encode(square_mask())[:60], "not a sound image"),
        ("mask_label", bomb(MAX_SIDE + 1, 1), f"{MAX_SIDE} is the most"),
        ("mask_label", bomb(60_000, 60_000), "not a sound image"),
        ("mask_label", bomb(12_000, 9_000), "not a sound image"),
    ],
)
def test_wrong_images_are_refused(column: str, data: bytes, what: str) -> None:
    with pytest.raises(DatasetError, match=what):
        decode_image(column, data)


def test_one_bit_masks_are_refused() -> None:
    buffer = io.BytesIO()
    Image.fromarray(square_mask()).convert("1").save(buffer, "PNG")
    with pytest.raises(DatasetError, match="mode 1"):
        decode_image("mask_label", buffer.getvalue())


@given(st.sampled_from(["PNG", "JPEG"]), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_damage_is_pixels_or_a_dataset_error(kind: str, at: int, damage: bytes) -> None:
    data = bytearray(encode(RGB, kind))
    start = at % len(data)
    data[start : start + len(damage)] = damage
    try:
        assert decode_image("sat_image", bytes(data)).shape[2] == 3
    except DatasetError as error:
        assert "sat_image" in str(error)  # noqa: PT017 - either end is right
