"""Where on Earth: a box, a polygon file, an OSM file, or the name of a place."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import shapely
from pyproj import Geod

from socioseg.build.osm import files, tables
from socioseg.build.osm.geometry import MAX_LATITUDE, polygonal_part
from socioseg.build.osm.osmnx_job import PAUSE, endpoint_for, run_job
from socioseg.build.osm.rows import holds_tags
from socioseg.errors import RegionError
from socioseg.files import is_there

if TYPE_CHECKING:
    import geopandas

    from socioseg.build.osm.geometry import Geometry

NOMINATIM = "https://nominatim.openstreetmap.org"
NOMINATIM_VARIABLE = "SOCIOSEG_NOMINATIM_URL"
DEADLINE = 60.0

_NUMBER = r"\s*[-+]?\d+(?:\.\d*)?\s*"
_BOX = re.compile(rf"{_NUMBER}(?:,{_NUMBER})+")


class Region(NamedTuple):
    """A place: `name` for ids, `polygon` in degrees, and the OSM file that it was taken from."""

    name: str
    polygon: Geometry
    osm_file: Path | None = None


def resolve_region(
    text: str,
    *,
    cache: Path,
    nominatim: str | None = None,
    deadline: float = DEADLINE,
    pause: float = PAUSE,
) -> Region:
    """Region that `text` names.

    Parameters
    ----------
    text : str
        "west,south,east,north" in degrees; a polygon file (the union of its polygons); an OSM
        file, or a vector file of OSM data (its extent); else the name of a place. A vector file
        is OSM data if it has a column of OSM tags and more than one row.
    cache : Path
        Folder where answers of Nominatim are kept.
    nominatim : str, optional
        Geocoder; default the environment's SOCIOSEG_NOMINATIM_URL, else the public one.
    deadline : float
        Seconds for the geocoder, waiting included.
    pause : float
        Seconds before a busy geocoder is asked again for the first time.

    Raises
    ------
    RegionError
        If the box is wrong, the file holds no polygon, or there is no such place.
    OsmError
        If the file cannot be read.
    ServiceError
        If the geocoder fails, refuses, or takes too long.
    """
    text = text.strip()
    if not text:
        raise RegionError("the region is empty; give a recipe, a place, a box or a file.")
    if _BOX.fullmatch(text):
        return _checked(text, _from_box(text))
    if _is_path(text):
        return _from_file(text)
    job = {
        "kind": "nominatim",
        "endpoint": endpoint_for(nominatim, NOMINATIM_VARIABLE, NOMINATIM),
        "variable": NOMINATIM_VARIABLE,
        "slots": False,
        "text": text,
    }
    path = run_job(job, cache=cache, deadline=deadline, pause=pause)
    polygon = shapely.from_wkt(json.loads(path.read_bytes())["polygon"])
    return _checked(text, Region(_slug(text), polygon))


def area_km2(polygon: Geometry) -> float:
    """Area in square kilometres of a polygon in degrees, on the WGS 84 ellipsoid."""
    area, _ = Geod(ellps="WGS84").geometry_area_perimeter(shapely.orient_polygons(polygon))
    return abs(area) / 1e6


def _slug(text: str) -> str:
    """Letters and digits of any script, in lower case, joined by hyphens."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-") or "region"


def _checked(text: str, region: Region) -> Region:
    """The region, mended; refused where a Web Mercator map cannot show it."""
    polygon = polygonal_part(shapely.make_valid(shapely.force_2d(region.polygon)))
    flat = f"region {text}: has no area; give one with some extent."
    if polygon is None:
        raise RegionError(flat)
    west, south, east, north = shapely.bounds(polygon).tolist()
    if south < -MAX_LATITUDE or north > MAX_LATITUDE:
        raise RegionError(
            f"region {text}: reaches latitude {max(-south, north):.2f}, and the map ends at"
            f" {MAX_LATITUDE:.2f} degrees; choose one nearer to the equator."
        )
    if west < -180 or east > 180:
        raise RegionError(f"region {text}: has longitudes beyond 180 degrees; give it in degrees.")
    if east - west > 180:
        raise RegionError(
            f"region {text}: spans half of the globe, or crosses the antimeridian; choose"
            " a part on one side of it."
        )
    if not area_km2(polygon):
        raise RegionError(flat)
    return region._replace(polygon=polygon)


def _from_box(text: str) -> Region:
    numbers = [float(number) for number in text.split(",")]
    if len(numbers) != 4:
        raise RegionError(
            f"region {text}: has {len(numbers)} numbers; give west,south,east,north in degrees."
        )
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= 90 >= north >= -90):
        raise RegionError(
            f"region {text}: is not in degrees (longitudes within 180, latitudes within 90);"
            " give west,south,east,north."
        )
    if west > east:
        raise RegionError(
            f"region {text}: west is not left of east; swap them, or, if it crosses the"
            " antimeridian, give the part on one side of it."
        )
    if south > north:
        raise RegionError(f"region {text}: south lies above north; give west,south,east,north.")
    return Region(
        "_".join(["box", *(f"{n:g}" for n in numbers)]), shapely.box(west, south, east, north)
    )


def _is_path(text: str) -> bool:
    path = text.partition("|")[0]
    known = (*files.SUFFIXES, *tables.SUFFIXES)
    return path.lower().endswith(known) or is_there(path)


def _from_file(text: str) -> Region:
    path = Path(text)
    if text.lower().endswith(files.SUFFIXES):
        bounds = files.osm_extent(path)
        return _checked(text, Region(_stem(path), shapely.box(*bounds), path))
    frames = [frame for _, frame in tables.read_frames(text) if len(frame)]
    if not frames:
        raise RegionError(f"{text}: holds no feature; give a file with a polygon.")
    if sum(map(len, frames)) > 1 and any(map(holds_tags, frames)):
        corners = shapely.multipoints([p for f in frames for p in _corners(f)])
        return _checked(text, Region(_stem(path), shapely.box(*corners.bounds), path))
    return _checked(text, Region(_stem(path), _outline(text, frames)))


def _corners(frame: geopandas.GeoDataFrame) -> list[shapely.Point]:
    west, south, east, north = frame.total_bounds
    return [shapely.Point(west, south), shapely.Point(east, north)]


def _outline(text: str, frames: list[geopandas.GeoDataFrame]) -> Geometry:
    """Union of all polygons."""
    shapes = [shape for frame in frames for shape in shapely.make_valid(frame.geometry.to_numpy())]
    polygons = [part for part in map(polygonal_part, shapes) if part is not None]
    if not polygons:
        raise RegionError(f"{text}: holds no polygon; a region needs one.")
    return shapely.union_all(polygons)


def _stem(path: Path) -> str:
    """Name of a file, less its suffixes."""
    name = path.name.partition("|")[0]
    for suffix in sorted((*files.SUFFIXES, *tables.SUFFIXES), key=len, reverse=True):
        if name.lower().endswith(suffix):
            return _slug(name[: -len(suffix)])
    return _slug(name)
