"""Which OSM tags are kept, and what they make of a node, a way or a polygon."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Tags = dict[str, str]
Rule = frozenset[str] | None
"""The values of a key that count; None where every value does."""


def _values(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _rules(all_values: str, **only: str) -> dict[str, Rule]:
    """Rules of keys that count with any value, then of those that count with some."""
    rules: dict[str, Rule] = dict.fromkeys(all_values.split())
    return rules | {key: _values(values) for key, values in only.items()}


POLYGON_RULES = _rules(
    "aeroway amenity area:highway attraction building building:part club craft education golf"
    " harbour healthcare highway historic landuse leisure man_made military natural office place"
    " playground power public_transport railway residential ruins shop sport telecom tourism"
    " waterway",
    boundary="aboriginal_lands forest national_park protected_area special_economic_zone",
    aerialway="station",
    barrier="border_control city_wall hedge toll_booth wall",
    emergency="ambulance_station landing_site lifeguard water_rescue",
)
"""What makes a known polygon (a multipolygon relation, a row of a table) worth keeping."""

CLOSED_WAY_RULES = POLYGON_RULES | _rules(
    "",
    barrier="border_control toll_booth",
    highway="elevator escape platform rest_area services",
    power="generator plant station sub_station substation transformer",
    railway="depot halt platform roundhouse station turntable yard",
    waterway="boatyard dam dock riverbank",
)
"""What makes a closed way an area: https://wiki.openstreetmap.org/wiki/Overpass_turbo/Polygon_Features."""

LINEAR_ALWAYS = {
    "aeroway": _values("runway taxiway"),
    "man_made": _values("cutline dyke embankment pipeline"),
    "natural": _values("arete cliff coastline ridge tree_row"),
}
"""Values that draw a line even where the way is closed."""

LINE_RULES = _rules(
    "aerialway barrier highway railway waterway",
    aeroway="runway taxiway",
    leisure="slipway track",
    man_made="breakwater cutline dyke embankment groyne pier pipeline",
    natural="arete cliff coastline ridge tree_row",
)

POINT_RULES = _rules(
    "amenity attraction building club craft education healthcare historic landuse leisure"
    " military natural office place shop sport tourism",
    aeroway="aerodrome helipad terminal",
    emergency="ambulance_station",
    highway="bus_stop rest_area services",
    man_made="chimney communications_tower lighthouse mast observatory pier silo storage_tank"
    " tower wastewater_plant water_tower water_works windmill works",
    power="generator plant substation",
    public_transport="station",
    railway="halt station subway_entrance tram_stop",
)

NOT_THERE = _values("no proposed planned abandoned razed demolished dismantled removed")
"""Values that say that a thing is not on the ground."""

_NAMESPACES = _values(
    "name brand building roof area healthcare tower generator plant piste garden theatre school"
    " isced social_facility railway parking bridge surface service old_name alt_name short_name"
    " official_name int_name loc_name disused abandoned demolished razed removed was"
)
_DROPPED = _values(
    "created_by source note fixme comment comments attribution import odbl is_in phone email"
    " website url fax mobile operator owner network image wikipedia opening_hours"
    " description inscription contact uid user changeset version timestamp visible"
    " postal_code housenumber street city ele check_date collection_times start_date end_date"
    " mapillary artist_name architect author designer brewery mml survey_date converted_by"
)


def keeps_key(key: str) -> bool:
    """Whether tags with `key` are kept: what a thing is, its name, how it looks.

    Left out are contact data, addresses and operators (they may name private persons), editors'
    notes, and the namespaces of imports.
    """
    space, colon, _ = key.partition(":")
    if key == "operator:type":
        return True
    if colon:
        return space in _NAMESPACES
    return key not in _DROPPED and not key.endswith("_ref") and key == key.lower()


class _Verdicts(dict[str, bool]):
    """`keeps_key` of each key that was met: a file has few keys and very many tags."""

    def __missing__(self, key: str) -> bool:
        return self.setdefault(key, keeps_key(key))


_KEEPS = _Verdicts()


def clean_tags(tags: Iterable[tuple[str, str]]) -> Tags:
    """Tags worth keeping, in their order."""
    return {key: value for key, value in tags if _KEEPS[key]}


def _meets(tags: Mapping[str, str], rules: Mapping[str, Rule]) -> bool:
    """Whether a tag of a thing on the ground follows one of `rules`."""
    for key, value in tags.items():
        if key in rules and value not in NOT_THERE:
            allowed = rules[key]
            if allowed is None or value in allowed:
                return True
    return False


def _without_borders(tags: Mapping[str, str]) -> Mapping[str, str]:
    """Tags of an administrative border less those that only say which place it bounds."""
    if tags.get("boundary") != "administrative":
        return tags
    return {key: value for key, value in tags.items() if key not in {"boundary", "place"}}


def describes_polygon(tags: Mapping[str, str]) -> bool:
    """Whether a polygon with these tags is of use: any meaning but an administrative border."""
    return _meets(_without_borders(tags), POLYGON_RULES)


def closes_area(tags: Mapping[str, str]) -> bool:
    """Whether a closed way with these tags is an area of use, by the conventions of OSM."""
    if tags.get("area") == "no":
        return False
    if tags.get("area") == "yes":
        return describes_polygon(tags)
    areal = {k: v for k, v in tags.items() if v not in LINEAR_ALWAYS.get(k, ())}
    return _meets(_without_borders(areal), CLOSED_WAY_RULES)


def describes_line(tags: Mapping[str, str], *, closed: bool = False) -> bool:
    """Whether a way with these tags is a line of use; a closed one only by what stays linear."""
    if not _meets(tags, LINE_RULES):
        return False
    if not closed:
        return True
    if tags.get("area") == "yes":
        return False
    linear = {k: v for k, v in tags.items() if not _areal(k, v)}
    return _meets(linear, LINE_RULES)


def _areal(key: str, value: str) -> bool:
    """Whether one tag alone makes a closed way an area."""
    return value not in LINEAR_ALWAYS.get(key, ()) and _meets({key: value}, CLOSED_WAY_RULES)


def describes_point(tags: Mapping[str, str]) -> bool:
    """Whether a node with these tags is of use: a POI, a tree, the name of a place."""
    return _meets(tags, POINT_RULES)
