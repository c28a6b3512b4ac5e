"""Pixels of rasters in other frames, against functions of the ground and against SciPy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from affine import Affine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from rasterio.enums import Resampling
from rasterio.warp import transform
from rasters import WINDOW, central_window, expected_waves, grid, noise, opened, smooth, write
from scipy.ndimage import map_coordinates, uniform_filter

from socioseg.sample import CRS, Window

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

UTM = "EPSG:32645"


def placed(crs: str, pixel: float, degrees: float = 0.0, size: int = 200) -> Affine:
    """Transform of a raster around the window: pixels of `pixel` CRS units, turned."""
    west, south, east, north = WINDOW.bounds
    (x,), (y,) = transform(CRS, crs, [(west + east) / 2], [(south + north) / 2])
    turned = Affine.translation(x, y) @ Affine.rotation(degrees) @ Affine.scale(pixel, -pixel)
    return turned @ Affine.translation(-size / 2, -size / 2)


@pytest.mark.parametrize("crs", [UTM, "EPSG:4326", "EPSG:3857", "EPSG:32644"])
@pytest.mark.parametrize("degrees", [0, 30, 135])
def test_raster_in_another_frame_shows_the_same_ground(
    tmp_path: Path, crs: str, degrees: float
) -> None:
    pixel = 0.25 / 111_000 if crs == "EPSG:4326" else 0.25
    path = smooth(tmp_path / "other.tif", crs, placed(crs, pixel, degrees), 200)
    found = opened(path).read(WINDOW)
    assert np.abs(found - expected_waves(WINDOW)).max() < 2.5


@settings(
    deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ratio=st.floats(0.6, 5.0),
    degrees=st.floats(0, 360),
    shift=st.tuples(st.floats(-2, 2), st.floats(-2, 2)),
)
def test_any_scale_turn_and_shift(
    tmp_path: Path, ratio: float, degrees: float, shift: tuple[float, float]
) -> None:
    pixel = WINDOW.resolution / ratio
    size = math.ceil(110 * ratio) + 20
    place = Affine.translation(*shift) @ placed(CRS, pixel, degrees, size)
    found = opened(smooth(tmp_path / "any.tif", CRS, place, size)).read(WINDOW)
    assert np.abs(found - expected_waves(WINDOW)).mean() < 1.0


def test_warp_agrees_with_scipy(shared_data: Path) -> None:
    path = shared_data / "imagery" / "naip_nd_4band_rgbn_5m_nodata0.tif"
    imagery = opened(path, zoom=14)
    window = central_window(imagery.coverage, zoom=14, size=200)
    found = imagery.read(window).reshape(-1, 3).T
    error = np.abs(found - by_scipy(path, window)).mean()
    assert error < 2.0
    assert np.abs(found - by_scipy(path, window, shift=0.5)).mean() > 1.5 * error


def by_scipy(path: Path, window: Window, shift: float = 0.0) -> NDArray[np.float64]:
    """Average over a pixel of the window, then cubic splines at pyproj's coordinates: (3, n)."""
    rows, columns = np.mgrid[0 : window.size, 0 : window.size] + 0.5
    ground = Affine.from_gdal(*window.transform) @ np.array([columns.ravel(), rows.ravel()])
    with rasterio.open(path) as src:
        to_source = Transformer.from_crs(CRS, src.crs.to_string(), always_xy=True)
        column, row = ~src.transform @ np.array(to_source.transform(*ground))
        means = [
            uniform_filter(band.astype(float), window.gsd / 5.0) for band in src.read([1, 2, 3])
        ]
    at = np.array([row, column]) - 0.5 + shift
    values: NDArray[np.float64] = np.array([map_coordinates(m, at, order=3) for m in means])
    return values.clip(0, 255)


def test_finer_raster_on_the_grid_is_averaged(tmp_path: Path) -> None:
    place, size = grid(WINDOW, scale=0.25)
    pixels = noise(size)
    found = opened(write(tmp_path / "fine.tif", pixels, place)).read(WINDOW)
    means = pixels.reshape(3, 96, 4, 96, 4).mean(axis=(2, 4))[:, 16:80, 16:80]
    assert np.abs(found - means.transpose(1, 2, 0)).max() <= 0.5


def test_overviews_serve_coarse_windows(tmp_path: Path) -> None:
    place, size = grid(WINDOW, scale=0.125)
    path = smooth(tmp_path / "overviews.tif", CRS, place, size)
    before = opened(path).read(WINDOW)
    with rasterio.open(path, "r+") as file:
        file.build_overviews([2, 4, 8], Resampling.average)
    np.testing.assert_allclose(opened(path).read(WINDOW), before, atol=1)


def test_seams_between_warped_tiles_do_not_show(tmp_path: Path) -> None:
    place = placed(UTM, 0.2)
    whole = smooth(tmp_path / "whole.tif", UTM, place, 200)
    paths = []
    for row in range(0, 200, 50):
        for column in range(0, 200, 50):
            corner = place @ Affine.translation(column, row)
            paths.append(smooth(tmp_path / f"{row}-{column}.tif", UTM, corner, 50))
    found = opened(*paths).read(WINDOW)
    np.testing.assert_allclose(found, opened(whole).read(WINDOW), atol=4)


def test_reads_do_not_depend_on_earlier_reads(shared_data: Path) -> None:
    forward, backward = (opened(shared_data / "banepa" / "tiles") for _ in range(2))
    windows = [central_window(forward.coverage, 19, 256, shift) for shift in (-300, -100, 0, 200)]
    first = [forward.read(window) for window in windows]
    second = [backward.read(window) for window in reversed(windows)][::-1]
    np.testing.assert_array_equal(first, second)


def test_source_tiles_equal_their_mosaic(shared_data: Path) -> None:
    mosaic = opened(shared_data / "banepa" / "imagery.tif")
    window = central_window(mosaic.coverage, zoom=19, size=512)
    tiles = opened(shared_data / "banepa" / "tiles").read(window).astype(int)
    assert np.abs(mosaic.read(window) - tiles).mean() < 4  # the mosaic was compressed once more
