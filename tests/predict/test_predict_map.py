"""The map lies on the imagery's ground, whatever its size and CRS."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import osmxml
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer
from reds import SPOTS, picture, place_of, save

from socioseg.build.map.draw import MapDrawer
from socioseg.build.map.scene import MapOptions
from socioseg.build.osm.files import read_osm_file
from socioseg.errors import ImageryError
from socioseg.predict.grid import Square
from socioseg.predict.mapimage import BlankMap, DrawnMap, MapFile
from socioseg.predict.mercator import MercatorSat
from socioseg.predict.satimage import open_sat

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE = Square(0, 0, 200)
BLOCK = (60, 50, 130, 110)


def is_red(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return (pixels[..., 0] > 120) & (pixels[..., 1] < 75)


def same_ground(crs: str, place: Affine, other: str, size: int) -> tuple[NDArray[np.uint8], Affine]:
    """A map of `size` pixels in another CRS of the ground of `WHOLE`, with the same red block."""
    corners = place @ np.array([[0, 200, 0, 200], [0, 0, 200, 200]])
    there = np.array(Transformer.from_crs(crs, other, always_xy=True).transform(*corners))
    (west, south), (east, north) = there.min(axis=1), there.max(axis=1)
    turned = Affine((east - west) / size, 0, west, 0, (south - north) / size, north)
    x, y = turned @ (np.mgrid[:size, :size][::-1].reshape(2, -1) + 0.5)
    back = np.array(Transformer.from_crs(other, crs, always_xy=True).transform(x, y))
    column, row = np.reshape(~place @ back, (2, size, size))
    pixels = picture(size, size)
    inside = (column > BLOCK[0]) & (column < BLOCK[2]) & (row > BLOCK[1]) & (row < BLOCK[3])
    pixels[:, inside] = np.array([[200], [30], [30]], np.uint8)
    return pixels, turned


@settings(max_examples=15)
@given(
    st.sampled_from(["EPSG:3857", "EPSG:32645", "EPSG:4326"]),
    st.sampled_from(["EPSG:3857", "EPSG:32645", "EPSG:4326"]),
    st.integers(150, 600),
    st.sampled_from([Square(0, 0, 200), Square(40, 30, 96), Square(-28, -28, 256)]),
)
def test_a_map_in_any_crs_and_size(crs: str, other: str, size: int, square: Square) -> None:
    place = place_of(crs)
    pixels, there = same_ground(crs, place, other, size)
    with TemporaryDirectory() as name:
        sat = open_sat(str(save(Path(name, "s.tif"), picture(200, 200), crs, place)))
        path = save(Path(name, "m.tif"), pixels, other, there)
        found = MapFile(str(path), sat.grid, sat.native).read(square)
    rows, columns = np.mgrid[: square.size, : square.size] + 0.5
    x, y = columns + square.column, rows + square.row
    slack = 0.5 + 200 / size
    middle = np.minimum.reduce([x - BLOCK[0], BLOCK[2] - x, y - BLOCK[1], BLOCK[3] - y])
    assert is_red(found)[middle > slack].all()
    assert not is_red(found)[middle < -slack].any()
    assert (found[(x < 0) | (y > 200)] == 255).all()


def test_a_map_without_a_place_shows_what_the_imagery_shows(tmp_path: Path) -> None:
    for crs in ("EPSG:32645", None):
        place = None if crs is None else place_of(crs)
        name = "s.tif" if crs else "s.png"
        sat = open_sat(str(save(tmp_path / name, picture(200, 200), crs, place)))
        half = tuple(side // 2 for side in BLOCK)
        path = save(tmp_path / "m.png", picture(100, 100, half), None, None)
        found = is_red(MapFile(str(path), sat.grid, sat.native).read(WHOLE))
        rows, columns = np.nonzero(found)
        assert np.allclose([columns.min(), rows.min()], BLOCK[:2], atol=1)
        assert np.allclose([columns.max() + 1, rows.max() + 1], BLOCK[2:], atol=1)


def test_a_map_of_another_place_is_refused_and_a_part_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sat = open_sat(
        str(save(tmp_path / "s.tif", picture(200, 200), "EPSG:32645", place_of("EPSG:32645")))
    )
    swiss = save(tmp_path / "m.tif", picture(200, 200), "EPSG:2056", place_of("EPSG:2056"))
    with pytest.raises(ImageryError, match="shows another place"):
        MapFile(str(swiss), sat.grid, sat.native)
    half = save(tmp_path / "h.tif", picture(100, 200), "EPSG:32645", place_of("EPSG:32645"))
    found = MapFile(str(half), sat.grid, sat.native).read(WHOLE)
    assert (found[:, 101:] == 255).all()
    assert "h.tif covers 50 % of the imagery" in caplog.text
    bare = open_sat(str(save(tmp_path / "s.png", picture(200, 200), None, None)))
    with pytest.raises(ImageryError, match="the satellite image has none"):
        MapFile(str(half), bare.grid, bare.native)


def test_a_drawn_map_is_that_of_a_dataset(tmp_path: Path) -> None:
    lon, lat, unit = SPOTS["EPSG:4326"]
    corners = osmxml.square(1, lon + 60 * unit, lat - 100 * unit, 40 * unit)
    osm = osmxml.write(tmp_path, *corners, osmxml.way(1, osmxml.ring(1), building="yes"))
    place = place_of("EPSG:4326")
    path = save(tmp_path / "s.tif", picture(300, 300), "EPSG:4326", place)
    sat = open_sat(str(path), mercator=True)
    assert isinstance(sat, MercatorSat)
    square = Square(10, 20, 256)
    drawn = DrawnMap(str(osm), MapOptions("night"), sat, tmp_path).read(square)
    expected = MapDrawer(read_osm_file(osm), MapOptions("night")).draw(sat.window(square))
    assert np.array_equal(drawn, expected)
    assert len(np.unique(drawn.reshape(-1, 3), axis=0)) > 1


def test_no_map_is_white() -> None:
    assert (BlankMap().read(Square(3, 4, 20)) == 255).all()
