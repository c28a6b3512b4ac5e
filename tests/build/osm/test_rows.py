"""Rows to features: ids, tags, packed columns, kinds of geometry."""

from __future__ import annotations

import geopandas
import pandas as pd
import pytest
import shapely

from socioseg.build.osm.collect import Collector
from socioseg.build.osm.rows import add_rows, holds_tags, row_ids, row_tags

BOX = shapely.box(10, 50, 10.01, 50.01)
LINE = shapely.LineString([(10, 50), (10.01, 50), (10.01, 50.01), (10, 50)])


@pytest.mark.parametrize(
    ("columns", "kind", "expected"),
    [
        ({"@id": ["way/12"]}, "areas", "way/12"),
        ({"full_id": ["r12"]}, "areas", "relation/12"),
        ({"osm_id": [12], "osm_type": ["way"]}, "areas", "way/12"),
        ({"osm_id": [12.0], "osm_type": ["N"]}, "points", "node/12"),
        ({"id": [12], "element": ["relation"]}, "areas", "relation/12"),
        ({"osm_id": ["12"]}, "points", "node/12"),
        ({"osm_id": ["12"]}, "lines", "way/12"),
        ({"osm_id": ["12"]}, "areas", "area/12"),
        ({"osm_id": [None], "osm_way_id": ["12"]}, "areas", "way/12"),
        ({"osm_id": ["12"], "osm_way_id": [None]}, "areas", "relation/12"),
        ({"osm_id": [-12]}, "areas", "relation/12"),
        ({"id": ["a1b2"]}, "areas", "row/7"),
        ({"name": ["x"]}, "areas", "row/7"),
    ],
    ids=str,
)
def test_ids(columns: dict[str, list[object]], kind: str, expected: str) -> None:
    assert row_ids(pd.DataFrame(columns), [kind], 7) == [expected]


def test_a_table_with_negative_ids_names_its_ways() -> None:
    assert row_ids(pd.DataFrame({"osm_id": [-1, 2]}), ["areas"] * 2) == ["relation/1", "way/2"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"amenity": ["bar"], "shop": [None], "phone": ["1"]}, {"amenity": "bar"}),
        ({"building:levels": [3.0], "area": [True]}, {"building:levels": "3", "area": "yes"}),
        ({"name": ["  "], "label": [float("nan")]}, {}),
        ({"other_tags": ['"shop"=>"a \\"b\\"","x"=>"y"']}, {"shop": 'a "b"', "x": "y"}),
        ({"tags": ['{"shop": "books", "addr:city": "X"}']}, {"shop": "books"}),
        ({"tags": [{"shop": "books"}]}, {"shop": "books"}),
        ({"all_tags": [[("shop", "books")]]}, {"shop": "books"}),
        ({"tags": ["[1, 2]"]}, {}),
        ({"tags": ["{broken"]}, {}),
    ],
    ids=str,
)
def test_tags(columns: dict[str, list[object]], expected: dict[str, str]) -> None:
    assert row_tags(pd.DataFrame(columns)) == [expected]


def test_geofabrik_layers() -> None:
    frame = pd.DataFrame(
        {
            "fclass": ["graveyard", "building"],
            "code": [2000, 1500],
            "type": [None, "school"],
            "name": ["N", None],
            "bridge": ["F", "T"],
        }
    )
    grave, school = row_tags(frame)
    assert grave == {"amenity": "grave_yard", "name": "N"}
    assert school == {"building": "school", "bridge": "yes"}


def test_geometry_decides_the_kind() -> None:
    mixture = shapely.GeometryCollection([BOX, shapely.Point(10, 50)])
    shapes = [BOX, LINE, shapely.Point(10, 50, 5), mixture, None, shapely.Polygon(), BOX]
    tags = {"amenity": ["bar"] * 6 + [None], "highway": [None, "road", *[None] * 5]}
    into = Collector(None)
    add_rows(geopandas.GeoDataFrame(tags, geometry=shapes, crs="EPSG:4326"), into)
    data = into.data()
    assert [f.osm_id for f in data.areas] == ["row/0", "row/3"]
    assert [f.geometry.geom_type for f in data.lines] == ["LineString"]
    assert [f.geometry.has_z for f in data.points] == [False]
    assert data.counts == {"bad_geometry": 2, "unused_rows": 1}


def test_border_columns_are_no_osm_data() -> None:
    assert not holds_tags(pd.DataFrame(columns=["name", "boundary", "place", "admin_level"]))
    assert holds_tags(pd.DataFrame(columns=["name", "amenity"]))
