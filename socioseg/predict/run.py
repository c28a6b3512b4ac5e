"""Predict: a raster and queries in, a file of polygons on the ground out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from socioseg.build.map.scene import MapOptions
from socioseg.cache import cache_folder
from socioseg.errors import UsageError
from socioseg.models.base import Learner
from socioseg.models.registry import load_model
from socioseg.predict.asking import answers, plan
from socioseg.predict.grid import lay_squares
from socioseg.predict.journal import key_of, open_journal
from socioseg.predict.mapimage import BlankMap, DrawnMap, MapFile
from socioseg.predict.mercator import MercatorSat
from socioseg.predict.merge import merged_strips
from socioseg.predict.output import check_out, crs_of, write
from socioseg.predict.overlay import write_overlay
from socioseg.predict.place import area_m2, placed
from socioseg.predict.polygons import instances, simplified
from socioseg.predict.queries import one_query, read_queries
from socioseg.predict.report import about, counts, source_columns, tell
from socioseg.predict.satimage import open_sat
from socioseg.predict.witnesses import witnessed
from socioseg.progress import Progress, quiet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from socioseg.models.registry import LoadedModel
    from socioseg.predict.asking import Answers
    from socioseg.predict.mapimage import MapImage
    from socioseg.predict.queries import Asked, Wanted
    from socioseg.predict.raster import Sat
    from socioseg.predict.witnesses import Instance

    Found = list[tuple[int, Instance]]
    """Instances, each with the number of its query."""

log = logging.getLogger(__name__)
SIZE = 768
OVERLAP = 0.25
TOLERANCE = 0.5
_STYLE = "standard"


@dataclass(frozen=True)
class PredictRequest:
    """What `socioseg predict` was asked for.

    Attributes
    ----------
    model, options
        As `load_model` takes them.
    sat
        A raster file.
    out
        `.geojson`, `.gpkg` or `.parquet`.
    query, queries, level
        What to look for: a text, or a file of queries; see `read_queries`.
    map, osm, style, language
        A map image; or OSM data to draw one from, in a style, with names in a language.
    crs
        Of the polygons: "wgs84" or "raster".
    window, overlap
        Side in pixels of what the model sees at a time, and the share of it that the next one
        sees too.
    gsd, zoom
        Size of the pixels to work on; see `open_sat`.
    simplify
        By how many pixels an outline may move to have fewer corners; 0 for pixel borders.
    overlay
        A PNG of the polygons over the satellite image.
    """

    model: str
    sat: str
    out: Path
    query: str | None = None
    queries: str | None = None
    level: str | None = None
    map: str | None = None
    osm: str | None = None
    style: str = _STYLE
    language: str = ""
    crs: str = "wgs84"
    window: int = SIZE
    overlap: float = OVERLAP
    gsd: float | None = None
    zoom: int | None = None
    simplify: float = TOLERANCE
    overlay: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    progress: Progress = quiet


def predict(request: PredictRequest) -> dict[str, Any]:
    """Make polygons of what a model says about a raster.

    Memory does not grow with the area of the raster beyond what the answers take: squares are
    read one at a time, their masks are kept as run lengths, and merged in strips of rows. Stopped
    at any point, even by `kill -9`, the same request goes on where it was.

    Returns
    -------
    dict
        `polygons`, `queries` and `questions` are counts; `failed` counts failures by reason;
        `nothing_found` and `outside` name queries.

    Raises
    ------
    SocioSegError
        Naming what is wrong with the part that it is about.
    """
    check_out(request.out, request.crs)
    asked = _asked(request)
    sat = open_sat(
        request.sat, gsd=request.gsd, zoom=request.zoom, mercator=request.osm is not None
    )
    if sat.grid.crs is None:
        _check_unplaced(asked.wanted, request.sat)
    squares = lay_squares(sat.grid, request.window, request.overlap)
    map_image = _map_image(request, sat)
    loaded = _model(request)
    images = (sat, map_image)
    todo = plan(asked.wanted, sat, squares, request.window)
    whole = about(request, loaded, images)
    with open_journal(request.out, key_of(request, whole, asked.wanted)) as journal:
        said = answers(loaded, asked.wanted, todo, images, journal, request.progress)
        found = _instances(sat, said)
        result = counts(asked, said, found)
        tell(result, said)
        whole |= result | {"failures": [failure._asdict() for failure in said.failures]}
        _write(request, asked.wanted, sat, found, whole)
    return {"out": str(request.out), **result}


def _write(
    request: PredictRequest,
    wanted: Sequence[Wanted],
    sat: Sat,
    found: Found,
    whole: Mapping[str, Any],
) -> None:
    rows = [_row(n, wanted[i], it, sat, request) for n, (i, it) in enumerate(found, 1)]
    rows = [row | source_columns(whole) for row in rows]
    write(request.out, rows, crs_of(request.crs, sat.native.crs), whole)
    if request.overlay:
        shown = [(wanted[number].text, instance.outline) for number, instance in found]
        write_overlay(request.overlay, sat, shown)


def _asked(request: PredictRequest) -> Asked:
    if (request.query is None) == (request.queries is None):
        raise UsageError("Give one of --query, a text, and --queries, a file.")
    if request.query is not None:
        return one_query(request.query, request.level)
    asked = read_queries(str(request.queries), request.level)
    if asked.without_text:
        log.warning("%s: rows without a text, left out: %d", request.queries, asked.without_text)
    return asked


def _check_unplaced(wanted: Sequence[Wanted], name: str) -> None:
    log.warning("%s has no place on the ground: polygons are in pixels", name)
    if any(query.point for query in wanted):
        raise UsageError(
            f"{name} has no place on the ground, which places with coordinates need: give a "
            "georeferenced raster."
        )


def _map_image(request: PredictRequest, sat: Sat) -> MapImage:
    if request.map is not None and request.osm is not None:
        raise UsageError("Give one of --map, an image, and --osm, data to draw the map from.")
    if request.osm is None and (request.style != _STYLE or request.language):
        raise UsageError("--style and --language are of a map drawn from OSM data: give --osm.")
    if request.map is not None:
        return MapFile(request.map, sat.grid, sat.native)
    if request.osm is not None and isinstance(sat, MercatorSat):
        options = MapOptions(request.style, request.language)
        return DrawnMap(request.osm, options, sat, cache_folder())
    log.info("no --map or --osm: the model sees a blank map")
    return BlankMap()


def _model(request: PredictRequest) -> LoadedModel:
    """Load the model that can answer without a dataset.

    Raises
    ------
    UsageError
        If it cannot.
    """
    loaded = load_model(request.model, request.options)
    if loaded.needs_truth:
        raise UsageError(
            f"model {loaded.name} needs the true masks, and here there are none: bench it on a "
            "dataset, or predict with another model."
        )
    if isinstance(loaded.model, Learner):
        raise UsageError(
            f"model {loaded.name} first learns from a dataset's training masks, and here there "
            "are none: bench it on a dataset, or predict with another model."
        )
    return loaded


def _instances(sat: Sat, said: Answers) -> Found:
    """Instances of each query, in the order of the queries."""
    found: Found = []
    for number, findings in sorted(said.findings.items()):
        outlines = instances(merged_strips(sat.grid, findings))
        found += [(number, instance) for instance in witnessed(outlines, findings)]
    return found


def _row(
    number: int, wanted: Wanted, found: Instance, sat: Sat, request: PredictRequest
) -> dict[str, Any]:
    outline = simplified(found.outline, request.simplify)
    crs = crs_of(request.crs, sat.native.crs)
    return {
        "id": number,
        "query": wanted.text,
        "level": wanted.level.value,
        "place": wanted.place or None,
        "confidence": found.confidence,
        "agreement": found.agreement,
        "area_m2": area_m2(outline, sat.grid),
        "pixels": found.pixels,
        "windows": " ".join(found.squares),
        "geometry": placed(outline, sat.grid, crs),
    }
