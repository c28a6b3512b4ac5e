"""Imagery that cannot be used: `socioseg build` says so in one sentence, soon, in little memory."""

from __future__ import annotations

import resource
import struct
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import rasterio
from affine import Affine
from commands import DEMO, refused, say
from rasters import noise, write

from socioseg.sample import CRS, ground_resolution

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("alone")
PIXEL = ground_resolution(18)
HERE = Affine(PIXEL, 0, -1500, 0, -PIXEL, 1500)
"""Where the demo's town lies."""
RSS_UNITS = 1 << (20 if sys.platform == "darwin" else 10)
"""What `ru_maxrss` counts in, as parts of a megabyte."""


def _far() -> str:
    return str(write(Path("far.tif"), noise(64), Affine.translation(9e5, 0) @ HERE))


def _coarse() -> str:
    return str(write(Path("coarse.tif"), noise(64), HERE @ Affine.scale(80)))


def _nowhere() -> str:
    return str(write(Path("nowhere.tif"), noise(64), HERE, crs=None))


def _cut(share: float) -> str:
    whole = write(Path("whole.tif"), noise(2000), HERE, compress="deflate", tiled=True)
    Path("cut.tif").write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    return "cut.tif"


def _text() -> str:
    Path("page.tif").write_text("<!DOCTYPE html><title>Log in</title>")
    return "page.tif"


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _png_bomb() -> str:
    """50,000 x 50,000 pixels in 150 kB."""
    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(150_001) * 1000, 9)
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    Path("bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*c) for c in chunks))
    Path("bomb.pgw").write_text(f"{PIXEL}\n0\n0\n{-PIXEL}\n-1500\n1500\n")
    Path("bomb.png.aux.xml").write_text(f"<PAMDataset><SRS>{CRS}</SRS></PAMDataset>")
    return "bomb.png"


def _tiff_bomb() -> str:
    """2,000,000,000 x 2,000,000,000 pixels in 300 bytes."""
    side = 2_000_000_000
    doubles = struct.pack("<9d", PIXEL, PIXEL, 0, 0, 0, 0, -1500, 1500, 0)
    keys = struct.pack("<16H", 1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 3857)
    blobs = 8 + 2 + 12 * 12 + 4
    tags = [(256, 4, 1, side), (257, 4, 1, side), (258, 3, 1, 8), (259, 3, 1, 8), (262, 3, 1, 1)]
    tags += [(273, 4, 1, blobs), (277, 3, 1, 1), (278, 4, 1, 1), (279, 4, 1, 8)]
    tags += [(33550, 12, 3, blobs), (33922, 12, 6, blobs + 24), (34735, 3, 16, blobs + 72)]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    Path("bomb.tif").write_bytes(head + doubles + keys)
    return "bomb.tif"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: "missing.tif", "no imagery at missing.tif"),
        (_far, r"far\.tif covers 8\.\d+.* and the region is -0\.0"),
        (_coarse, r"coarse\.tif is too coarse for zoom 18.*zoom 12 or lower"),
        (_nowhere, "no coordinate reference system"),
        (_text, r"cannot open page\.tif as a raster"),
        (lambda: _cut(0.0), r"cannot open cut\.tif"),
        (lambda: _cut(0.001), r"cut\.tif"),
        (lambda: _cut(0.5), r"cut\.tif is damaged or truncated"),
        (lambda: _cut(0.999), r"cut\.tif is damaged or truncated"),
        (lambda: "http://127.0.0.1:9/a.tif", "cannot open http://127.0.0.1:9/a.tif"),
    ],
)
def test_rasters(make: Callable[[], str], sentence: str, capfd: pytest.CaptureFixture[str]) -> None:
    refused(say(capfd, "build", *DEMO, "--imagery", make()), 1, sentence)


@pytest.mark.parametrize("make", [_png_bomb, _tiff_bomb])
def test_image_bombs(make: Callable[[], str], capfd: pytest.CaptureFixture[str]) -> None:
    name, start, before = make(), time.perf_counter(), _peak()
    refused(say(capfd, "build", *DEMO, "--imagery", name), 1, "cannot be read in parts.*COG")
    assert time.perf_counter() - start < 5
    assert _peak() - before < 400


def _peak() -> float:
    """Largest memory that this process has held, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / RSS_UNITS


def test_a_raster_that_declares_a_continent(capfd: pytest.CaptureFixture[str]) -> None:
    """It may be true, of a sparse mosaic: nothing is read but the windows."""
    profile = {"height": 200_000, "width": 200_000, "count": 3, "dtype": "uint8", "crs": CRS}
    with rasterio.open("big.tif", "w", driver="GTiff", transform=HERE, SPARSE_OK=True, **profile):
        pass
    start, before = time.perf_counter(), _peak()
    said = say(capfd, "build", *DEMO, "--imagery", "big.tif", "--out", "set")
    assert "(the first: " in said.err
    assert "blank_imagery" in said.err
    assert "none would succeed if tried again" in said.err
    assert said.code == 1
    assert time.perf_counter() - start < 10
    assert _peak() - before < 400
