"""What is asked for: one query, a file of queries, or a file of places with names."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from socioseg.build.osm.rows import row_ids
from socioseg.build.osm.tables import SUFFIXES, read_frames
from socioseg.errors import OsmError, UsageError
from socioseg.sample import Level
from socioseg.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TEXT = ("query", "problem", "text", "name")
LON, LAT = ("lon", "lng", "longitude"), ("lat", "latitude")
ID = ("id", "osm_id", "@id")
TABLES = (".csv", ".tsv")
MAX_BYTES = 1 << 28
_KINDS = np.array(["points", "lines", "areas"])  # by dimension


class Wanted(NamedTuple):
    """One query; `point` (longitude, latitude) makes it a place, sought around there only.

    `place` names that place: its id in the file, or the number of its row.
    """

    text: str
    level: Level
    point: tuple[float, float] | None = None
    place: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.place})" if self.place else self.text


class Asked(NamedTuple):
    """The queries, and how many rows of the file hold none."""

    wanted: list[Wanted]
    without_text: int = 0


def one_query(text: str, level: str | None = None) -> Asked:
    """Return the query `text`, of `level` or the one that it is likely to be of.

    Raises
    ------
    UsageError
        If it is empty, or there is no such level.
    """
    if not text.strip():
        raise UsageError("--query is empty: say what to look for, as in 'school'.")
    return Asked([_wanted({"query": text}, level, "--query")])


def read_queries(name: str, level: str | None = None) -> Asked:
    """Read the queries of a file.

    Parameters
    ----------
    name
        `.txt`: one a line; `.csv`, `.tsv`, `.json`: with columns or keys `query` (or `problem`,
        `text`, `name`), and as they please `level`, `lon` and `lat`, `id`; a JSON list of texts;
        or any vector file, each of whose features with such a column is a place.
    level
        Of all those that do not say; by default class or function where the taxonomy has one
        of that name, else name.

    Raises
    ------
    UsageError
        If the file cannot be read, or holds no query.
    """
    rows, text_only = _rows(name)
    if text_only:
        rows = [{"query": row} for row in rows]
    asked = [_wanted(row, level, name, n) for n, row in enumerate(rows, 1) if _text(row, TEXT)]
    if not asked:
        wrong = f"none of its {len(rows)} rows has a text in a column {', '.join(TEXT)}"
        raise UsageError(f"{name} holds no query: {wrong if rows else 'it is empty'}.")
    return Asked(asked, len(rows) - len(asked))


def _rows(name: str) -> tuple[list[Any], bool]:
    """Rows of a file, and whether they are bare texts."""
    path = Path(name.partition("|")[0])
    suffix = path.suffix.lower()
    if suffix in {".txt", "", *TABLES, ".json"}:
        text = _read(path)
        if suffix in TABLES:
            return _table(text, name, "\t" if suffix == ".tsv" else ","), False
        if suffix != ".json":
            lines = (line.strip() for line in text.splitlines())
            return [line for line in lines if line and not line.startswith("#")], True
        content = _json(text, name)
        if not isinstance(content, dict):
            return _of_json(content, name)
    if suffix in SUFFIXES:
        return list(_places(name)), False
    known = " ".join((".txt", *TABLES, ".json", *SUFFIXES))
    raise UsageError(f"{name} is no file of queries: give one of {known}.")


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is too large for a file of queries: split it.")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): check the path.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8: save it so.") from error


def _table(text: str, name: str, delimiter: str) -> list[dict[str, Any]]:
    try:
        reader = csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
        rows = [{str(key).strip().lower(): value for key, value in row.items()} for row in reader]
    except csv.Error as error:
        raise UsageError(f"{name} is not a table as CSV has it ({error}): mend it.") from error
    if rows and not set(TEXT) & set(rows[0]):
        raise UsageError(
            f"{name} has the columns {', '.join(rows[0])}: one must be called "
            f"{', '.join(TEXT[:-1])} or {TEXT[-1]}."
        )
    return rows


def _json(text: str, name: str) -> Any:  # noqa: ANN401 - whatever JSON can hold
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not valid JSON ({error}): mend it.") from error


def _of_json(content: Any, name: str) -> tuple[list[Any], bool]:  # noqa: ANN401 - as above
    if isinstance(content, list) and all(isinstance(row, str) for row in content):
        return [row.strip() for row in content if row.strip()], True
    if isinstance(content, list) and all(isinstance(row, dict) for row in content):
        return content, False
    raise UsageError(f"{name} is no list of texts, or of objects with a key 'query': make it one.")


def _places(name: str) -> Iterable[dict[str, Any]]:
    """Features of a vector file as rows; a line or an area stands at a point of it."""
    try:
        frames = [frame for _, frame in read_frames(name)]
    except OsmError as error:
        raise UsageError(str(error)) from error
    first = 1
    for frame in frames:
        shapes = frame.geometry.to_numpy()
        kinds = _KINDS[np.maximum(shapely.get_dimensions(shapes), 0)].tolist()
        plain = pd.DataFrame(frame.drop(columns=frame.geometry.name)).to_dict("records")
        points = shapely.point_on_surface(shapes)
        for row, osm_id, point in zip(plain, row_ids(frame, kinds, first), points, strict=True):
            where = {} if point is None or point.is_empty else {"lon": point.x, "lat": point.y}
            yield {str(key).lower(): value for key, value in row.items()} | {"id": osm_id} | where
        first += len(frame)


def _wanted(row: Mapping[str, Any], level: str | None, name: str, number: int = 0) -> Wanted:
    where = f"{name}, row {number}" if number else name
    text = " ".join(_text(row, TEXT).split())
    lon, lat = _number(row, LON, where), _number(row, LAT, where)
    if (lon is None) != (lat is None):
        raise UsageError(f"{where} has only one of lon and lat: give both, or neither.")
    point = None if lon is None or lat is None else (lon, lat)
    place = "" if point is None else _text(row, ID) or f"row/{number}"
    return Wanted(text, _level(_text(row, ("level",)) or level, text, point, where), point, place)


def _level(given: str | None, text: str, point: tuple[float, float] | None, where: str) -> Level:
    if given:
        if given not in set(Level):
            raise UsageError(f"{where}: there is no level {given!r}: use {', '.join(Level)}.")
        return Level(given)
    taxonomy = load_taxonomy()
    if point is None and text in {socio_class.name for socio_class in taxonomy.classes}:
        return Level.CLASS
    return Level.FUNCTION if point is None and text in taxonomy.functions else Level.NAME


def _text(row: Mapping[str, Any], columns: Iterable[str]) -> str:
    """The first of `columns` that has a value, as text; empty where none has."""
    values = (row.get(column) for column in columns)
    texts = (str(value).strip() for value in values if value is not None and not pd.isna(value))
    return next(filter(None, texts), "")


def _number(row: Mapping[str, Any], columns: Iterable[str], where: str) -> float | None:
    text = _text(row, columns)
    try:
        value = float(text) if text else None
    except ValueError:
        value = math.nan
    if value is not None and not abs(value) <= 180:
        raise UsageError(f"{where}: {text!r} is no longitude or latitude in degrees.")
    return value
