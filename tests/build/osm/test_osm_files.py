"""Reading OSM files: geometry, what is kept, what is counted, order, bounds."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from osmxml import node, relation, ring, square, way, write

from socioseg.build.osm.files import osm_extent, read_osm_file
from socioseg.build.osm.geometry import to_degrees

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.features import Feature, OsmData

# The table of the data's README, less what cannot be assembled: areas by main key.
REAL = {
    "baltimore": (282, 149, 233, 60, 1738),
    "columbus-oh": (344, 228, 88, 58, 1294),
    "helsinki-centre-2019": (73, 26, 207, 5, 446),
    "liechtenstein-2015": (217, 148, 381, 13, 8995),
    "london_moorgate": (43, 18, 22, 15, 148),
    "singapore_bayfront": (15, 6, 12, 7, 31),
}
KEYS = ("amenity", "leisure", "landuse", "shop", "building")


def one(features: list[Feature]) -> Feature:
    assert len(features) == 1
    return features[0]


def same(left: shapely.Geometry, right: shapely.Geometry) -> bool:
    """Equal to a tenth of a millimetre or so, whatever point the rings begin at."""
    return left.normalize().equals_exact(right.normalize(), 1e-9)


def test_a_closed_way_becomes_an_area(tmp_path: Path) -> None:
    path = write(tmp_path, *square(1, 10, 50, 0.01), way(7, ring(1), amenity="school", name="A"))
    area = one(read_osm_file(path).areas)
    assert (area.osm_id, area.tags) == ("way/7", {"amenity": "school", "name": "A"})
    assert same(to_degrees(area.geometry), shapely.box(10, 50, 10.01, 50.01))


def test_a_relation_keeps_its_hole_and_all_its_outers(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        *square(1, 10, 50, 0.03),
        *square(5, 10.01, 50.01, 0.01),
        *square(11, 10.1, 50, 0.01),
        *(way(n, ring(first)) for n, first in ((1, 1), (2, 5), (3, 11))),
        relation(4, [(1, "outer"), (2, "inner"), (3, "outer")], natural="water"),
    )
    expected = shapely.box(10, 50, 10.03, 50.03) - shapely.box(10.01, 50.01, 10.02, 50.02)
    area = one(read_osm_file(path).areas)
    assert area.osm_id == "relation/4"
    assert same(to_degrees(area.geometry), expected | shapely.box(10.1, 50, 10.11, 50.01))


@given(radii=st.lists(st.floats(0.001, 0.02), min_size=3, max_size=12))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_star_shaped_ring_comes_back_as_it_is(tmp_path: Path, radii: list[float]) -> None:
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    places = np.round(np.c_[10 + radii * np.cos(angles), 50 + radii * np.sin(angles)], 7)
    nodes = [node(i + 1, lon, lat) for i, (lon, lat) in enumerate(places.tolist())]
    path = write(tmp_path, *nodes, way(1, [*range(1, len(radii) + 1), 1], landuse="forest"))
    area = one(read_osm_file(path).areas)
    assert same(to_degrees(area.geometry), shapely.Polygon(places))


def test_incomplete_relations_are_left_out_and_counted(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        *square(1, 10, 50, 0.01),
        way(1, ring(1), building="yes"),
        relation(2, [(1, "outer"), (99, "outer")], natural="water"),
    )
    data = read_osm_file(path)
    assert [area.osm_id for area in data.areas] == ["way/1"]
    assert data.counts == {"incomplete_relations": 1}


def test_rings_that_cross_are_left_out_and_counted(tmp_path: Path) -> None:
    bow_tie = way(1, [1, 3, 2, 4, 1], building="yes")
    path = write(tmp_path, *square(1, 10, 50, 0.01), bow_tie, way(2, ring(1), building="yes"))
    data = read_osm_file(path)
    assert [area.osm_id for area in data.areas] == ["way/2"]
    assert data.counts == {"bad_geometry": 1}


def test_a_slip_in_a_ring_is_repaired_and_counted(tmp_path: Path) -> None:
    items = [*square(1, 10, 50, 0.01), node(5, 9.999, 50.0101), node(6, 10.0001, 50.0105)]
    path = write(tmp_path, *items, way(1, [1, 2, 3, 5, 6, 1], building="yes"))
    data = read_osm_file(path)
    area = to_degrees(one(data.areas).geometry)
    assert shapely.is_valid(area)
    assert area.symmetric_difference(shapely.box(10, 50, 10.01, 50.01)).area < 0.02 * area.area
    assert data.counts == {"repaired_geometry": 1}


def test_lines_are_drawn_as_far_as_their_nodes_are_known(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        *square(1, 10, 50, 0.01),
        way(1, [1, 2, 99, 3, 4], highway="residential"),
        way(2, [98, 99, 1], highway="residential"),
        way(3, [1, 2, 98, 1], building="yes"),
    )
    data = read_osm_file(path)
    assert data.counts == {"clipped_lines": 1, "incomplete_ways": 2}
    expected = shapely.MultiLineString(
        [[(10, 50), (10.01, 50)], [(10.01, 50.01), (10, 50.01)]],
    )
    assert same(to_degrees(one(data.lines).geometry), expected)


def test_closed_roads_are_lines_and_may_be_areas_too(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        *square(1, 10, 50, 0.01),
        way(1, ring(1), highway="residential", junction="roundabout"),
        way(2, ring(1), highway="pedestrian", area="yes"),
        way(3, ring(1), highway="footway", leisure="track"),
    )
    data = read_osm_file(path)
    assert [line.osm_id for line in data.lines] == ["way/1", "way/3"]
    assert [area.osm_id for area in data.areas] == ["way/2", "way/3"]


def test_borders_and_private_data_are_not_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        *square(1, 10, 50, 0.01),
        way(1, ring(1)),
        relation(1, [(1, "outer")], type="boundary", boundary="administrative", place="town"),
        node(8, 10, 50, **{"shop": "books", "name": "B", "phone": "1", "addr:street": "S"}),
    )
    data = read_osm_file(path)
    assert data.areas == []
    assert one(data.points).tags == {"shop": "books", "name": "B"}


def _identity(data: OsmData) -> list[tuple[str, bytes]]:
    return [
        (f.osm_id, shapely.to_wkb(f.geometry.normalize()))
        for f in (*data.areas, *data.lines, *data.points)
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_order_of_the_file_does_not_matter(tmp_path: Path, seed: int) -> None:
    items = [
        *square(1, 10, 50, 0.03),
        *square(-4, 10.1, 50, 0.01),
        *(way(number, ring(first)) for number, first in ((5, 1), (-6, -4))),
        relation(4, [(5, "outer"), (-6, "outer")], natural="water"),
        way(3, [1, -4], highway="primary"),
        node(9, 10, 50, amenity="cafe"),
    ]
    expected = read_osm_file(write(tmp_path, *items))
    assert [f.osm_id for f in expected.areas] == ["relation/4"]
    random.Random(seed).shuffle(items)
    assert _identity(read_osm_file(write(tmp_path, *items))) == _identity(expected)


def test_a_sorted_file_is_said(tmp_path: Path) -> None:
    ways = [way(2, ring(1), building="yes"), way(1, ring(1), building="yes")]
    path = write(tmp_path, *square(1, 10, 50, 0.01), *ways)
    assert read_osm_file(path).notes == [
        "town.osm is not in the usual order of ids; it was sorted first."
    ]


def test_bounds_keep_whole_features_that_meet_them(tmp_path: Path) -> None:
    squares = [*square(1, 10, 50, 0.01), *square(5, 10.1, 50, 0.01)]
    path = write(tmp_path, *squares, *(way(n, ring(n), building="yes") for n in (1, 5)))
    data = read_osm_file(path, (9, 49, 10.005, 51))
    assert [area.osm_id for area in data.areas] == ["way/1"]
    assert same(to_degrees(data.areas[0].geometry), shapely.box(10, 50, 10.01, 50.01))
    assert data.bounds == pytest.approx((10, 50, 10.11, 50.01))


def test_the_header_tells_the_extent_where_it_can(tmp_path: Path) -> None:
    head = '<bounds minlat="49" minlon="9" maxlat="51" maxlon="11"/>'
    path = write(tmp_path, *square(1, 10, 50, 0.01), way(1, ring(1), building="yes"), head=head)
    assert osm_extent(path) == read_osm_file(path).bounds == (9, 49, 11, 51)


def test_the_latest_feature_dates_a_file_without_a_date(tmp_path: Path) -> None:
    nodes = [
        node(number, 10, 50, shop="books").replace(
            "version=", f'timestamp="201{number}-05-06T07:08:09Z" version='
        )
        for number in (3, 7, 5)
    ]
    assert read_osm_file(write(tmp_path, *nodes)).timestamp == "2017-05-06T07:08:09Z"


@pytest.mark.parametrize("name", REAL)
def test_real_files_hold_what_the_table_says(shared_data: Path, name: str) -> None:
    data = read_osm_file(shared_data / "osm" / f"{name}.osm.pbf")
    assert tuple(sum(key in area.tags for area in data.areas) for key in KEYS) == REAL[name]
    assert all(shapely.is_valid(area.geometry) for area in data.areas)
    assert bool(data.notes) == (name == "columbus-oh")


def test_real_xml_files_are_read(shared_data: Path) -> None:
    files = sorted(itertools.chain(shared_data.glob("osm/*.osm"), shared_data.glob("osm/*.gz")))
    read = {path.name: read_osm_file(path) for path in files}
    assert all(data.areas and data.points and data.bounds for data in read.values())
    assert all(data.timestamp > "2013" for data in read.values())
