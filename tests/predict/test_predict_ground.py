"""Polygons lie on the ground that the model meant, whatever the raster and the windows."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from reds import SPOTS, found_in, picture, place_of, save

if TYPE_CHECKING:
    from affine import Affine

CRS = st.sampled_from(sorted(SPOTS))
PIXEL = st.floats(0.1, 3)
BLOCK = st.tuples(
    *(st.integers(4, 110), st.integers(4, 80), st.integers(12, 60), st.integers(9, 50))
)
WIDTH, HEIGHT = 190, 140


def pixels_of(shape: shapely.Geometry, crs: str, place: Affine) -> shapely.Geometry:
    """A polygon in degrees, in pixels of a raster."""
    to_crs = Transformer.from_crs("EPSG:4326", crs, always_xy=True)

    def pixel(points: np.ndarray) -> np.ndarray:
        return np.stack(~place @ np.array(to_crs.transform(*points.T)), axis=-1)

    return shapely.transform(shape, pixel)


def block(numbers: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    x, y, width, height = numbers
    return x, y, x + width, y + height


@settings(max_examples=25)
@given(CRS, PIXEL, BLOCK, st.sampled_from([40, 96, 250]), st.sampled_from([0, 0.2, 0.6]))
def test_a_block_lands_on_its_ground(
    crs: str, pixel: float, numbers: tuple[int, int, int, int], window: int, overlap: float
) -> None:
    place, true = place_of(crs, pixel), shapely.box(*block(numbers))
    with TemporaryDirectory() as name:
        sat = save(Path(name, "s.tif"), picture(WIDTH, HEIGHT, block(numbers)), crs, place)
        found_in(sat, Path(name, "f.geojson"), window=window, overlap=overlap)
        (feature,) = json.loads(Path(name, "f.geojson").read_bytes())["features"]
    found = shapely.geometry.shape(feature["geometry"])
    assert found.is_valid
    assert shapely.hausdorff_distance(pixels_of(found, crs, place), true) < 0.02
    assert found.exterior.is_ccw
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(found)
    assert feature["properties"]["area_m2"] == pytest.approx(abs(area), abs=0.01)
    assert feature["properties"]["pixels"] == true.area


@settings(max_examples=30)
@given(CRS, BLOCK, st.sampled_from([{"zoom": 18}, {"gsd": 0.21}, {"gsd": 0.65}, {"gsd": 1}]))
def test_other_pixels_than_the_rasters_move_it_by_half_a_pixel_at_most(
    crs: str, numbers: tuple[int, int, int, int], wish: dict[str, float]
) -> None:
    place, true = place_of(crs), shapely.box(*block(numbers))
    with TemporaryDirectory() as name:
        sat = save(Path(name, "s.tif"), picture(WIDTH, HEIGHT, block(numbers)), crs, place)
        found_in(sat, Path(name, "f.gpkg"), **wish, crs="raster", simplify=0)
        frame = geopandas.read_file(Path(name, "f.gpkg"))
    ((found, count),) = frame[["geometry", "pixels"]].to_numpy()
    found = shapely.transform(found, lambda xy: np.stack(~place @ xy.T, axis=-1))
    half = np.sqrt(found.area / count / 2)  # the diagonal of a pixel as worked on
    assert found.difference(true.buffer(half, join_style="mitre")).area == 0
    # at a corner the ground around it outweighs a pixel that lies within
    corners = true.exterior.coords
    sides = true.buffer(-half).difference(shapely.MultiPoint(corners).buffer(half + 1))
    assert sides.difference(found).area == 0


def test_the_extent_of_a_whole_grid_bends_with_the_ground(tmp_path: Path) -> None:
    """A long edge is straight on the raster's CRS, not in degrees."""
    place = place_of("EPSG:32645", 100)
    sat = save(tmp_path / "s.tif", picture(3000, 20, (0, 0, 3000, 20)), "EPSG:32645", place)
    found_in(sat, tmp_path / "f.geojson", window=3000)
    (feature,) = json.loads((tmp_path / "f.geojson").read_bytes())["features"]
    found = pixels_of(shapely.geometry.shape(feature["geometry"]), "EPSG:32645", place)
    cut = shapely.segmentize(found, 5)
    there = pixels_of(
        shapely.segmentize(shapely.geometry.shape(feature["geometry"]), 0.001), "EPSG:32645", place
    )
    assert shapely.hausdorff_distance(cut, there) < 0.1
    assert shapely.hausdorff_distance(cut, shapely.box(0, 0, 3000, 20)) < 0.1


def test_a_raster_that_is_turned(tmp_path: Path) -> None:
    from affine import Affine

    place = place_of("EPSG:32645") @ Affine.rotation(30)
    sat = save(tmp_path / "s.tif", picture(190, 140, (50, 40, 90, 70)), "EPSG:32645", place)
    found_in(sat, tmp_path / "f.geojson")
    (feature,) = json.loads((tmp_path / "f.geojson").read_bytes())["features"]
    found = pixels_of(shapely.geometry.shape(feature["geometry"]), "EPSG:32645", place)
    assert shapely.hausdorff_distance(found, shapely.box(50, 40, 90, 70)) < 0.02
