"""Queries from the command line, from lists, tables and vector files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas
import pytest
import shapely

from socioseg.errors import UsageError
from socioseg.predict.queries import Wanted, one_query, read_queries
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

GEOJSON = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"osm_id": 7, "osm_type": "way", "name": "Old Mill"},
            "geometry": shapely.geometry.mapping(shapely.box(1, 1, 3, 3)),
        },
        {
            "type": "Feature",
            "properties": {"osm_id": 8, "osm_type": "way", "name": None},
            "geometry": {"type": "Point", "coordinates": [1, 2]},
        },
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "level"),
    [("school", "class"), ("educational", "function"), ("Oldgrove School", "name")],
)
def test_a_level_is_what_the_taxonomy_knows(text: str, level: str) -> None:
    assert one_query(text).wanted == [Wanted(text, Level(level))]
    assert one_query(text, "name").wanted == [Wanted(text, Level.NAME)]


def test_lists_of_texts(tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text("\ufeffschool\n\n# not this\n  Old   Mill \n", "utf-8")
    (tmp_path / "q.json").write_text('["school", "Old Mill", ""]')
    expected = [Wanted("school", Level.CLASS), Wanted("Old Mill", Level.NAME)]
    assert read_queries(str(tmp_path / "q.txt")).wanted == expected
    assert read_queries(str(tmp_path / "q.json")).wanted == expected


def test_tables_and_objects_say_level_and_place(tmp_path: Path) -> None:
    rows = [
        {"Query": "school", "level": "", "lon": "", "lat": "", "id": ""},
        {"Query": "Old Mill", "level": "name", "lon": "7.5", "lat": "47", "id": "node/3"},
        {"Query": "school", "level": "", "lon": "8", "lat": "46.5", "id": ""},
        {"Query": "", "level": "", "lon": "", "lat": "", "id": ""},
    ]
    table = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
    (tmp_path / "q.csv").write_text(table)
    (tmp_path / "q.tsv").write_text(table.replace(",", "\t"))
    (tmp_path / "q.json").write_text(
        json.dumps([{k.lower(): v for k, v in r.items()} for r in rows])
    )
    for name in ("q.csv", "q.tsv", "q.json"):
        asked = read_queries(str(tmp_path / name))
        assert asked.without_text == 1
        assert asked.wanted == [
            Wanted("school", Level.CLASS),
            Wanted("Old Mill", Level.NAME, (7.5, 47.0), "node/3"),
            Wanted("school", Level.NAME, (8.0, 46.5), "row/3"),
        ]
        assert str(asked.wanted[1]) == "Old Mill (node/3)"


@pytest.mark.parametrize("suffix", ["geojson", "json", "gpkg", "parquet", "shp"])
def test_features_are_places(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"places.{suffix}"
    if "json" in suffix:
        path.write_text(json.dumps(GEOJSON))
    else:
        frame = geopandas.GeoDataFrame.from_features(GEOJSON, crs="EPSG:4326").to_crs("EPSG:3857")
        if suffix == "shp":
            frame = frame[:1]
        frame.to_parquet(path) if suffix == "parquet" else frame.to_file(path)
    asked = read_queries(str(path))
    (wanted,) = asked.wanted
    assert asked.without_text == (suffix != "shp")
    assert wanted[:2] + wanted[3:] == ("Old Mill", Level.NAME, "way/7")
    assert wanted.point is not None
    assert shapely.Point(wanted.point).distance(shapely.Point(2, 2)) < 0.01
    assert read_queries(str(path), "class").wanted[0].level is Level.CLASS


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("q.txt", "\n\n", "holds no query: it is empty"),
        ("q.txt", b"\xff\xfe\xff", "is not in UTF-8"),
        ("q.csv", "place,size\nmill,3\n", "has the columns place, size: one must be called query"),
        ("q.csv", 'query\n"a\nb', "is not a table"),
        ("q.csv", 'query\n" "\n', "none of its 1 rows"),
        ("q.csv", "query,lon\nmill,7\n", "row 1 has only one of lon and lat"),
        ("q.csv", "query,lon,lat\nmill,7,north\n", "row 1: 'north' is no longitude"),
        ("q.csv", "query,lon,lat\nmill,700000,5\n", "'700000' is no longitude"),
        ("q.csv", "query,level\nmill,street\n", "there is no level 'street'"),
        ("q.json", "[1, 2]", "is no list of texts"),
        ("q.json", "{", "is not valid JSON"),
        ("q.json", '{"a": 1}', "cannot be read as a vector file"),
        ("q.pdf", "", "is no file of queries"),
        ("q.gpkg", "no database", "cannot be read as a vector file"),
    ],
)  # fmt: skip
def test_what_is_no_query(tmp_path: Path, name: str, content: str | bytes, sentence: str) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=sentence):
        read_queries(str(path))


def test_missing_files_and_empty_queries(tmp_path: Path) -> None:
    for name in ("q.txt", "q.gpkg"):
        with pytest.raises(UsageError, match="check the path"):
            read_queries(str(tmp_path / name))
    with pytest.raises(UsageError, match="--query is empty"):
        one_query("  ")
    with pytest.raises(UsageError, match="no level 'place'"):
        one_query("school", "place")
