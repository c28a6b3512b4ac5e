"""Rasters of more than 8 bits: scaled by percentiles of valid pixels, the same way every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasters import SOURCE, WINDOW, grid, noise, opened, write

from socioseg.build.imagery.raster import RasterSource, check_raster
from socioseg.build.imagery.rasterscale import Stretch
from socioseg.errors import ImageryError

if TYPE_CHECKING:
    from pathlib import Path

INSIDE = slice(16, 16 + WINDOW.size)


def test_sixteen_bits_are_scaled_by_the_stated_percentiles(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size).astype(np.uint16) * 40 + 300
    path = write(tmp_path / "wide.tif", pixels, place)
    info = check_raster(RasterSource((str(path),), SOURCE, percentiles=(5, 90)), WINDOW.zoom)
    low, high = np.percentile(pixels.reshape(3, -1), (5, 90), axis=1)
    assert info.stretch == Stretch(tuple(low), tuple(high))
    assert info.notes[0].startswith(
        f"values scaled to 8 bits between the percentiles 5 and 90: red {low[0]:g} to {high[0]:g}"
    )
    span = (pixels - low[:, None, None]) / (high - low)[:, None, None]
    expected = np.rint(np.clip(span, 0, 1) * 255)[:, INSIDE, INSIDE].transpose(1, 2, 0)
    found = opened(path, percentiles=(5, 90)).read(WINDOW)
    np.testing.assert_array_equal(found, expected)


def test_invalid_values_do_not_count(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size).astype(np.float32)
    pixels[:, :10] = np.nan
    pixels[:, 10:14] = -9999
    path = write(tmp_path / "f.tif", pixels, place, nodata=-9999)
    info = check_raster(RasterSource((str(path),), SOURCE), WINDOW.zoom)
    valid = pixels[:, 14:].reshape(3, -1)
    assert info.stretch is not None
    np.testing.assert_allclose(info.stretch.low, np.percentile(valid, 2, axis=1), atol=1e-6)


def test_not_a_number_is_no_imagery(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size).astype(np.float32)
    pixels[1, 30, 40] = np.nan
    found = opened(write(tmp_path / "n.tif", pixels, place)).read(WINDOW)
    assert not found[14, 24].any()
    assert (found.any(axis=2).sum()) == WINDOW.size**2 - 1


def test_one_stretch_serves_the_whole_mosaic(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size).astype(np.uint16) * 9
    whole = write(tmp_path / "whole.tif", pixels, place)
    dark = write(tmp_path / "l.tif", pixels[:, :, :48], place)
    light = write(tmp_path / "r.tif", pixels[:, :, 48:], place @ place.translation(48, 0))
    np.testing.assert_array_equal(opened(dark, light).read(WINDOW), opened(whole).read(WINDOW))


def test_mixed_depths_are_refused(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    narrow = write(tmp_path / "narrow.tif", noise(size), place)
    wide = write(tmp_path / "wide.tif", noise(size).astype(np.uint16), place)
    with pytest.raises(ImageryError, match=r"narrow\.tif has 8 bits and .*wide\.tif uint16"):
        opened(narrow, wide)


@pytest.mark.parametrize(("value", "why"), [(7, "one value only"), (0, "no valid pixel")])
def test_nothing_to_scale_by(tmp_path: Path, value: int, why: str) -> None:
    place, size = grid(WINDOW)
    pixels = np.full((3, size, size), value, np.uint16)
    with pytest.raises(ImageryError, match=why):
        opened(write(tmp_path / "flat.tif", pixels, place, nodata=0))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9), st.floats(0.1, 1e5))
def test_stretch_keeps_order_and_clips(values: list[float], span: float) -> None:
    stretch = Stretch((0.0,) * 3, (span,) * 3)
    ordered = np.sort(np.array(values))
    found = stretch.apply(np.tile(ordered, (3, 1, 1))).astype(int)
    assert (np.diff(found, axis=2) >= 0).all()
    assert (found[:, 0, ordered <= 0] == 0).all()
    assert (found[:, 0, ordered >= span] == 255).all()
