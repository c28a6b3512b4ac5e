from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from socioseg.build.imagery.tileimage import decode_tile, tile_problem
from socioseg.errors import SampleError

NOISE = np.random.default_rng(0).integers(0, 256, (256, 256, 4), np.uint8)
NOISE[..., 3] = 255
PICTURE = Image.fromarray(NOISE)


def encode(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def bomb(side: int) -> bytes:
    """Make a small PNG that declares `side` x `side` pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_lossless_tiles_are_decoded_exactly(kind: str) -> None:
    assert (decode_tile(encode(PICTURE, kind, lossless=True), 256) == NOISE).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_becomes_rgba(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(NOISE[..., 0].astype(np.uint16) * 257)
    else:
        image = PICTURE.convert(mode)
    pixels = decode_tile(encode(image), 256)
    assert pixels.shape == (256, 256, 4)
    assert (pixels[..., 3] == 255).all()
    expected = NOISE[..., :1] if mode == "I;16" else np.asarray(image.convert("RGB"))
    assert (pixels[..., :3] == expected).all()


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "P"])
def test_a_transparent_colour_becomes_alpha(mode: str) -> None:
    image = PICTURE.convert("L").convert(mode) if mode == "P" else PICTURE.convert(mode)
    colour = image.getpixel((0, 0))
    alpha = decode_tile(encode(image, transparency=colour), 256)[..., 3]
    assert alpha[0, 0] == 0
    assert (alpha == 255).any()


def test_cmyk_jpegs_are_read(tmp_path: object) -> None:
    grey = Image.new("RGB", (256, 256), (200, 100, 50)).convert("CMYK")
    pixels = decode_tile(encode(grey, "JPEG", quality=95), 256)
    assert np.abs(pixels[0, 0].astype(int) - (200, 100, 50, 255)).max() < 6


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_an_image"),
        (b"<!DOCTYPE html><html>", "not_an_image"),
        (b'{"error": "over limit"}', "not_an_image"),
        (b"%PDF-1.7", "not_an_image"),
        (encode(PICTURE)[:40_000], "corrupt_tile"),
        (encode(PICTURE)[:20], "corrupt_tile"),
        (encode(PICTURE.convert("RGB"), "JPEG")[:9000], "corrupt_tile"),
        (encode(PICTURE.resize((255, 256))), "wrong_size"),
        (encode(PICTURE.resize((500, 500))), "wrong_size"),
        (bomb(1000), "wrong_size"),
        (bomb(12_000), "wrong_size"),
        (bomb(100_000), "wrong_size"),
    ],
)
def test_each_bad_tile_has_its_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SampleError) as caught:
        decode_tile(data, 256)
    assert caught.value.reason == reason
    problem = tile_problem(data, 256)
    assert problem
    assert (problem.reason, problem.retriable) == (reason, reason == "corrupt_tile")


def test_a_page_in_place_of_a_tile_is_named_but_not_shown() -> None:
    problem = tile_problem(b"<html>your key hidden1 is over its limit", 256)
    assert problem
    assert problem.detail == "HTML or XML, 40 bytes"


def test_a_good_tile_has_no_problem() -> None:
    assert tile_problem(encode(PICTURE), 256) is None


SMALL = PICTURE.resize((32, 32))
KINDS = [
    encode(SMALL),
    encode(SMALL.convert("P")),
    encode(SMALL.convert("RGB"), "JPEG"),
    encode(SMALL.convert("RGB"), "JPEG", progressive=True),
    encode(SMALL, "WEBP"),
    encode(SMALL.convert("P"), "GIF"),
]


@given(
    st.sampled_from(KINDS),
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8))),
    st.floats(0, 1),
)
def test_damage_anywhere_never_escapes(
    data: bytes, patches: list[tuple[float, bytes]], keep: float
) -> None:
    damaged = bytearray(data)
    for where, patch in patches:
        at = int(where * len(data))
        damaged[at : at + len(patch)] = patch
    problem = tile_problem(bytes(damaged[: int(keep * len(damaged)) + 1]), 32)
    assert problem is None or problem.reason in {"not_an_image", "corrupt_tile", "wrong_size"}


def test_a_tile_twice_as_fine_is_averaged() -> None:
    fine = Image.fromarray(NOISE).resize((512, 512), Image.Resampling.NEAREST)
    assert (decode_tile(encode(fine), 256) == NOISE).all()
