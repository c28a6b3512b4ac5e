"""What a user states and gets: overlap, resolution, invalid pixels, mosaics, faults."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from rasters import SOURCE, WINDOW, grid, noise, opened, write
from servers import Answer, Request

from socioseg.build.imagery.raster import RasterImagery, RasterSource, check_raster
from socioseg.errors import ImageryError, SampleError
from socioseg.sample import Window

if TYPE_CHECKING:
    from conftest import Serve
    from numpy.typing import NDArray


def window_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    inside = slice(16, 16 + WINDOW.size)
    return np.moveaxis(pixels[:, inside, inside], 0, -1)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    place, size = grid(WINDOW)
    return write(tmp_path / "plain.tif", noise(size), place)


def test_raster_on_the_grid_comes_through_unchanged(plain: Path) -> None:
    found = opened(plain).read(WINDOW)
    assert found.dtype == np.uint8
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, window_of(noise(96)))


def test_info_carries_to_another_process(plain: Path) -> None:
    info = check_raster(RasterSource((str(plain),), SOURCE), WINDOW.zoom)
    again = RasterImagery(pickle.loads(pickle.dumps(info)))
    np.testing.assert_array_equal(again.read(WINDOW), window_of(noise(96)))


def test_coverage_is_the_extent_of_the_files_that_reach_the_region(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    far = place @ place.translation(1000, 0)
    paths = (
        str(write(tmp_path / "near.tif", noise(size), place)),
        str(write(tmp_path / "far.tif", noise(size), far)),
    )
    info = check_raster(RasterSource(paths, SOURCE), WINDOW.zoom, WINDOW.bounds)
    west, south, east, north = info.coverage
    assert [Path(file.path).name for file in info.files] == ["near.tif"]
    margin = 16 * WINDOW.resolution
    np.testing.assert_allclose(
        [west + margin, south + margin, east - margin, north - margin], WINDOW.bounds
    )


def test_imagery_elsewhere_is_refused(plain: Path) -> None:
    region = (0.0, 0.0, 1000.0, 1000.0)
    with pytest.raises(ImageryError, match=r"plain\.tif does not reach the region"):
        check_raster(RasterSource((str(plain),), SOURCE), WINDOW.zoom, region)


def test_coarse_imagery_is_refused_with_the_zoom_that_fits(shared_data: Path) -> None:
    path = shared_data / "imagery" / "landsat_rgb_nodata_edges_utm18.tif"
    with pytest.raises(ImageryError, match=r"301\.37 m on the ground.*zoom 9 or lower"):
        opened(path, zoom=17)
    assert opened(path, zoom=9).coverage is not None
    with pytest.raises(ImageryError, match="zoom 9 or lower"):
        opened(path, zoom=10)


def test_window_beyond_the_raster_has_no_imagery(plain: Path) -> None:
    imagery = opened(plain)
    away = Window(WINDOW.zoom, WINDOW.x + 5000, WINDOW.y, WINDOW.size)
    with pytest.raises(SampleError, match=r"no_imagery: 100\.0% of the window"):
        imagery.read(away)


def test_share_of_invalid_pixels_decides(plain: Path) -> None:
    aside = Window(WINDOW.zoom, WINDOW.x + 32, WINDOW.y, WINDOW.size)  # a quarter beyond the edge
    with pytest.raises(SampleError, match=r"no_imagery: 25\.0% of the window has no data \(24"):
        opened(plain, max_invalid=0.24).read(aside)
    found = opened(plain, max_invalid=0.25).read(aside)
    np.testing.assert_array_equal(found[:, :48], np.moveaxis(noise(96)[:, 16:80, 48:], 0, -1))
    assert not found[:, 48:].any()


def test_blank_window_is_told_apart(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    path = write(tmp_path / "white.tif", np.full((3, size, size), 255, np.uint8), place)
    with pytest.raises(SampleError) as caught:
        opened(path).read(WINDOW)
    assert caught.value.reason == "blank_imagery"


def test_two_halves_are_the_whole(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    pixels = noise(size)
    left = write(tmp_path / "left.tif", pixels[:, :, :40], place)
    right = write(tmp_path / "right.tif", pixels[:, :, 40:], place @ place.translation(40, 0))
    np.testing.assert_array_equal(opened(left, right).read(WINDOW), window_of(pixels))
    np.testing.assert_array_equal(opened(tmp_path).read(WINDOW), window_of(pixels))
    np.testing.assert_array_equal(opened(f"{tmp_path}/*t.tif").read(WINDOW), window_of(pixels))


def test_first_file_wins_and_later_ones_fill(tmp_path: Path) -> None:
    place, size = grid(WINDOW)
    above, below = noise(size, seed=1), noise(size, seed=2)
    above[:, :30] = 0
    first = write(tmp_path / "above.tif", above, place, nodata=0)
    second = write(tmp_path / "below.tif", below, place)
    expected = np.where(above.any(axis=0), above, below)
    np.testing.assert_array_equal(opened(first, second).read(WINDOW), window_of(expected))
    np.testing.assert_array_equal(opened(second, first).read(WINDOW), window_of(below))


def test_truncated_file_is_refused(tmp_path: Path, plain: Path) -> None:
    cut = tmp_path / "cut.tif"
    cut.write_bytes(plain.read_bytes()[:-2000])
    with pytest.raises(ImageryError, match=r"cut\.tif is damaged or truncated .*; fetch it again"):
        opened(cut)
    cut.write_bytes(plain.read_bytes()[:50])
    with pytest.raises(ImageryError, match=r"cannot open .*cut\.tif as a raster"):
        opened(cut)


def test_damage_inside_fails_that_window_only(tmp_path: Path) -> None:
    place, size = grid(WINDOW, margin=96)
    tiles = {"compress": "deflate", "tiled": True, "blockxsize": 64, "blockysize": 64}
    path = write(tmp_path / "d.tif", noise(size) // 32, place, **tiles)
    data = bytearray(path.read_bytes())
    at = len(data) * 35 // 100  # in the second tile of the second row
    data[at : at + 400] = b"\xff" * 400
    path.write_bytes(data)
    imagery = opened(path)
    with pytest.raises(SampleError, match=r"corrupt_raster: .*d\.tif: .*[Dd]ecod"):
        imagery.read(WINDOW)
    corner = Window(WINDOW.zoom, WINDOW.x - 90, WINDOW.y - 90, 32)
    assert imagery.read(corner).shape == (32, 32, 3)


def test_declared_size_costs_nothing(tmp_path: Path) -> None:
    place, _ = grid(WINDOW)
    bands = "".join(f'<VRTRasterBand dataType="UInt16" band="{i}"/>' for i in (1, 2, 3))
    numbers = ",".join(str(number) for number in place.to_gdal())
    (tmp_path / "bomb.vrt").write_text(
        '<VRTDataset rasterXSize="2000000000" rasterYSize="2000000000"><SRS>EPSG:3857</SRS>'
        f"<GeoTransform>{numbers}</GeoTransform>{bands}</VRTDataset>"
    )
    with pytest.raises(ImageryError, match="one value only"):
        opened(tmp_path / "bomb.vrt")


def test_missing_imagery_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImageryError, match=r"no imagery at .*: name a raster file"):
        opened(tmp_path / "nothing.tif")
    with pytest.raises(ImageryError, match=r"no imagery at .*: name a raster file"):
        opened(tmp_path)


def test_window_of_another_zoom_is_refused(plain: Path) -> None:
    with pytest.raises(ValueError, match="zoom 18"):
        opened(plain).read(Window(18, 0, 0, 64))


def test_raster_is_read_over_http(plain: Path, serve: Serve) -> None:
    server = serve(lambda request: ranged(plain.read_bytes(), request))
    found = opened(f"{server.url}/plain.tif").read(WINDOW)
    np.testing.assert_array_equal(found, window_of(noise(96)))
    assert {request.headers["User-Agent"].partition("/")[0] for request in server.requests} == {
        "socioseg"
    }


def test_http_address_without_a_raster(serve: Serve) -> None:
    server = serve(lambda _: Answer(b"gone", status=404))
    with pytest.raises(ImageryError, match=r"cannot open .*404"):
        opened(f"{server.url}/gone.tif")


def ranged(data: bytes, request: Request) -> Answer:
    asked = request.headers.get("Range")
    if request.method == "HEAD" or not asked:
        return Answer(b"" if request.method == "HEAD" else data, length=len(data),
                      headers={"Accept-Ranges": "bytes"})  # fmt: skip
    first, _, last = asked.removeprefix("bytes=").partition("-")
    end = min(int(last or len(data) - 1), len(data) - 1)
    headers = {"Content-Range": f"bytes {first}-{end}/{len(data)}", "Accept-Ranges": "bytes"}
    return Answer(data[int(first) : end + 1], status=206, headers=headers)
