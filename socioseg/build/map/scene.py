"""What the digital map shows of OSM data: its layers as plain values, before any drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.build.map.labels import Label, clean_text, label_points, symbol_of
from socioseg.build.map.ways import WATERWAYS, Way, make_way, way_order
from socioseg.names import public_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from socioseg.features import Feature, OsmData
    from socioseg.taxonomy import SocioClass, Taxonomy

PLACES = ("town", "village", "suburb", "quarter", "neighbourhood", "hamlet", "square")
_WATER = {
    "natural": ("water",),
    "waterway": ("riverbank", "dock"),
    "landuse": ("reservoir", "basin"),
}


class MapOptions(NamedTuple):
    """Style of the map, language of its names ("" for the local one), buildings or none."""

    style: str = "standard"
    language: str = ""
    buildings: bool = True


class MapScene(NamedTuple):
    """The layers of a map in drawing order; geometries are shapely's, in EPSG:3857.

    `symbols` are POIs and AOIs alike: of an AOI nothing else is here, unless it is a building,
    which stands among `buildings` like any other.
    """

    coast: list[Any]
    water: list[Any]
    waterways: list[Way]
    tunnels: list[Way]
    buildings: list[Any]
    ways: list[Way]
    symbols: list[Label]
    names: list[Label]


def map_scene(data: OsmData, options: MapOptions, taxonomy: Taxonomy) -> MapScene:
    """Choose what the map shows of `data`.

    An area with a socio-class is shown as a symbol and a name at its label point, never by its
    outline: neither as an area nor as the line that OSM may draw it with.
    """
    classes = [taxonomy.classify(area.tags) for area in data.areas]
    areas = list(zip(data.areas, classes, strict=True))
    aois = [(area, socio_class) for area, socio_class in areas if socio_class]
    water = [area for area, socio_class in areas if not socio_class and _is_water(area.tags)]
    outlines = {area.osm_id for area, _ in aois}
    lines = [line for line in data.lines if line.osm_id not in outlines]
    ways = [way for line in lines if (way := make_way(line, _name(line.tags, options.language)))]
    solid = sorted((way for way in ways if way.kind not in WATERWAYS), key=way_order)
    return MapScene(
        coast=[line.geometry for line in lines if line.tags.get("natural") == "coastline"],
        water=[area.geometry for area in water],
        waterways=[way for way in ways if way.kind in WATERWAYS],
        tunnels=[way for way in solid if way.tunnel],
        buildings=[a.geometry for a in data.areas if options.buildings and _is_building(a.tags)],
        ways=[way for way in solid if not way.tunnel],
        symbols=_symbols(aois, data.points, taxonomy, options.language),
        names=[
            *_place_names(data.points, options.language),
            *_water_names(water, options.language),
        ],
    )


def _symbols(
    aois: Sequence[tuple[Feature, SocioClass]],
    points: Iterable[Feature],
    taxonomy: Taxonomy,
    language: str,
) -> list[Label]:
    """Symbols in the order of their importance: named AOIs, named POIs, POIs without a name."""
    named = [(a, c, text) for a, c in aois if (text := _public_text(a.tags, c, language))]
    places = label_points([area.geometry for area, _, _ in named]).tolist()
    areas = [
        Label(x, y, text, symbol_of(socio_class.function), aoi=True)
        for (x, y), (_, socio_class, text) in zip(places, named, strict=True)
    ]
    pois = list(_poi_symbols(points, taxonomy, language))
    return areas + sorted(pois, key=lambda poi: not poi.text)


def _poi_symbols(points: Iterable[Feature], taxonomy: Taxonomy, language: str) -> Iterator[Label]:
    for point in points:
        socio_class = taxonomy.classify(point.tags)
        if socio_class:
            text = _public_text(point.tags, socio_class, language)
            kind = symbol_of(socio_class.function)
            yield Label(point.geometry.x, point.geometry.y, text, kind)


def _place_names(points: Iterable[Feature], language: str) -> Iterator[Label]:
    for point in points:
        text = _name(point.tags, language)
        if text and point.tags.get("place") in PLACES:
            yield Label(point.geometry.x, point.geometry.y, text, "place")


def _water_names(areas: Sequence[Feature], language: str) -> Iterator[Label]:
    named = [(area, text) for area in areas if (text := _name(area.tags, language))]
    places = label_points([area.geometry for area, _ in named]).tolist()
    for (x, y), (_, text) in zip(places, named, strict=True):
        yield Label(x, y, text, "water")


def _is_water(tags: Mapping[str, str]) -> bool:
    return any(tags.get(key) in values for key, values in _WATER.items())


def _is_building(tags: Mapping[str, str]) -> bool:
    return tags.get("building", "no") != "no" and tags.get("location") != "underground"


def _name(tags: Mapping[str, str], language: str) -> str:
    """Name of a street, a place or a water; those of AOIs and POIs come from `public_name`."""
    return clean_text(tags.get(f"name:{language}") or tags.get("name", ""))


def _public_text(tags: Mapping[str, str], socio_class: SocioClass, language: str) -> str:
    return clean_text(public_name(tags, socio_class, language))
