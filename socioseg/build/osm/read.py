"""OSM data of a region, wherever it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from socioseg.build.osm import files, tables
from socioseg.build.osm.geometry import grown
from socioseg.build.osm.overpass import read_overpass
from socioseg.errors import OsmError, RegionError
from socioseg.files import is_there

if TYPE_CHECKING:
    from socioseg.build.osm.geometry import Geometry
    from socioseg.features import OsmData
    from socioseg.sample import Bounds

OVERPASS = "overpass"


def read_osm(source: str | Path, polygon: Geometry, *, margin: float, cache: Path) -> OsmData:
    """Areas, lines and points of use in a region and a margin around it.

    Parameters
    ----------
    source : str or Path
        "overpass"; an OSM file; or a vector file with tag columns ("file.gpkg|layer" for one
        layer), a zip or a folder of shapefiles.
    polygon : Polygon or MultiPolygon
        In degrees. Features that meet its box, widened by the margin, are kept, whole.
    margin : float
        EPSG:3857 units.
    cache : Path
        Folder for answers of Overpass.

    Raises
    ------
    OsmError
        If the source cannot be read or holds nothing of use.
    RegionError
        If nothing of it lies in the region, or the region is too large for Overpass.
    ServiceError
        If Overpass fails.
    """
    if str(source) == OVERPASS:
        return read_overpass(polygon, cache=cache, margin=margin)
    west, south, east, north = shapely.bounds(grown(polygon, margin)).tolist()
    data = _read_file(str(source), (west, south, east, north))
    if not (data.areas or data.lines or data.points):
        raise RegionError(
            f"{source}: nothing of it lies in the region{_extent(data.bounds)};"
            " choose a region inside the data, or other data with --osm."
        )
    return data


def _read_file(source: str, bounds: Bounds) -> OsmData:
    name = source.partition("|")[0]
    if name.lower().endswith(files.SUFFIXES):
        return files.read_osm_file(Path(source), bounds)
    if name.lower().endswith(tables.SUFFIXES) or (is_there(name) and Path(name).is_dir()):
        return tables.read_osm_table(source, bounds)
    known = " ".join((*files.SUFFIXES, *tables.SUFFIXES))
    raise OsmError(f"{source}: is no OSM source; give {OVERPASS!r} or a file with one of {known}.")


def _extent(bounds: Bounds | None) -> str:
    if bounds is None:
        return ""
    return " (it covers {:.4f},{:.4f},{:.4f},{:.4f})".format(*bounds)
