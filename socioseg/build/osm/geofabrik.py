"""Geofabrik's `fclass` values as OSM tags, as `geofabrik.yaml` says."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from socioseg.recipe import read_yaml

_FILE = Path(__file__).with_name("geofabrik.yaml")
_LAYER = re.compile(r"gis_?osm_(?P<layer>[a-z]+?)(?:_a)?_(?:free|v\d+)", re.IGNORECASE)


def fclass_tags(fclass: str, layer: str = "") -> dict[str, str]:
    """OSM tags that a value of the `fclass` column stands for; empty for an unknown value.

    Parameters
    ----------
    fclass : str
        Such as "graveyard", which stands for amenity=grave_yard.
    layer : str
        The layer that the row is of: "roads", or the file's name ("gis_osm_roads_free_1.shp").
        It settles values with several meanings: `residential` is a road and a land use.
    """
    match = _LAYER.search(layer)
    wanted = match["layer"].lower() if match else layer
    layers = _layers()
    if fclass in layers.get(wanted, {}):
        return dict(layers[wanted][fclass])
    return dict(next((tags[fclass] for tags in layers.values() if fclass in tags), {}))


@functools.cache
def _layers() -> dict[str, dict[str, dict[str, str]]]:
    """Tags by layer and value."""
    layers = {}
    for layer, content in read_yaml(_FILE).items():
        tags = dict(content.get("other", {}))
        for key in content.keys() - {"other"}:
            tags |= {value: {key: value} for value in content[key]}
        layers[layer] = tags
    return layers
