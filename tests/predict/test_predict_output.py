"""Files of polygons: three formats say the same, and the same input gives the same bytes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import geopandas
import numpy as np
import pytest
import shapely
from PIL import Image
from reds import RED, found_in, picture, place_of, save

from socioseg.errors import UsageError
from socioseg.predict.output import COLUMNS
from socioseg.predict.overlay import SIDE

if TYPE_CHECKING:
    from pathlib import Path

BLOCKS = [(10, 10, 60, 50), (100, 60, 150, 120)]
CRS = "EPSG:32645"


@pytest.fixture
def sat(tmp_path: Path) -> Path:
    pixels = picture(190, 140, *BLOCKS)
    pixels[:, 80:100, 120:130] = np.array([40, 120, 40], np.uint8)[:, None, None]  # a hole
    return save(tmp_path / "sat.tif", pixels, CRS, place_of(CRS))


def read(path: Path) -> geopandas.GeoDataFrame:
    reader = geopandas.read_parquet if path.suffix == ".parquet" else geopandas.read_file
    return reader(path)


@pytest.mark.parametrize("crs", ["wgs84", "raster"])
@pytest.mark.parametrize("confidence", [None, 0.25])
def test_formats_hold_the_same(
    sat: Path, tmp_path: Path, crs: str, confidence: float | None
) -> None:
    frames = []
    for suffix in ("gpkg", "parquet", "geojson")[: 3 if crs == "wgs84" else 2]:
        out = tmp_path / f"f.{suffix}"
        found_in(sat, out, crs=crs, options={"confidence": confidence})
        frames.append(read(out))
    for frame in frames:
        assert frame.crs == ("EPSG:4326" if crs == "wgs84" else CRS)
        assert frame.is_valid.all()
        assert [len(shape.interiors) for shape in frame.geometry] == [0, 1]
        assert frame["pixels"].tolist() == [2000, 2800]
        assert frame["area_m2"].to_numpy() == pytest.approx([500, 700], rel=0.002)
        assert frame["confidence"].isna().all() if confidence is None else True
        assert set(frame["query"]) == {"school"}
        assert set(frame["level"]) == {"class"}
        assert set(frame["model"]) == {"reds:Red"}
        assert all(revision.startswith("r1+") for revision in frame["revision"])
        assert set(frame["sat"]) == {"sat.tif"}
        assert frame["map"].isna().all()
        assert set(COLUMNS) - set(frame.columns) <= {"id"}
    for frame in frames[1:]:
        same = frames[0].geometry.geom_equals_exact(frame.geometry, 1e-9)
        assert same.all()


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "json", "geoparquet"])
def test_same_input_same_bytes(sat: Path, tmp_path: Path, suffix: str) -> None:
    first, again = tmp_path / f"a.{suffix}", tmp_path / "other" / f"a.{suffix}"
    found_in(sat, first)
    time.sleep(1.1 if suffix == "gpkg" else 0)  # its times have milliseconds, SQLite's seconds
    found_in(sat, again)
    assert first.read_bytes() == again.read_bytes()


def test_geojson_says_where_it_comes_from(sat: Path, tmp_path: Path) -> None:
    result = found_in(sat, tmp_path / "f.geojson")
    whole = json.loads((tmp_path / "f.geojson").read_bytes())
    assert set(whole) == {"type", "socioseg", "features"}
    about = whole["socioseg"]
    assert (about["model"], about["sat"], about["crs"]) == ("reds:Red", "sat.tif", "EPSG:4326")
    assert about["polygons"] == result["polygons"] == 2
    assert str(tmp_path) not in json.dumps(whole)
    for feature in whole["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert shape.exterior.is_ccw
        assert not any(hole.is_ccw for hole in shape.interiors)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_a_picture_without_a_place_gives_pixels(
    tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    png = save(tmp_path / "sat.png", picture(190, 140, *BLOCKS), None, None)
    out = tmp_path / f"f.{suffix}"
    found_in(png, out)
    assert "polygons are in pixels" in caplog.text
    frame = read(out)
    assert [shape.bounds for shape in frame.geometry] == BLOCKS
    assert set(frame["crs"]) == {"pixels, x to the right, y down"}
    assert frame["area_m2"].isna().all()
    if suffix != "geojson":
        assert frame.crs is None or "Undefined" in frame.crs.name


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_nothing_found_is_an_empty_file(tmp_path: Path, suffix: str) -> None:
    sat = save(tmp_path / "s.tif", picture(50, 40), CRS, place_of(CRS))
    result = found_in(sat, tmp_path / f"f.{suffix}")
    assert (result["polygons"], result["nothing_found"]) == (0, ["school"])
    assert len(read(tmp_path / f"f.{suffix}")) == 0


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"crs": "raster"}, "RFC 7946"),
        ({"crs": "utm"}, "give wgs84 or raster"),
        ({"out": "f.shp"}, "ends with one of .geojson"),
    ],
)
def test_outputs_that_cannot_be(
    sat: Path, tmp_path: Path, wish: dict[str, Any], sentence: str
) -> None:
    out = tmp_path / wish.pop("out", "f.gpkg" if wish.get("crs") == "utm" else "f.geojson")
    with pytest.raises(UsageError, match=sentence):
        found_in(sat, out, **wish)
    assert not out.exists()


@pytest.mark.parametrize("wish", [{}, {"zoom": 18}, {"gsd": 0.8}])
def test_the_overlay_shows_what_was_found(
    sat: Path, tmp_path: Path, wish: dict[str, float]
) -> None:
    found_in(sat, tmp_path / "f.geojson", overlay=tmp_path / "o.png", **wish)
    with Image.open(tmp_path / "o.png") as image:
        pixels = np.asarray(image)
    height = round(pixels.shape[1] * 140 / 190)
    assert pixels.shape[0] > height  # the key below
    scale = pixels.shape[1] / 190
    middle = pixels[round(30 * scale), round(35 * scale)].astype(int)
    hole, ground = (pixels[round(y * scale), round(125 * scale)] for y in (90, 30))
    assert abs(middle - np.array(RED)).max() > 10  # tinted
    assert np.abs(hole.astype(int) - ground).max() < 20  # not tinted
    assert (pixels[height + 4 :] != 255).any()


def test_the_overlay_of_a_large_raster_is_small(tmp_path: Path) -> None:
    sat = save(tmp_path / "s.tif", picture(3000, 500, (100, 100, 400, 300)), CRS, place_of(CRS))
    for wish in ({}, {"zoom": 18}):
        found_in(sat, tmp_path / "f.gpkg", window=1024, overlay=tmp_path / "o.png", **wish)
        with Image.open(tmp_path / "o.png") as image:
            assert image.width == SIDE
            assert image.height < 420
            x, y = (round(v * SIDE / 3000) for v in (250, 200))
            assert image.getpixel((x, y))[0] > image.getpixel((x * 3, y))[0] + 80
