"""Which reader serves which source, and what is cut out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas
import pytest
import shapely
from osmxml import ring, square, way, write
from servers import Answer

from socioseg.build.osm.read import OVERPASS, read_osm
from socioseg.errors import OsmError, RegionError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Serve

HERE = shapely.box(10, 50, 10.01, 50.01)


def test_an_osm_file_is_cut_with_its_margin(tmp_path: Path) -> None:
    squares = [*square(1, 10, 50, 0.01), *square(5, 10.011, 50, 0.01), *square(9, 11, 50, 0.01)]
    path = write(tmp_path, *squares, *(way(n, ring(n), building="yes") for n in (1, 5, 9)))
    near = read_osm(path, HERE, margin=0, cache=tmp_path)
    wide = read_osm(str(path), HERE, margin=300, cache=tmp_path)
    assert [f.osm_id for f in near.areas] == ["way/1"]
    assert [f.osm_id for f in wide.areas] == ["way/1", "way/5"]


def test_a_vector_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "town.gpkg"
    rows = geopandas.GeoDataFrame({"amenity": ["bar"]}, geometry=[HERE], crs="EPSG:4326")
    rows.to_file(path, layer="bars")
    data = read_osm(f"{path}|bars", HERE, margin=0, cache=tmp_path)
    assert [f.tags for f in data.areas] == [{"amenity": "bar"}]


@pytest.mark.slow
def test_overpass_is_asked_for_the_margin_too(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cafe = {"type": "node", "id": 1, "lon": 10.011, "lat": 50.005, "tags": {"amenity": "cafe"}}
    body = json.dumps({"elements": [cafe]}).encode()
    monkeypatch.setenv("SOCIOSEG_OVERPASS_URL", serve(lambda _: Answer(body)).url)
    data = read_osm(OVERPASS, HERE, margin=500, cache=tmp_path)
    assert [f.osm_id for f in data.points] == ["node/1"]


def test_a_region_beside_the_data_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, *square(1, 10, 50, 0.01), way(1, ring(1), building="yes"))
    with pytest.raises(RegionError, match=r"it covers 10\.0000,50\.0000,10\.0100,50\.0100"):
        read_osm(path, shapely.box(20, 50, 21, 51), margin=0, cache=tmp_path)


def test_an_unknown_source_is_said(tmp_path: Path) -> None:
    with pytest.raises(OsmError, match=r"town\.txt: is no OSM source; give 'overpass' or a file"):
        read_osm(tmp_path / "town.txt", HERE, margin=0, cache=tmp_path)
