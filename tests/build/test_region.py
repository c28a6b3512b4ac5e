"""Regions from boxes, files and names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from osmxml import ring, square, way, write
from servers import Answer

from socioseg.build.region import area_km2, resolve_region
from socioseg.errors import OsmError, RegionError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Serve

BOX = shapely.box(10, 50, 10.01, 50.01)


def save(path: Path, shapes: list[shapely.Geometry], **columns: list[str]) -> str:
    geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4326").to_file(path)
    return str(path)


@given(st.floats(-179, 178), st.floats(-84, 83), st.floats(0.001, 1), st.floats(0.001, 1))
def test_a_box_is_that_box(
    tmp_path_factory: pytest.TempPathFactory, west: float, south: float, width: float, height: float
) -> None:
    corners = (f"{v:.6f}" for v in (west, south, west + width, south + height))
    text = ", ".join(corners)
    region = resolve_region(text, cache=tmp_path_factory.getbasetemp())
    assert region.polygon.bounds == tuple(float(v) for v in text.split(","))
    assert region.osm_file is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10,50,11", "has 3 numbers; give west,south,east,north"),
        ("10,50,11,51,52", "has 5 numbers"),
        ("190,50,191,51", "is not in degrees"),
        ("10,50,11,91", "is not in degrees"),
        ("1113194,6446275,1114308,6448009", "is not in degrees"),
        ("11,50,10,51", "west is not left of east.*antimeridian"),
        ("10,51,11,50", "south lies above north"),
        ("10,50,10,51", "has no area"),
        ("10,84,11,86", r"reaches latitude 86\.00, and the map ends at 85\.05"),
        ("-179,0,179,1", "spans half of the globe"),
    ],
)
def test_bad_boxes_are_said(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(RegionError, match=message):
        resolve_region(text, cache=tmp_path)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "kml"])
def test_a_polygon_file_is_the_union_of_its_polygons(tmp_path: Path, suffix: str) -> None:
    other = shapely.box(10.005, 50, 10.02, 50.01)
    text = save(tmp_path / f"Old Town.{suffix}", [BOX, other], name=["a", "b"])
    region = resolve_region(text, cache=tmp_path)
    assert (region.name, region.osm_file) == ("old-town", None)
    assert region.polygon.equals(shapely.box(10, 50, 10.02, 50.01))


def test_one_polygon_with_tags_is_a_boundary(tmp_path: Path) -> None:
    triangle = shapely.Polygon([(10, 50), (10.01, 50), (10, 50.01)])
    region = resolve_region(
        save(tmp_path / "park.geojson", [triangle], leisure=["park"]), cache=tmp_path
    )
    assert region.polygon.equals(triangle)


def test_many_rows_with_tags_are_osm_data(tmp_path: Path) -> None:
    path = tmp_path / "town.geojson"
    text = save(path, [BOX, shapely.Point(10.02, 50.005)], amenity=["bar", "pub"])
    region = resolve_region(text, cache=tmp_path)
    assert region.polygon.equals(shapely.box(10, 50, 10.02, 50.01))
    assert region.osm_file == path


def test_an_osm_file_is_its_extent(tmp_path: Path) -> None:
    path = write(tmp_path, *square(1, 10, 50, 0.01), way(1, ring(1), building="yes"))
    region = resolve_region(str(path), cache=tmp_path)
    assert (region.name, region.osm_file) == ("town", path)
    assert region.polygon.equals_exact(BOX.normalize(), 1e-9) or region.polygon.equals(BOX)


def test_files_that_do_not_help_are_said(tmp_path: Path) -> None:
    line = save(tmp_path / "line.geojson", [shapely.LineString([(0, 0), (1, 1)])], name=["x"])
    with pytest.raises(RegionError, match="holds no polygon"):
        resolve_region(line, cache=tmp_path)
    with pytest.raises(OsmError, match="there is no such file"):
        resolve_region("missing.geojson", cache=tmp_path)
    with pytest.raises(OsmError, match="cannot be opened"):
        resolve_region("missing.osm.pbf", cache=tmp_path)


def _place(**fields: object) -> Answer:
    place = {"importance": 0.5, "display_name": "A", "boundingbox": ["50", "50.01", "10", "10.01"]}
    return Answer(json.dumps([place | fields]).encode())


@pytest.mark.slow
def test_a_place_is_its_outline(serve: Serve, tmp_path: Path) -> None:
    triangle = shapely.Polygon([(10, 50), (10.01, 50), (10, 50.01)])
    answer = _place(geojson=shapely.geometry.mapping(triangle), lat="50", lon="10")
    server = serve(lambda _: answer)
    for _ in range(2):  # the second time from the cache
        region = resolve_region("Köln, Domplatz", cache=tmp_path, nominatim=server.url)
    assert region.name == "köln-domplatz"
    assert region.polygon.equals(triangle)
    assert "K%C3%B6ln" in server.requests[0].path
    assert len(server.requests) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cologne_cathedral_cologne_germany", (6.9570708, 50.9409217, 6.9591382, 50.9417618)),
        ("madison_square_garden", (-73.994339, 40.749828, -73.992652, 40.751159)),
    ],
)
def test_recorded_places(
    serve: Serve, tmp_path: Path, shared_data: Path, name: str, expected: tuple[float, ...]
) -> None:
    body = (shared_data / "overpass" / f"nominatim_{name}.json").read_bytes()
    region = resolve_region("A", cache=tmp_path, nominatim=serve(lambda _: Answer(body)).url)
    assert region.polygon.bounds == pytest.approx(expected, abs=1e-5)


@pytest.mark.slow
def test_an_unknown_place_is_said(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOCIOSEG_NOMINATIM_URL", serve(lambda _: Answer(b"[]")).url)
    with pytest.raises(RegionError, match="there is no place named 'Atlantis'"):
        resolve_region("Atlantis", cache=tmp_path)


def test_areas_are_those_of_the_ellipsoid() -> None:
    # A degree square at the equator, by the standard tables of WGS 84: 12,309 km2.
    assert area_km2(shapely.box(0, 0, 1, 1)) == pytest.approx(12309, rel=1e-4)
    hole = shapely.Polygon(BOX.exterior, [shapely.box(10.002, 50.002, 10.008, 50.008).exterior])
    inner = area_km2(shapely.box(10.002, 50.002, 10.008, 50.008))
    assert area_km2(hole) == pytest.approx(area_km2(BOX) - inner)


def test_real_files_are_regions(shared_data: Path, tmp_path: Path) -> None:
    banepa = resolve_region(str(shared_data / "banepa" / "osm.geojson"), cache=tmp_path)
    assert banepa.osm_file is not None
    assert area_km2(banepa.polygon) == pytest.approx(0.25, rel=0.05)
    town = resolve_region(str(shared_data / "osm" / "baltimore.osm.pbf"), cache=tmp_path)
    assert (town.name, round(area_km2(town.polygon))) == ("baltimore", 67)
