"""What tags make of a node, a way or a polygon, and which are kept."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.osm.tags import (
    clean_tags,
    closes_area,
    describes_line,
    describes_point,
    describes_polygon,
    keeps_key,
)
from socioseg.names import NOTABLE_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

AREAS = [
    {"building": "yes"},
    {"amenity": "school"},
    {"natural": "water"},
    {"railway": "station"},
    {"highway": "pedestrian", "area": "yes"},
    {"boundary": "national_park"},
    {"boundary": "administrative", "landuse": "residential"},
    {"amenity": "school", "barrier": "fence"},
]
NO_AREAS = [
    {},
    {"name": "nothing else"},
    {"building": "no"},
    {"highway": "residential"},
    {"natural": "coastline"},
    {"barrier": "fence"},
    {"amenity": "parking", "area": "no"},
    {"boundary": "administrative", "place": "city"},
]


@pytest.mark.parametrize("tags", AREAS, ids=str)
def test_closed_ways_that_are_areas(tags: dict[str, str]) -> None:
    assert closes_area(tags)
    assert describes_polygon(tags)


@pytest.mark.parametrize("tags", NO_AREAS, ids=str)
def test_closed_ways_that_are_none(tags: dict[str, str]) -> None:
    assert not closes_area(tags)


@pytest.mark.parametrize(
    ("tags", "opened", "closed"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "services"}, True, False),
        ({"highway": "proposed"}, False, False),
        ({"railway": "rail"}, True, True),
        ({"waterway": "riverbank"}, True, False),
        ({"leisure": "track"}, True, False),
        ({"leisure": "track", "highway": "footway"}, True, True),
        ({"highway": "footway", "area": "yes"}, True, False),
        ({"natural": "tree_row"}, True, True),
        ({"amenity": "school"}, False, False),
        ({"amenity": "parking", "highway": "service"}, True, True),
    ],
    ids=str,
)
def test_lines(tags: dict[str, str], *, opened: bool, closed: bool) -> None:
    assert (describes_line(tags), describes_line(tags, closed=True)) == (opened, closed)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"shop": "books"}, True),
        ({"natural": "tree"}, True),
        ({"highway": "bus_stop"}, True),
        ({"highway": "crossing"}, False),
        ({"barrier": "gate"}, False),
        ({"name": "no more"}, False),
    ],
    ids=str,
)
def test_points(tags: dict[str, str], *, expected: bool) -> None:
    assert describes_point(tags) is expected


@pytest.mark.parametrize(
    "key", ["name", "name:zh", "building:levels", "roof:shape", "operator:type", "layer", "sport"]
)
def test_kept_keys(key: str) -> None:
    assert keeps_key(key)


@pytest.mark.parametrize(
    "key", ["operator", "phone", "contact:email", "addr:street", "tiger:cfcc", "FIXME", "nhs_ref"]
)
def test_dropped_keys(key: str) -> None:
    assert not keeps_key(key)


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=5), max_size=8))
def test_cleaning_only_takes_away(tags: dict[str, str]) -> None:
    kept = clean_tags(tags.items())
    assert kept.items() <= tags.items()
    assert clean_tags(kept.items()) == kept


def _rules(content: object) -> Iterator[Mapping[str, object]]:
    """Every rule of the taxonomy, wherever it stands."""
    if isinstance(content, list):
        for item in content:
            yield from _rules(item)
    elif isinstance(content, dict):
        for key, value in content.items():
            yield from value if key in {"rules", "fallback", "excluded"} else _rules(value)


@pytest.mark.parametrize("key", NOTABLE_KEYS)
def test_keys_that_tell_notable_names_are_kept(key: str) -> None:
    assert keeps_key(key)


def test_every_key_of_the_taxonomy_is_kept() -> None:
    content = yaml.safe_load(files("socioseg").joinpath("taxonomy.yaml").read_text())
    keys = {key for rule in _rules(content) for key in rule}
    keys |= {f"{prefix}amenity" for prefix in content["former_prefixes"]}
    assert len(keys) > 40
    assert [key for key in sorted(keys) if not keeps_key(key)] == []
