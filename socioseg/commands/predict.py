"""The command that makes polygons of a raster."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from socioseg.commands.parts import (
    BaseUrl,
    Engine,
    Prompts,
    Segmenter,
    Stages,
    Weights,
    options_of,
)
from socioseg.commands.shell import Json, Settings, progress, show_result

app = typer.Typer()


@app.command(
    epilog="Example: socioseg predict --model socioreasoner --sat city.tif --osm city.osm.pbf "
    "--query school --out schools.geojson"
)
def predict(  # noqa: PLR0913 - one argument for each option
    model: Annotated[str, typer.Option(help="A baseline's name or file, or package.module:Class.")],
    sat: Annotated[str, typer.Option(help="Satellite image: any raster that GDAL opens.")],
    out: Annotated[Path, typer.Option(help="Polygons: .geojson, .gpkg or .parquet.")],
    query: Annotated[str | None, typer.Option(help="What to look for, as in 'school'.")] = None,
    queries: Annotated[
        str | None,
        typer.Option(help="In place of --query: .txt, .csv, .json, or a vector file of places."),
    ] = None,
    level: Annotated[
        str | None, typer.Option(help="name, class or function; by default what fits the query.")
    ] = None,
    map_: Annotated[
        str | None, typer.Option("--map", help="Digital map of the same ground, as an image.")
    ] = None,
    osm: Annotated[
        str | None, typer.Option(help="OSM data to draw the map from: file or 'overpass'.")
    ] = None,
    style: Annotated[str, typer.Option(help="Map style: standard, grey, night.")] = "standard",
    language: Annotated[str, typer.Option(help="Language of the map's names, e.g. en.")] = "",
    crs: Annotated[str, typer.Option(help="Of the polygons: wgs84 or raster.")] = "wgs84",
    window: Annotated[int, typer.Option(help="Side in pixels of what is seen at a time.")] = 768,
    overlap: Annotated[
        float, typer.Option(help="Share of a window that the next one sees too, up to 0.75.")
    ] = 0.25,
    gsd: Annotated[
        float | None, typer.Option(help="Metres of a pixel to work on; default the raster's.")
    ] = None,
    zoom: Annotated[
        int | None, typer.Option(min=0, max=24, help="Work on this Web Mercator zoom instead.")
    ] = None,
    simplify: Annotated[
        float, typer.Option(min=0, help="Pixels by which outlines may move; 0: pixel borders.")
    ] = 0.5,
    overlay: Annotated[
        Path | None, typer.Option(help="Also a PNG of the polygons over the imagery.")
    ] = None,
    engine: Engine = None,
    base_url: BaseUrl = None,
    weights: Weights = None,
    segmenter: Segmenter = None,
    prompts: Prompts = None,
    stages: Stages = None,
    setting: Settings = None,
    as_json: Json = False,
) -> None:
    """Find what a query means in a satellite image, as polygons on the ground."""
    from socioseg.predict.run import PredictRequest
    from socioseg.predict.run import predict as run

    parts = (engine, base_url, weights, segmenter, prompts, stages)
    with progress() as report:
        request = PredictRequest(
            *(model, sat, out, query, queries, level, map_, osm, style, language, crs),
            *(window, overlap, gsd, zoom, simplify, overlay),
            options=options_of(model, parts, setting),
            progress=report,
        )
        result = run(request)
    show_result(result, as_json=as_json)
