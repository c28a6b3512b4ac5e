"""OSM XML of a few objects, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

if TYPE_CHECKING:
    from pathlib import Path


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def node(number: int, lon: float, lat: float, **tags: str) -> str:
    return f'<node id="{number}" version="1" lon="{lon}" lat="{lat}">{_tags(tags)}</node>'


def way(number: int, nodes: list[int], **tags: str) -> str:
    refs = "".join(f'<nd ref="{ref}"/>' for ref in nodes)
    return f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>'


def relation(number: int, ways: list[tuple[int, str]], **tags: str) -> str:
    members = "".join(f'<member type="way" ref="{ref}" role="{role}"/>' for ref, role in ways)
    kind = {"type": "multipolygon", **tags}
    return f'<relation id="{number}" version="1">{members}{_tags(kind)}</relation>'


def square(first: int, lon: float, lat: float, side: float) -> list[str]:
    """Four nodes, numbered from `first`, around a square; (lon, lat) is its lower left corner."""
    corners = [(0.0, 0.0), (side, 0.0), (side, side), (0.0, side)]
    return [node(first + i, lon + x, lat + y) for i, (x, y) in enumerate(corners)]


def ring(first: int) -> list[int]:
    """References of a closed way around the square that begins with node `first`."""
    return [first, first + 1, first + 2, first + 3, first]


def write(folder: Path, *items: str, head: str = "", name: str = "town.osm") -> Path:
    path = folder / name
    path.write_text(f'<osm version="0.6">{head}{"".join(items)}</osm>', encoding="utf-8")
    return path
