from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import osmium
import pytest
import shapely

from socioseg.city.town import TownSpec, write_town
from socioseg.errors import OsmError, UsageError
from socioseg.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from pathlib import Path

    from shapely.geometry.base import BaseGeometry

SMALL = TownSpec(seed=5, size=1600)
DEGREE = 111_319.49079327358  # metres at the equator, on the sphere of EPSG:3857


class Area(NamedTuple):
    tags: dict[str, str]
    shape: BaseGeometry


def areas(path: Path) -> list[Area]:
    factory, found = osmium.geom.WKBFactory(), []
    for thing in osmium.FileProcessor(path).with_areas():
        if thing.is_area() and thing.tags:
            shape = shapely.from_wkb(factory.create_multipolygon(thing))
            found.append(Area(dict(thing.tags), shapely.transform(shape, lambda xy: xy * DEGREE)))
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("town") / "small.osm.pbf"
    write_town(path, SMALL)
    return path


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("town") / "default.osm.pbf"
    write_town(path, TownSpec())
    return path


def test_same_spec_same_bytes(small: Path, tmp_path: Path) -> None:
    write_town(tmp_path / "again.osm.pbf", SMALL)
    assert (tmp_path / "again.osm.pbf").read_bytes() == small.read_bytes()


def test_other_seed_other_town(small: Path, tmp_path: Path) -> None:
    write_town(tmp_path / "other.osm.pbf", TownSpec(seed=6, size=1600))
    ours, others = (
        shapely.union_all([a.shape for a in areas(p) if "building" in a.tags])
        for p in (small, tmp_path / "other.osm.pbf")
    )
    assert ours.intersection(others).area < 0.5 * ours.area


@pytest.mark.parametrize("suffix", [".osm", ".osm.gz"])
def test_other_formats_hold_the_same(small: Path, tmp_path: Path, suffix: str) -> None:
    write_town(tmp_path / f"town{suffix}", SMALL)
    kinds = Counter(
        (thing.type_str(), thing.id) for thing in osmium.FileProcessor(tmp_path / f"town{suffix}")
    )
    assert kinds == Counter((thing.type_str(), thing.id) for thing in osmium.FileProcessor(small))


def test_objects_are_sorted_and_dated(small: Path) -> None:
    order = {"n": 0, "w": 1, "r": 2}
    seen = [(order[o.type_str()], o.id) for o in osmium.FileProcessor(small)]
    assert seen == sorted(set(seen))
    assert min(number for _, number in seen) == 1
    stamps = {o.timestamp.isoformat() for o in osmium.FileProcessor(small)}
    assert stamps == {"2026-01-01T00:00:00+00:00"}


def test_ways_and_relations_are_complete(small: Path) -> None:
    nodes, ways = set(), set()
    for thing in osmium.FileProcessor(small):
        if thing.is_node():
            nodes.add(thing.id)
        elif thing.is_way():
            ways.add(thing.id)
            assert {node.ref for node in thing.nodes} <= nodes
        elif thing.is_relation():
            assert {member.ref for member in thing.members} <= ways


def test_every_relation_becomes_a_valid_area(small: Path) -> None:
    relations = sum(thing.is_relation() for thing in osmium.FileProcessor(small))
    assembled = sum(
        thing.is_area() and not thing.from_way()
        for thing in osmium.FileProcessor(small).with_areas()
    )
    assert relations == assembled > 0
    assert all(area.shape.is_valid and area.shape.area > 0 for area in areas(small))


def test_header_box_holds_the_town(small: Path) -> None:
    with osmium.io.Reader(str(small)) as reader:
        box = reader.header().box()
    half = SMALL.size / 2 / DEGREE
    corners = (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)
    assert corners == pytest.approx((-half, -half, half, half), abs=1e-7)
    for area in areas(small):
        assert max(map(abs, area.shape.bounds)) <= SMALL.size / 2 + 0.02


def test_buildings_do_not_overlap(small: Path) -> None:
    plans = [area.shape for area in areas(small) if "building" in area.tags]
    assert len(plans) > 200
    overlap = sum(plan.area for plan in plans) - shapely.union_all(plans).area
    assert overlap < 0.001 * sum(plan.area for plan in plans)


def test_roads_keep_clear_of_buildings(small: Path) -> None:
    plans = shapely.STRtree([a.shape.buffer(-0.5) for a in areas(small) if "building" in a.tags])
    factory = osmium.geom.WKBFactory()
    for way in osmium.FileProcessor(small).with_locations():
        if way.is_way() and way.tags.get("highway") in {"residential", "tertiary", "primary"}:
            line = shapely.from_wkb(factory.create_linestring(way))
            metres = shapely.transform(line, lambda xy: xy * DEGREE)
            assert not len(plans.query(metres, predicate="intersects"))


@pytest.mark.slow
def test_names_stand_once_but_for_chains(default: Path) -> None:
    names = Counter(
        thing.tags["name"]
        for thing in osmium.FileProcessor(default)
        if "name" in thing.tags and "brand" not in thing.tags and not thing.tags.get("highway")
    )
    assert len(names) > 1000
    assert {name for name, times in names.items() if times > 1} <= {_river(default)}


def _river(path: Path) -> str:
    rivers = (o for o in osmium.FileProcessor(path) if o.tags.get("waterway") == "river")
    return str(next(rivers).tags["name"])


@pytest.mark.slow
def test_default_town_has_every_function_and_many_classes(default: Path) -> None:
    taxonomy = load_taxonomy()
    found = [c for area in areas(default) if (c := taxonomy.classify(area.tags)) is not None]
    assert {c.function for c in found} == set(taxonomy.functions)
    assert len({c.name for c in found}) >= 100
    assert default.stat().st_size < 5_000_000


@pytest.mark.slow
def test_default_town_has_the_scripts_of_its_spec(default: Path) -> None:
    languages = {
        key.removeprefix("name:")
        for thing in osmium.FileProcessor(default)
        for key, _ in thing.tags
        if key.startswith("name:")
    }
    assert languages == {"en", "el", "ru", "ar", "he", "ka", "hy"}


@pytest.mark.slow
def test_default_town_has_holes_and_several_outers(default: Path) -> None:
    shapes = [area.shape for area in areas(default)]
    assert sum(len(shapely.get_parts(shape)) > 1 for shape in shapes) >= 1
    assert sum(bool(part.interiors) for s in shapes for part in shapely.get_parts(s)) >= 20


@pytest.mark.slow
def test_default_town_has_houses_with_exactly_one_point_of_interest(default: Path) -> None:
    taxonomy = load_taxonomy()
    houses = [area.shape for area in areas(default) if area.tags.get("building") == "yes"]
    points = [
        shapely.Point(o.location.lon * DEGREE, o.location.lat * DEGREE)
        for o in osmium.FileProcessor(default)
        if o.is_node() and o.tags and taxonomy.classify(dict(o.tags)) is not None
    ]
    within = shapely.STRtree(points).query(houses, predicate="contains")[0]
    assert sum(times == 1 for times in Counter(within.tolist()).values()) > 50


@pytest.mark.parametrize(
    "wrong",
    [{"size": 100}, {"size": 1e6}, {"scripts": ("runes",)}, {"scripts": ()}, {"timestamp": "soon"}],
)
def test_a_wrong_spec_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=r"^[A-Z].*\.$"):
        TownSpec(**wrong)  # type: ignore[arg-type]


def test_an_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OsmError, match=r"name it \.osm\.pbf"):
        write_town(tmp_path / "town.shp", SMALL)
