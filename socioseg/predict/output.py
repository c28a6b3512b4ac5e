"""The file of polygons: GeoJSON, GeoPackage or GeoParquet; the same input gives the same bytes."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import geopandas
import pandas as pd
import pyogrio  # type: ignore[import-untyped]
import shapely

from socioseg.errors import UsageError
from socioseg.files import atomic_path, atomic_write
from socioseg.predict.grid import WGS84

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Row = Mapping[str, Any]

LAYER = "socioseg"
GEOJSON, GEOPACKAGE, PARQUET = (".geojson", ".json"), (".gpkg",), (".parquet", ".geoparquet")
SUFFIXES = (*GEOJSON, *GEOPACKAGE, *PARQUET)
COLUMNS: dict[str, str] = {
    "id": "int64",
    "query": "object",
    "level": "object",
    "place": "object",
    "confidence": "float64",
    "agreement": "float64",
    "area_m2": "float64",
    "pixels": "int64",
    "windows": "object",
    "model": "object",
    "revision": "object",
    "sat": "object",
    "map": "object",
    "attribution": "object",
    "crs": "object",
}
"""Columns beside the geometry, and their types."""
_EPOCH = {"OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z"}
"""A GeoPackage says when it was written; ours say the same always."""


def check_out(path: Path, crs: str) -> None:
    """Refuse a file that cannot be written so.

    Raises
    ------
    UsageError
        If its ending is unknown, or GeoJSON is asked for in another CRS than WGS 84.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"--out {path}: give a file that ends with one of {' '.join(SUFFIXES)}.")
    if path.suffix.lower() in GEOJSON and crs != "wgs84":
        raise UsageError(
            "GeoJSON is in WGS 84 by its standard (RFC 7946): with --crs raster write .gpkg or"
            " .parquet."
        )


def write(path: Path, rows: Sequence[Row], crs: Any, about: Row) -> None:  # noqa: ANN401 - pyproj's
    """Write polygons.

    Parameters
    ----------
    rows
        Of `COLUMNS` and `geometry`.
    crs
        Of the geometry; None where it is in pixels.
    about
        What is said of the whole; GeoJSON and GeoPackage have a place for it.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    suffix = path.suffix.lower()
    if suffix in GEOJSON:
        atomic_write(path, _geojson(rows, about))
        return
    frame = _frame(rows, crs)
    with atomic_path(path) as part:
        if suffix in PARQUET:
            frame.to_parquet(part, compression="zstd")
        else:
            _geopackage(part, frame, about)


def _frame(rows: Sequence[Row], crs: Any) -> geopandas.GeoDataFrame:  # noqa: ANN401 - pyproj's
    columns = {
        name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in COLUMNS.items()
    }
    shapes = geopandas.GeoSeries([row["geometry"] for row in rows], crs=crs)
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs=crs)


def _geopackage(part: Path, frame: geopandas.GeoDataFrame, about: Row) -> None:
    before = {name: pyogrio.get_gdal_config_option(name) for name in _EPOCH}
    pyogrio.set_gdal_config_options(_EPOCH)
    try:
        with warnings.catch_warnings():
            # Pixels have no CRS, and a part's name does not end with .gpkg: both are meant so.
            warnings.filterwarnings("ignore", "'crs' was not provided")
            warnings.filterwarnings("ignore", "The filename extension should be")
            pyogrio.write_dataframe(
                frame,
                part,
                driver="GPKG",
                layer=LAYER,
                geometry_type="Unknown",
                layer_metadata={"about": _text(about)},
            )
    finally:
        pyogrio.set_gdal_config_options(before)


def _geojson(rows: Sequence[Row], about: Row) -> bytes:
    """One feature a line. RFC 7946: longitude and latitude, no CRS member."""
    head = f'"type": "FeatureCollection", "{LAYER}": {_text(about)}'
    lines = ",\n".join(_feature(row) for row in rows)
    return f'{{{head}, "features": [\n{lines}\n]}}\n'.encode()


def _feature(row: Row) -> str:
    properties = {name: row[name] for name in COLUMNS if name != "id"}
    return _text(
        {
            "type": "Feature",
            "id": row["id"],
            "properties": properties,
            "geometry": shapely.geometry.mapping(row["geometry"]),
        }
    )


def _text(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def crs_of(name: str, raster: Any) -> Any:  # noqa: ANN401 - pyproj's and rasterio's
    """CRS that `name` ("wgs84" or "raster") means for a raster in the CRS `raster`, if any.

    Raises
    ------
    UsageError
        If there is no such word.
    """
    if name not in {"wgs84", "raster"}:
        raise UsageError(f"--crs {name}: give wgs84 or raster.")
    return raster if name == "raster" or raster is None else WGS84
