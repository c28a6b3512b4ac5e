"""OSM data to a file and back, and the index over it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shapely

from socioseg import features
from socioseg.features import Feature, FeatureIndex, OsmData

if TYPE_CHECKING:
    from pathlib import Path


def _data() -> OsmData:
    return OsmData(
        areas=[Feature("way/1", {"name": "Ж ' \""}, shapely.box(0, 0, 10, 10))],
        lines=[Feature("way/2", {"highway": "path"}, shapely.LineString([(0, 0), (90, 90)]))],
        points=[
            Feature("node/1", {"shop": "yes"}, shapely.Point(5, 5)),
            Feature("node/2", {}, shapely.Point(80, 80)),
        ],
        timestamp="2020-01-01",
    )


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    data = _data()
    features.save(data, tmp_path / "f")
    found = features.load(tmp_path / "f")
    assert (found.areas, found.lines, found.points) == (data.areas, data.lines, data.points)


def test_no_features_are_a_file_too(tmp_path: Path) -> None:
    features.save(OsmData(), tmp_path / "f")
    assert features.load(tmp_path / "f") == OsmData()


def test_index_finds_each_feature_once_in_order() -> None:
    found = FeatureIndex(_data()).within((0, 0, 20, 20), (4, 4, 30, 30))
    assert [f.osm_id for f in (*found.areas, *found.lines, *found.points)] == [
        "way/1",
        "way/2",
        "node/1",
    ]
    assert found.timestamp == "2020-01-01"


def test_order_is_by_kind_then_number() -> None:
    ids = ["way/10", "relation/3", "way/9", "row/x"]
    unsorted = [Feature(osm_id, {}, None) for osm_id in ids]
    assert [f.osm_id for f in sorted(unsorted, key=features.sort_key)] == [
        "relation/3",
        "row/x",
        "way/9",
        "way/10",
    ]
