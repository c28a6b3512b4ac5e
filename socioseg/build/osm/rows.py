"""Rows of a table with OSM tags as columns: their tags, their ids, their kind of feature."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from socioseg.build.osm import tags as osm_tags
from socioseg.build.osm.geofabrik import fclass_tags
from socioseg.build.osm.geometry import polygonal_part, simplest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import geopandas

    from socioseg.build.osm.collect import Collector
    from socioseg.build.osm.geometry import Geometries
    from socioseg.build.osm.tags import Tags

ID_COLUMNS = ("@id", "osm_id", "osmid", "id", "full_id")
TYPE_COLUMNS = ("osm_type", "@type", "element", "element_type")
PACKED_COLUMNS = ("other_tags", "all_tags", "tags")
"""Columns that hold many tags: JSON, a dictionary, or PostgreSQL's hstore text."""

_NOT_TAGS = {*ID_COLUMNS, *TYPE_COLUMNS, *PACKED_COLUMNS, "osm_way_id", "fclass", "nodes", "ways"}
_TYPES = {"n": "node", "w": "way", "r": "relation"}
_KINDS = np.array(["points", "lines", "areas"])  # by dimension
_USES: dict[str, Callable[[Tags], bool]] = {
    "points": osm_tags.describes_point,
    "lines": osm_tags.describes_line,
    "areas": osm_tags.describes_polygon,
}
_HSTORE = re.compile(r'"((?:[^"\\]|\\.)*)"\s*=>\s*"((?:[^"\\]|\\.)*)"')


def add_rows(
    frame: geopandas.GeoDataFrame, into: Collector, *, first: int = 0, layer: str = ""
) -> None:
    """Give the rows of use to `into`.

    Parameters
    ----------
    frame : GeoDataFrame
        In degrees (EPSG:4326).
    into : Collector
        Its counts get `bad_geometry` (rows without a usable one) and `unused_rows`.
    first : int
        Number of the first row, for rows without an OSM id: "row/<n>".
    layer : str
        Name of the layer or file, which settles what Geofabrik's `fclass` means.
    """
    shapes = _plain(shapely.force_2d(frame.geometry.to_numpy()))
    tags = row_tags(frame, layer)
    kinds = _KINDS[np.maximum(shapely.get_dimensions(shapes), 0)]
    drawn = ~shapely.is_missing(shapes)
    used = np.array([_USES[kind](row) for row, kind in zip(tags, kinds, strict=True)], dtype=bool)
    into.counts["bad_geometry"] += int((~drawn).sum())
    into.counts["unused_rows"] += int((drawn & ~used).sum())
    ids = row_ids(frame, kinds.tolist(), first)
    for kind in _KINDS:
        rows = np.flatnonzero(drawn & used & (kinds == kind))
        if len(rows):
            into.put_all(kind, [ids[i] for i in rows], [tags[i] for i in rows], shapes[rows])


def holds_tags(frame: pd.DataFrame) -> bool:
    """Whether a table has a column of OSM tags; those that borders have too do not count."""
    keys = {*osm_tags.POLYGON_RULES, *osm_tags.LINE_RULES, "fclass", *PACKED_COLUMNS}
    return bool((keys - {"boundary", "place"}) & set(frame.columns))


def _plain(shapes: Geometries) -> Geometries:
    """Polygons in place of collections with polygons; None in place of what cannot be used."""
    result = simplest(shapes)
    mixed = shapely.get_type_id(result) == shapely.GeometryType.GEOMETRYCOLLECTION
    result[mixed] = [polygonal_part(shape) for shape in result[mixed]]
    result[shapely.is_empty(result)] = None
    return result


def row_tags(frame: pd.DataFrame, layer: str = "") -> list[Tags]:
    """Tags of each row: its columns, its packed columns, what Geofabrik's `fclass` stands for."""
    rows: list[Tags] = [{} for _ in range(len(frame))]
    for column in PACKED_COLUMNS:
        for i, value in _present(frame, column):
            rows[i].update(osm_tags.clean_tags(_unpack(value).items()))
    if "fclass" in frame:
        return _geofabrik_tags(frame, rows, layer)
    for column in frame.columns:
        if column not in _NOT_TAGS and column != "geometry" and osm_tags.keeps_key(column):
            for i, value in _present(frame, column):
                rows[i][column] = value
    return rows


def _geofabrik_tags(frame: pd.DataFrame, rows: list[Tags], layer: str) -> list[Tags]:
    """Tags of Geofabrik's layers, whose columns are few and have values of their own."""
    for i, value in _present(frame, "fclass"):
        rows[i].update(fclass_tags(value, layer))
    for i, value in _present(frame, "type"):  # of a building
        if "building" in rows[i]:
            rows[i]["building"] = value
    for column in ("name", "ref", "layer"):
        for i, value in _present(frame, column):
            rows[i][column] = value
    for column in ("bridge", "tunnel"):
        for i, value in _present(frame, column):
            if value == "T":
                rows[i][column] = "yes"
    return rows


def _present(frame: pd.DataFrame, column: str) -> list[tuple[int, str]]:
    """Row number and text of every value of a column that is there."""
    if column not in frame:
        return []
    values = frame[column].to_numpy(dtype=object)
    texts = ((i, _text(value)) for i, value in enumerate(values))
    return [(i, text) for i, text in texts if text]


def _text(value: Any) -> str:  # noqa: ANN401 - a cell holds anything
    """Text of a cell; "" where it is empty."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict | list | tuple | np.ndarray):
        return _json(value)
    if value is None or pd.isna(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _json(value: Any) -> str:  # noqa: ANN401 - as above
    """JSON of a dictionary or of pairs; "" of any other sequence."""
    try:
        return json.dumps(dict(value))
    except (TypeError, ValueError):
        return ""


def _unpack(text: str) -> Tags:
    """Tags of a packed cell; none where it is neither JSON nor hstore."""
    if text.startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return {str(key): str(value) for key, value in found.items() if value is not None}
    return {_bare(key): _bare(value) for key, value in _HSTORE.findall(text)}


def _bare(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def row_ids(frame: pd.DataFrame, kinds: Sequence[str], first: int = 0) -> list[str]:
    """Id of each row as "way/123"; "row/<n>" where the table has none.

    An id without a type is a node's or a way's by its geometry; for an area it may be a way's or
    a relation's: negative ones are relations and make the others ways (the habit of osm2pgsql),
    else it stays "area/123".
    """
    numbers = _first_column(frame, ID_COLUMNS)
    types = _first_column(frame, TYPE_COLUMNS)
    ways = dict(_present(frame, "osm_way_id"))  # GDAL: osm_id is then a relation's
    signed = any(text.startswith("-") for text in numbers.values())
    guess = {"points": "node", "lines": "way", "areas": "way" if signed else "area"}
    ids = []
    for i, kind in enumerate(kinds):
        number, known = numbers.get(i, ""), types.get(i, "")
        if i in ways:
            number, known = ways[i], "way"
        elif kind == "areas" and (number.startswith("-") or "osm_way_id" in frame) and not known:
            number, known = number.lstrip("-"), "relation"
        ids.append(_join_id(known, number, guess[kind]) or f"row/{first + i}")
    return ids


def _join_id(known: str, number: str, guess: str) -> str:
    """Full id ("way/123") of a full or short one ("w123") or a number; "" of anything else."""
    match = re.fullmatch(r"(?:(node|way|relation|[nwr])/?)?(-?\d+)", number)
    if not match:
        return ""
    kind = match[1] or known.lower() or guess
    kind = _TYPES.get(kind[0], guess) if kind != guess else guess
    return f"{kind}/{match[2]}"


def _first_column(frame: pd.DataFrame, names: Sequence[str]) -> dict[int, str]:
    """Text by row of the first of the columns that is there."""
    for name in names:
        if name in frame:
            return dict(_present(frame, name))
    return {}
