"""OSM data of a small region from an Overpass server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas
import shapely

from socioseg.build.osm.collect import Collector
from socioseg.build.osm.geometry import grown
from socioseg.build.osm.osmnx_job import PAUSE, STAMP, endpoint_for, run_job
from socioseg.build.osm.rows import add_rows
from socioseg.build.region import area_km2
from socioseg.errors import OsmError, RegionError

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.build.osm.geometry import Geometry
    from socioseg.features import OsmData

URL = "https://overpass-api.de/api"
URL_VARIABLE = "SOCIOSEG_OVERPASS_URL"
DEADLINE = 300.0
MAX_KM2 = 100.0
KEYS = (
    "aeroway", "amenity", "building", "craft", "healthcare", "highway", "historic", "landuse",
    "leisure", "man_made", "military", "natural", "office", "place", "power", "public_transport",
    "railway", "shop", "tourism", "waterway",
)  # fmt: skip
"""What is asked for; borders are not, they reach far beyond a region."""


def read_overpass(
    polygon: Geometry,
    *,
    cache: Path,
    margin: float = 0.0,
    endpoint: str | None = None,
    deadline: float = DEADLINE,
    max_km2: float = MAX_KM2,
    pause: float = PAUSE,
) -> OsmData:
    """Areas, lines and points of use in a region, from Overpass through OSMnx.

    Parameters
    ----------
    polygon : Polygon or MultiPolygon
        In degrees; features that meet it are kept, whole.
    cache : Path
        Folder where answers are kept, by region, keys and endpoint.
    margin : float
        EPSG:3857 units around the polygon that are asked for too.
    endpoint : str, optional
        Server; default the environment's SOCIOSEG_OVERPASS_URL, else the public one.
    deadline : float
        Seconds for everything, waiting for a busy server included.
    max_km2 : float
        Largest area of `polygon` that is asked for.
    pause : float
        Seconds before a busy server is asked again for the first time.

    Returns
    -------
    OsmData
        `timestamp` is that of the server's data.

    Raises
    ------
    RegionError
        If the region is larger than `max_km2`.
    ServiceError
        If the server fails, refuses, sends no data, or takes too long.
    OsmError
        If there is nothing of use in the region.
    """
    area = area_km2(polygon)
    if area > max_km2:
        raise RegionError(
            f"the region covers {area:,.0f} km2, more than {max_km2:,.0f}, too much for Overpass:"
            " take an extract (.osm.pbf from download.geofabrik.de) and give it with --osm."
        )
    wide = grown(polygon, margin)
    path = run_job(
        _job(wide, endpoint_for(endpoint, URL_VARIABLE, URL)),
        cache=cache,
        deadline=deadline,
        pause=pause,
    )
    return _read_answer(path, wide)


def _job(polygon: Geometry, endpoint: str) -> dict[str, Any]:
    endpoint = endpoint.removesuffix("/interpreter")
    return {
        "kind": "overpass",
        "endpoint": endpoint,
        "variable": URL_VARIABLE,
        "slots": endpoint == URL,  # the public server deals out slots; OSMnx waits for one
        "polygon": shapely.to_wkt(polygon, rounding_precision=7),
        "keys": list(KEYS),
    }


def _read_answer(path: Path, polygon: Geometry) -> OsmData:
    frame = geopandas.read_parquet(path)
    stamp = str(frame.pop(STAMP).iloc[0])
    into = Collector(None)
    add_rows(frame, into)
    west, south, east, north = shapely.bounds(polygon).tolist()
    if into.extent is None:
        raise OsmError("Overpass has no OSM feature of use in this region; check where it lies.")
    into.notes.append(f"OSM data from Overpass is kept in {path}; delete it to ask anew.")
    return into.data(bounds=(west, south, east, north), timestamp=stamp)
