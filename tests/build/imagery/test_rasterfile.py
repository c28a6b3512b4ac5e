"""From what a user names to opened files, and what is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.control import GroundControlPoint
from rasters import WINDOW, grid, noise, opened, write

from socioseg.build.imagery.rasterfile import describe, raster_paths
from socioseg.errors import ImageryError
from socioseg.sample import CRS, ORIGIN, ground_resolution


def test_names_become_files_in_order_and_once(tmp_path: Path) -> None:
    for name in ("b.tif", "a.TIF", "c.jp2", "a.TIF.aux.xml", "notes.txt"):
        (tmp_path / name).touch()
    found = raster_paths((f"{tmp_path}/c.jp2", str(tmp_path), f"{tmp_path}/*.tif"))
    assert [Path(path).name for path in found] == ["c.jp2", "a.TIF", "b.tif"]


def test_addresses_are_left_to_gdal() -> None:
    names = ("https://example.org/a.tif", "/vsizip/b.zip/b.tif")
    assert raster_paths(names) == ("/vsicurl/https://example.org/a.tif", "/vsizip/b.zip/b.tif")


def test_description_of_a_real_raster(shared_data: Path) -> None:
    found = describe(str(shared_data / "imagery" / "hro_colorado_0.15m_alpha.tif"))
    assert found.bands == (1, 2, 3)
    assert found.masked
    assert found.size == (383, 232)
    assert found.ground_pixel == pytest.approx(0.15, rel=0.01)


def test_bounds_of_a_turned_raster_hold_its_corners(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    turned = place @ Affine.rotation(30)
    found = describe(str(write(tmp_path / "t.tif", noise(size), turned))).bounds
    corners = turned @ np.array([[0, size, size, 0], [0, 0, size, size]])
    expected = (corners[0].min(), corners[1].min(), corners[0].max(), corners[1].max())
    np.testing.assert_allclose(found, expected)


def test_bounds_of_the_whole_earth_are_those_of_web_mercator(tmp_path: Path) -> None:
    place = Affine.translation(-180, 90) @ Affine.scale(10, -10)
    found = describe(str(write(tmp_path / "earth.tif", noise(18), place, crs="EPSG:4326")))
    assert found.bounds[1::2] == (-ORIGIN, ORIGIN)


def test_missing_crs_is_refused_with_the_remedy(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    path = write(tmp_path / "nowhere.tif", noise(size), place, crs=None)
    with pytest.raises(ImageryError, match=r"nowhere\.tif has no coordinate.*-a_srs EPSG:code"):
        opened(path)


def test_missing_transform_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.vrt"
    bands = "".join(f'<VRTRasterBand dataType="Byte" band="{i}"/>' for i in (1, 2, 3))
    path.write_text(
        f'<VRTDataset rasterXSize="8" rasterYSize="8"><SRS>EPSG:3857</SRS>{bands}</VRTDataset>'
    )
    with pytest.raises(ImageryError, match="does not say where its pixels lie"):
        opened(path)


def test_control_points_are_refused(tmp_path: Path) -> None:
    _, size = grid(WINDOW)
    points = [GroundControlPoint(r, c, c, -r) for r in (0, size) for c in (0, size)]
    path = tmp_path / "gcp.tif"
    shape = {"width": size, "height": size, "count": 3, "dtype": "uint8"}
    with rasterio.open(path, "w", driver="GTiff", gcps=points, crs=CRS, **shape) as file:
        file.write(noise(size))
    with pytest.raises(ImageryError, match=r"gcp\.tif is placed by ground control points"):
        opened(path)


def test_complex_numbers_are_refused(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    path = write(tmp_path / "radar.tif", noise(size).astype(np.complex64), place)
    with pytest.raises(ImageryError, match=r"radar\.tif has bands of types complex64"):
        opened(path)


def test_truncated_jpeg_is_not_taken_for_grey(shared_data: Path, tmp_path: Path) -> None:
    whole = next((shared_data / "banepa" / "tiles").glob("*.tif"))
    cut = tmp_path / whole.name
    cut.write_bytes(whole.read_bytes()[:20_000])
    beside = whole.with_name(f"{whole.name}.aux.xml")
    cut.with_name(beside.name).write_bytes(beside.read_bytes())
    with pytest.raises(ImageryError, match="is damaged or truncated"):
        opened(cut)


def test_pixel_is_measured_on_the_ground(tmp_path: Path) -> None:
    place, size = grid(WINDOW, scale=2.0)
    found = describe(str(write(tmp_path / "two.tif", noise(size), place)))
    assert found.pixel == pytest.approx(2 * ground_resolution(WINDOW.zoom))
    assert found.ground_pixel == pytest.approx(2 * WINDOW.gsd, rel=1e-3)
