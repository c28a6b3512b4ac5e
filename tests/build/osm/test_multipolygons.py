"""Multipolygons whose tags stand on their outer ways, wholly or again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import shapely
from osmxml import relation, ring, square, way, write

from socioseg.build.osm.files import read_osm_file
from socioseg.build.osm.geometry import to_degrees

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.features import OsmData

NODES = [
    *square(1, 10, 50, 0.03),
    *square(5, 10.01, 50.01, 0.01),  # in the first
    *square(9, 10.1, 50, 0.01),  # beside it
]
OUTER = shapely.box(10, 50, 10.03, 50.03)
HOLE = shapely.box(10.01, 50.01, 10.02, 50.02)
BESIDE = shapely.box(10.1, 50, 10.11, 50.01)
OUTER_REST = [(10.03, 50), (10.03, 50.03), (10, 50.03)]
MEMBERS = [(1, "outer"), (2, "inner")]


def read(folder: Path, *items: str) -> OsmData:
    return read_osm_file(write(folder, *NODES, *items))


def drawn(data: OsmData, osm_id: str) -> shapely.Geometry:
    """Geometry of an area, comparable with ==."""
    (area,) = (area for area in data.areas if area.osm_id == osm_id)
    return shapely.set_precision(to_degrees(area.geometry), 1e-7).normalize()


def exact(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.set_precision(geometry, 1e-7).normalize()


def tags_of(data: OsmData) -> dict[str, dict[str, str]]:
    return {area.osm_id: area.tags for area in data.areas}


@pytest.mark.parametrize("inner", [{}, {"natural": "water"}], ids=["plain", "marked"])
def test_the_outer_way_has_the_hole_of_its_relation(tmp_path: Path, inner: dict[str, str]) -> None:
    ways = [way(1, ring(1), natural="water"), way(2, ring(5), **inner)]
    data = read(tmp_path, *ways, relation(3, MEMBERS))
    assert tags_of(data) == {"way/1": {"natural": "water"}}
    assert drawn(data, "way/1") == exact(OUTER - HOLE)
    assert data.counts == {}


def test_an_inner_way_with_its_own_tags_is_an_area(tmp_path: Path) -> None:
    ways = [way(1, ring(1), natural="water"), way(2, ring(5), leisure="park")]
    data = read(tmp_path, *ways, relation(3, MEMBERS))
    assert drawn(data, "way/1") == exact(OUTER - HOLE)
    assert drawn(data, "way/2") == exact(HOLE)


def test_a_hole_at_the_edge_is_cut_too(tmp_path: Path) -> None:
    ways = [way(1, [1, 5, 6, 2, 3, 4, 1], natural="water"), way(2, ring(5))]
    data = read(tmp_path, *ways, relation(3, MEMBERS))
    alone = shapely.Polygon([(10, 50), (10.01, 50.01), (10.02, 50.01), *OUTER_REST])
    assert drawn(data, "way/1") == exact(alone - HOLE)


def test_a_relation_that_is_there_twice_changes_nothing(tmp_path: Path) -> None:
    ways = [way(1, ring(1), natural="water"), way(2, ring(5))]
    data = read(tmp_path, *ways, relation(3, MEMBERS), relation(4, MEMBERS))
    assert [area.osm_id for area in data.areas] == ["way/1"]
    assert drawn(data, "way/1") == exact(OUTER - HOLE)


def test_a_name_on_the_relation_is_that_of_its_way(tmp_path: Path) -> None:
    ways = [way(1, ring(1), natural="water"), way(2, ring(5))]
    data = read(tmp_path, *ways, relation(3, MEMBERS, name="Lake"))
    assert tags_of(data) == {"way/1": {"natural": "water", "name": "Lake"}}


def test_outer_ways_of_the_same_tags_are_one_area(tmp_path: Path) -> None:
    ways = [way(1, ring(1), amenity="school"), way(2, ring(5)), way(4, ring(9), amenity="school")]
    data = read(tmp_path, *ways, relation(3, [*MEMBERS, (4, "outer")]))
    assert tags_of(data) == {"relation/3": {"amenity": "school"}}
    assert drawn(data, "relation/3") == exact(shapely.union(OUTER - HOLE, BESIDE))


def test_a_ring_of_two_tagged_ways_is_an_area(tmp_path: Path) -> None:
    ways = [way(1, [1, 2, 3], natural="water"), way(2, ring(5)), way(4, [3, 4, 1], natural="water")]
    data = read(tmp_path, *ways, relation(3, [*MEMBERS, (4, "outer")]))
    assert drawn(data, "relation/3") == exact(OUTER - HOLE)


@pytest.mark.parametrize("tags", [{}, {"leisure": "park"}], ids=["plain", "other"])
def test_outer_ways_of_different_tags_stay_apart(tmp_path: Path, tags: dict[str, str]) -> None:
    ways = [way(1, ring(1), natural="water"), way(2, ring(5)), way(4, ring(9), **tags)]
    data = read(tmp_path, *ways, relation(3, [*MEMBERS, (4, "outer")]))
    assert drawn(data, "way/1") == exact(OUTER - HOLE)
    assert tags_of(data).get("way/4", {}) == tags
    assert data.counts == {}


def test_without_roles_the_rings_tell_what_is_a_hole(tmp_path: Path) -> None:
    ways = [way(1, ring(1), natural="water"), way(2, ring(5), leisure="park")]
    data = read(tmp_path, *ways, relation(3, [(1, ""), (2, "")]))
    assert drawn(data, "way/1") == exact(OUTER - HOLE)
    assert drawn(data, "way/2") == exact(HOLE)


def test_open_ways_of_different_tags_are_counted(tmp_path: Path) -> None:
    ways = [way(1, [1, 2, 3], natural="water"), way(4, [3, 4, 1], leisure="park")]
    data = read(
        tmp_path, *ways, relation(3, [(1, "outer"), (4, "outer")]), way(9, ring(9), shop="a")
    )
    assert tags_of(data) == {"way/9": {"shop": "a"}}
    assert data.counts == {"unclear_relations": 1}


def test_a_street_around_a_hole_makes_no_area(tmp_path: Path) -> None:
    ways = [way(1, ring(1), highway="residential"), way(2, ring(5), leisure="park")]
    assert tags_of(read(tmp_path, *ways, relation(3, MEMBERS))) == {"way/2": {"leisure": "park"}}


def test_an_area_whose_hole_is_not_known_is_left_out(tmp_path: Path) -> None:
    ways = [way(1, ring(1), natural="water"), way(9, ring(9), shop="a")]
    data = read(tmp_path, *ways, relation(3, MEMBERS))
    assert tags_of(data) == {"way/9": {"shop": "a"}}
    assert data.counts == {"incomplete_relations": 1}


def test_an_incomplete_relation_without_holes_leaves_its_ways_alone(tmp_path: Path) -> None:
    data = read(
        tmp_path, way(1, ring(1), natural="water"), relation(3, [(1, "outer"), (8, "outer")])
    )
    assert drawn(data, "way/1") == exact(OUTER)
    assert data.counts == {}


def test_tags_on_the_relation_and_again_on_the_way(tmp_path: Path) -> None:
    ways = [way(1, ring(1), natural="water", name="Lake"), way(2, ring(5))]
    data = read(tmp_path, *ways, relation(3, MEMBERS, natural="water"))
    assert drawn(data, "way/1") == drawn(data, "relation/3") == exact(OUTER - HOLE)


def test_a_way_that_means_something_else_keeps_its_ring(tmp_path: Path) -> None:
    ways = [way(1, ring(1), landuse="military"), way(2, ring(5))]
    data = read(tmp_path, *ways, relation(3, MEMBERS, natural="wood"))
    assert drawn(data, "way/1") == exact(OUTER)
    assert drawn(data, "relation/3") == exact(OUTER - HOLE)


def test_a_border_takes_no_tags_from_its_ways(tmp_path: Path) -> None:
    border = relation(3, MEMBERS, boundary="administrative")
    data = read(tmp_path, way(1, ring(1), natural="water"), way(2, ring(5)), border)
    assert drawn(data, "way/1") == exact(OUTER)


def test_holes_of_real_files(shared_data: Path) -> None:
    data = read_osm_file(shared_data / "osm" / "moscow_ru.osm.gz")
    held = {area.osm_id: area.geometry for area in data.areas}
    assert len(held["way/28845413"].interiors) == 1
    assert len(held["way/135404466"].interiors) == 2
    alone = shapely.Polygon(held["way/28845413"].exterior)
    assert held["way/28845413"].area / alone.area == pytest.approx(0.757, abs=0.001)
