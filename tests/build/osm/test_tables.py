"""Vector files as OSM data: formats, layers, reference systems, faults."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import geopandas
import pytest
import shapely

from socioseg.build.osm.geometry import to_degrees
from socioseg.build.osm.tables import read_osm_table
from socioseg.errors import OsmError

if TYPE_CHECKING:
    from pathlib import Path

BOXES = [shapely.box(10 + x, 50, 10.01 + x, 50.01) for x in (0, 0.1)]


def frame(crs: str | None = "EPSG:4326") -> geopandas.GeoDataFrame:
    columns = {"osm_id": [2, 1], "osm_type": ["way"] * 2, "amenity": ["school", "bar"]}
    return geopandas.GeoDataFrame(columns, geometry=BOXES, crs=crs)


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "fgb", "shp", "parquet"])
@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32632"])
def test_every_format_gives_the_same(tmp_path: Path, suffix: str, crs: str) -> None:
    path, rows = tmp_path / f"town.{suffix}", frame().to_crs(crs)
    rows.to_parquet(path) if suffix == "parquet" else rows.to_file(path)
    data = read_osm_table(path)
    assert [(f.osm_id, f.tags) for f in data.areas] == [
        ("way/1", {"amenity": "bar"}),
        ("way/2", {"amenity": "school"}),
    ]
    assert shapely.hausdorff_distance(to_degrees(data.areas[1].geometry), BOXES[0]) < 1e-7


def test_bounds_select_rows(tmp_path: Path) -> None:
    frame().to_crs("EPSG:32632").to_file(tmp_path / "town.gpkg")
    data = read_osm_table(tmp_path / "town.gpkg", (9, 49, 10.05, 51))
    assert [f.osm_id for f in data.areas] == ["way/2"]


def test_all_layers_or_one(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    frame().iloc[:1].to_file(path, layer="schools")
    frame().iloc[1:].to_file(path, layer="bars")
    assert len(read_osm_table(path).areas) == 2
    assert [f.osm_id for f in read_osm_table(f"{path}|bars").areas] == ["way/1"]
    with pytest.raises(OsmError, match=r"has no layer 'pubs'; it has 'schools', 'bars'"):
        read_osm_table(f"{path}|pubs")


def _geofabrik(folder: Path) -> None:
    for name, fclass in (("landuse_a", "residential"), ("roads", "residential")):
        shape = BOXES[0] if name == "landuse_a" else shapely.LineString(BOXES[0].exterior)
        rows = {"osm_id": ["1"], "fclass": [fclass], "name": ["N"]}
        table = geopandas.GeoDataFrame(rows, geometry=[shape], crs="EPSG:4326")
        table.to_file(folder / f"gis_osm_{name}_free_1.shp")


@pytest.mark.parametrize("zipped", [False, True])
def test_geofabrik_folders_and_zips(tmp_path: Path, *, zipped: bool) -> None:
    source = tmp_path / "extract"
    source.mkdir()
    _geofabrik(source)
    if zipped:
        with zipfile.ZipFile(tmp_path / "extract.shp.zip", "w") as archive:
            for path in source.iterdir():
                archive.write(path, path.name)
        source = tmp_path / "extract.shp.zip"
    data = read_osm_table(source)
    assert [f.tags for f in data.areas] == [{"landuse": "residential", "name": "N"}]
    assert [f.tags for f in data.lines] == [{"highway": "residential", "name": "N"}]


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("town.gpkg", b"not a database", "cannot be read as a vector file"),
        ("town.geojson", b'{"type": "FeatureColl', "cannot be read as a vector file"),
        ("town.parquet", b"PAR1junk", "cannot be read as a vector file"),
        ("town.zip", b"PK junk", "cannot be read as a vector file"),
        ("missing.gpkg", None, "there is no such file"),
        ("", None, r"the folder holds no shapefile"),
    ],
)
def test_bad_files_are_said(tmp_path: Path, name: str, body: bytes | None, message: str) -> None:
    if body is not None:
        (tmp_path / name).write_bytes(body)
    with pytest.raises(OsmError, match=message):
        read_osm_table(tmp_path / name)


def test_a_table_without_reference_system_is_said(tmp_path: Path) -> None:
    frame(crs=None).to_parquet(tmp_path / "town.parquet")
    with pytest.raises(OsmError, match="no coordinate reference system"):
        read_osm_table(tmp_path / "town.parquet")


def test_a_table_without_tags_is_said(tmp_path: Path) -> None:
    frame().drop(columns="amenity").to_file(tmp_path / "town.geojson")
    with pytest.raises(OsmError, match="none of its 2 rows has an OSM tag of use"):
        read_osm_table(tmp_path / "town.geojson")


def test_banepa(shared_data: Path) -> None:
    data = read_osm_table(shared_data / "banepa" / "osm.geojson")
    assert (len(data.areas), data.counts) == (1466, {})
    assert sum("name" in area.tags for area in data.areas) == 30
    worship = [area for area in data.areas if area.tags.get("amenity") == "place_of_worship"]
    assert len(worship) == 12
    assert not any("phone" in area.tags for area in data.areas)
