"""Multipolygon relations of a file, and their member ways that are areas of their own.

Until 2017 the tags of many multipolygons stood on the outer way, and many still stand in both
places: such a way must not fill the holes of its relation.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import shapely

from socioseg.build.osm import tags as osm_tags
from socioseg.build.osm.sort import original_id

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from osmium.osm import Relation

    from socioseg.build.osm.tags import Tags


class Multipolygon(NamedTuple):
    """One relation: its tags, and its member ways by role.

    `described` is whether these tags make it a feature; where they do not, those of its outer ways
    may.
    """

    tags: Tags
    described: bool
    outers: list[int]
    inners: list[int]


class Multipolygons:
    """The relations of one file whose areas are of use, or may be by the tags of their ways.

    It is a filter of osmium's first pass, over the relations alone; then it takes the tags and
    areas of the ways and the areas of the relations, and gives back what they come to.

    Parameters
    ----------
    counts : Counter
        Gets `incomplete_relations` and `unclear_relations`.
    """

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts
        self.members: set[int] = set()  # ways whose tags or areas are to be held
        self.tags: dict[int, Tags] = {}  # of those ways
        self.areas: dict[int, str] = {}  # WKB of those that are closed, by their nodes alone
        self._relations: dict[int, Multipolygon] = {}
        self._shapes: dict[int, str] = {}  # WKB of relations; "" where it cannot be drawn

    def relation(self, relation: Relation) -> bool:
        """Note a relation (called by osmium); True if it need not be assembled."""
        tags = osm_tags.clean_tags(islice(relation.tags, len(relation.tags)))
        kind = tags.pop("type", "")
        described = osm_tags.describes_polygon(tags)
        if not described and (kind != "multipolygon" or osm_tags.POLYGON_RULES.keys() & tags):
            return True  # a border, or something that is no longer there
        roles = [(member.ref, member.role) for member in relation.members if member.type == "w"]
        outers = [way for way, role in roles if role != "inner"]
        inners = [way for way, role in roles if role == "inner"]
        self._relations[relation.id] = Multipolygon(tags, described, outers, inners)
        if inners or not described:
            self.members.update(outers, () if described else inners)
        return False

    def described(self, number: int) -> Tags | None:
        """Tags of a relation that is a feature by them; None of any other."""
        known = self._relations.get(number)
        return known.tags if known and known.described else None

    def borne(self, number: int) -> bool:
        """Whether ways bear the tags of this relation; to be asked when its ways were read."""
        known = self._relations.get(number)
        return known is not None and bool(self._bearers(known))

    def assembled(self, number: int, wkb: str) -> None:
        """Take the area of a relation as hexadecimal WKB, "" if it cannot be drawn."""
        self._shapes[number] = wkb if self.borne(number) else ""

    def settled(self) -> Iterator[tuple[str, Tags, str]]:
        """Ids, tags and WKB of the areas whose tags stand on ways, when all was read.

        One outer way keeps its id; several with the same tags are one area of the relation.
        """
        for number, known in sorted(self._relations.items()):
            bearers = self._bearers(known)
            if number not in self._shapes and (known.described or (bearers and known.inners)):
                self.counts["incomplete_relations"] += 1
            if bearers:
                yield from self._settle(number, known, bearers)
        for way, wkb in self.areas.items():
            yield f"way/{original_id(way)}", self.tags[way], wkb

    def _settle(
        self, number: int, known: Multipolygon, bearers: dict[int, Tags]
    ) -> Iterator[tuple[str, Tags, str]]:
        shape = self._shapes.get(number, "")
        if not known.described:
            self._drop_hole_marks(known, bearers)
            first = known.outers[0]
            tags = bearers.get(first, {}) | known.tags
            if len(known.outers) == 1:
                self.tags[first] = tags
            elif shape and all(bearers.get(way) == bearers.get(first) for way in known.outers):
                for way in known.outers:
                    self.areas.pop(way, None)
                yield f"relation/{original_id(number)}", tags, shape
                return
        self._cut_holes(known, bearers, shape)

    def _bearers(self, known: Multipolygon) -> dict[int, Tags]:
        """Outer ways that mean what the relation means, with their tags."""
        outers = {way: self.tags[way] for way in known.outers if way in self.tags}
        if not known.described:
            return {way: tags for way, tags in outers.items() if osm_tags.closes_area(tags)}
        return {
            way: tags
            for way, tags in outers.items()
            if osm_tags.closes_area(dict(tags.items() & known.tags.items()))
        }

    def _drop_hole_marks(self, known: Multipolygon, bearers: dict[int, Tags]) -> None:
        """Let inner ways with the tags of an outer one be no areas: those only mark a hole."""
        for way in known.inners:
            if self.tags.get(way) in bearers.values():
                self.areas.pop(way, None)

    def _cut_holes(self, known: Multipolygon, ways: dict[int, Tags], shape: str) -> None:
        """Leave of the areas of `ways` what is in the relation; none where holes are not known."""
        rings = [way for way in ways if way in self.areas]
        if shape and not known.described and len(rings) < len(ways):
            self.counts["unclear_relations"] += 1
        for way in rings:
            if shape:
                self.areas[way] = _parts_within(shape, self.areas[way])
            elif known.inners:
                del self.areas[way]


def _parts_within(shape: str, ring: str) -> str:
    """WKB of the polygons of a shape that a ring bounds; of the ring where it bounds none."""
    alone = shapely.from_wkb(ring)
    polygons = shapely.get_parts(shapely.from_wkb(shape))
    parts = [polygon for polygon in polygons if alone.boundary.covers(polygon.exterior)]
    # where a hole touches the ring, the border runs along the hole
    parts = parts or [polygon for polygon in polygons if alone.covers(polygon)]
    return shapely.to_wkb(shapely.multipolygons(parts), hex=True) if parts else ring
