"""Vector files that hold OSM data as rows: GeoJSON, GeoPackage, GeoParquet, shapefile, ..."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas
import shapely

from socioseg.build.osm.collect import Collector
from socioseg.build.osm.rows import add_rows
from socioseg.errors import OsmError
from socioseg.files import is_there

if TYPE_CHECKING:
    from collections.abc import Iterator

    from socioseg.features import OsmData
    from socioseg.sample import Bounds

SUFFIXES = (
    ".geojson", ".json", ".geojsonl", ".gpkg", ".parquet", ".geoparquet", ".shp", ".zip", ".fgb",
    ".kml", ".gml",
)  # fmt: skip
_PARQUET = (".parquet", ".geoparquet")
_FAULTS = (
    zipfile.BadZipFile,
    RuntimeError,
    ValueError,
    KeyError,
    OSError,
)


def read_osm_table(source: str | Path, bounds: Bounds | None = None) -> OsmData:
    """Areas, lines and points of use in a vector file with tag columns.

    Parameters
    ----------
    source : str or Path
        A file with one of `SUFFIXES` (all its layers, or the one of "file.gpkg|layer"), a zip of
        shapefiles, or a folder of Geofabrik's shapefiles (gis_osm_*.shp).
    bounds : Bounds, optional
        Degrees (west, south, east, north): features that meet it are kept, whole.

    Returns
    -------
    OsmData
        `bounds` is the extent of the areas read. `counts` may hold `unused_rows` (no tag of
        use), `repaired_geometry` and `bad_geometry` (left out).

    Raises
    ------
    OsmError
        If the file cannot be read, has no coordinate reference system, or no row of use.
    """
    into = Collector(bounds)
    count = 0
    for layer, frame in read_frames(source, bounds):
        add_rows(frame, into, first=count, layer=layer)
        count += len(frame)
    data = into.data()
    if into.extent is None:
        place = " within the region" if bounds else ""
        raise OsmError(
            f"{source}: none of its {count} rows{place} has an OSM tag of use; give a file with tag"
            " columns such as amenity, building, landuse."
        )
    return data


def read_frames(
    source: str | Path, bounds: Bounds | None = None
) -> Iterator[tuple[str, geopandas.GeoDataFrame]]:
    """Names and rows of the layers of a vector file, in degrees; those that meet `bounds`.

    Raises
    ------
    OsmError
        As `read_osm_table`.
    """
    text, _, layer = str(source).partition("|")
    if not is_there(text):
        raise OsmError(f"{text}: there is no such file; check the path.")
    try:
        for path, name in _layers(Path(text), layer):
            yield name or Path(path).name, _in_degrees(_read_layer(path, name, bounds), str(source))
    except OsmError:
        raise
    except _FAULTS as fault:
        reason = str(fault).strip().splitlines()[0].rstrip(".") if str(fault) else "unknown format"
        raise OsmError(
            f"{source}: cannot be read as a vector file ({reason}); check that it is complete."
        ) from fault


def _layers(path: Path, layer: str) -> list[tuple[str, str | None]]:
    """(Path for GDAL, layer name) of every layer with geometry."""
    if path.suffix in _PARQUET:
        return [(str(path), None)]
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            members = sorted(name for name in archive.namelist() if name.endswith(".shp"))
        if members:
            return [(f"/vsizip/{path}/{member}", None) for member in members]
    if path.is_dir():
        shapes = sorted(path.glob("gis_osm_*.shp")) or sorted(path.glob("*.shp"))
        if not shapes:
            raise OsmError(f"{path}: the folder holds no shapefile (*.shp); name a file.")
        return [(str(shape), None) for shape in shapes]
    layers = geopandas.list_layers(path).itertuples(index=False)
    found = [name for name, kind in layers if isinstance(kind, str)]
    if layer and layer not in found:
        raise OsmError(f"{path}: has no layer {layer!r}; it has {', '.join(map(repr, found))}.")
    return [(str(path), name) for name in ([layer] if layer else found)]


def _read_layer(path: str, layer: str | None, bounds: Bounds | None) -> geopandas.GeoDataFrame:
    box = None if bounds is None else shapely.box(*bounds)
    if path.endswith(_PARQUET):
        return geopandas.read_parquet(path)
    mask = None if box is None else geopandas.GeoSeries([box], crs="EPSG:4326")
    return geopandas.read_file(path, layer=layer, bbox=mask, datetime_as_string=True)


def _in_degrees(frame: geopandas.GeoDataFrame, name: str) -> geopandas.GeoDataFrame:
    if frame.crs is None:
        raise OsmError(
            f"{name}: has no coordinate reference system; write it with one, EPSG:4326 for degrees."
        )
    return frame.to_crs("EPSG:4326")
