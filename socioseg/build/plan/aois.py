"""AOIs: the areas of OSM data that have a socio-class."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import shapely

from socioseg.names import public_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from socioseg.build.recipe import Aois
    from socioseg.features import Feature, OsmData
    from socioseg.taxonomy import SocioClass, Taxonomy


class Aoi(NamedTuple):
    """An area of interest: OSM ids (the area's first), name, class, function, polygon (3857)."""

    osm_ids: tuple[str, ...]
    name: str
    socio_class: str
    function: str
    geometry: Any

    @property
    def osm_id(self) -> str:
        """The area's own id."""
        return self.osm_ids[0]


def find_aois(data: OsmData, taxonomy: Taxonomy, options: Aois) -> list[Aoi]:
    """Every area of `data` that has a class, in the order of `data.areas`.

    Nested and overlapping areas are all kept: a pitch in a school is both.
    """
    found = []
    plain_buildings = []
    for area in data.areas:
        socio_class = taxonomy.classify(area.tags)
        if socio_class:
            found.append(_aoi((area.osm_id,), area.tags, socio_class, area.geometry, options))
        elif area.tags.get("building", "no") != "no":
            plain_buildings.append(area)
    if options.poi_buildings:
        found += _poi_buildings(plain_buildings, data.points, taxonomy, options)
        order = {area.osm_id: i for i, area in enumerate(data.areas)}
        found.sort(key=lambda aoi: order[aoi.osm_id])
    return found


def _aoi(
    osm_ids: tuple[str, ...],
    tags: Mapping[str, str],
    socio_class: SocioClass,
    geometry: object,
    options: Aois,
) -> Aoi:
    name = public_name(tags, socio_class, options.language)
    return Aoi(osm_ids, name, socio_class.name, socio_class.function, geometry)


def _poi_buildings(
    buildings: Sequence[Feature], points: Iterable[Feature], taxonomy: Taxonomy, options: Aois
) -> list[Aoi]:
    """Buildings that hold exactly one classified POI, with its class and name."""
    pois = [(p, c) for p in points if (c := taxonomy.classify(p.tags))]
    tree = shapely.STRtree([b.geometry for b in buildings])
    poi_index, building_index = tree.query([p.geometry for p, _ in pois], predicate="within")
    pois_inside = Counter(building_index.tolist())
    found = []
    for i, b in zip(poi_index.tolist(), building_index.tolist(), strict=True):
        if pois_inside[b] == 1:
            (poi, socio_class), building = pois[i], buildings[b]
            ids = (building.osm_id, poi.osm_id)
            found.append(_aoi(ids, poi.tags, socio_class, building.geometry, options))
    return found


def unknown_tags(data: OsmData, taxonomy: Taxonomy) -> dict[str, int]:
    """How often each semantic tag stands on an area without a class, most frequent first."""
    counts = Counter(tag for area in data.areas for tag in taxonomy.unknown(area.tags))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
