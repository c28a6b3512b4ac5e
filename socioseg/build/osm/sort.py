"""OSM files put into the order that the assembly of areas needs: nodes, ways, relations, by id."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import osmium

from socioseg.files import output_errors
from socioseg.osmwriter import osm_writer

if TYPE_CHECKING:
    from collections.abc import Iterator

Item = Any
"""A node, way or relation of osmium, whose stubs have no common type that fits."""

OFFSET = 1 << 36
"""Added to the absolute value of a negative id while a file is read; above every real id."""


@contextmanager
def sorted_copy(path: Path) -> Iterator[Path]:
    """Yield a temporary copy of `path`, sorted, with one version of each object.

    Negative ids (objects never uploaded) stand there as `positive_id` tells; the whole file is
    held in memory meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="socioseg-") as name:
        folder = Path(name)
        copy = _sort(path, folder / "sorted.osm.pbf")
        if _starts_negative(copy):
            positive = _renumber(copy, folder / "positive.osm.pbf")
            copy = _sort(positive, folder / "again.osm.pbf")
        yield copy


def _sort(path: Path, target: Path) -> Path:
    merge = osmium.MergeInputReader()
    merge.add_file(str(path))
    with output_errors(target), osm_writer(target) as writer:
        merge.apply(writer)
    return target


def _starts_negative(path: Path) -> bool:
    """Whether a sorted file has negative ids: osmium puts them first."""
    kinds = (osmium.osm.NODE, osmium.osm.WAY, osmium.osm.RELATION)
    return any(_first_id(path, kind) < 0 for kind in kinds)


def _first_id(path: Path, kind: osmium.osm.osm_entity_bits) -> int:
    """Id of the first object of a kind; 0 where there is none."""
    for item in osmium.FileProcessor(path, kind):
        return item.id
    return 0


def positive_id(number: int) -> int:
    """Id that stands for `number` in a sorted copy."""
    return number if number >= 0 else OFFSET - number


def original_id(number: int) -> int:
    """Id for which `number` stands in a sorted copy."""
    return number if number < OFFSET else OFFSET - number


def _renumber(path: Path, target: Path) -> Path:
    """Copy `path` to `target` with negative ids and references made positive."""
    with output_errors(target), osm_writer(target) as writer:
        for item in osmium.FileProcessor(path):
            writer.add(_positive(item) if _has_negative(item) else item)
    return target


def _has_negative(item: Item) -> bool:
    if item.id < 0:
        return True
    if item.is_way():
        return any(node.ref < 0 for node in item.nodes)
    return item.is_relation() and any(member.ref < 0 for member in item.members)


def _positive(item: Item) -> Item:
    changed: dict[str, Any] = {"id": positive_id(item.id)}
    if item.is_way():
        changed["nodes"] = [positive_id(node.ref) for node in item.nodes]
    elif item.is_relation():
        changed["members"] = [(m.type, positive_id(m.ref), m.role) for m in item.members]
    return item.replace(**changed)
