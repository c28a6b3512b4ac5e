"""The origin of a dataset: the OSM data that it was made from, found again and recognised."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from socioseg.build.inputs import file_sha256, read_data, town_file
from socioseg.build.osm.read import OVERPASS
from socioseg.build.recipe import load_build_recipe
from socioseg.errors import OsmError, ServiceError
from socioseg.files import is_there
from socioseg.recipe import find_recipe

if TYPE_CHECKING:
    from socioseg.build.recipe import BuildRecipe
    from socioseg.dataset.report import Report
    from socioseg.features import OsmData


def find_origin(report: Report, recipe: BuildRecipe, osm: str | None, cache: Path) -> OsmData:
    """OSM data that the dataset of `report` was made from, read as it was read then.

    Parameters
    ----------
    recipe
        The recipe in `report`.
    osm
        Where the data is; found through the report where it is None: a procedural town, Overpass,
        the file that the region's recipe names, or a file of the same name in this folder.
    cache
        Folder of towns and of Overpass's answers.

    Raises
    ------
    OsmError
        If the data is not at hand, or is not that of the dataset.
    ServiceError, RegionError
        If Overpass fails, or nothing lies in the region.
    """
    source = osm or _source(report, recipe, cache)
    _check("file", file_sha256(source)[:12], report.osm.sha256[:12], source)
    try:
        data = read_data(source, shapely.box(*report.region.bounds), recipe, cache)
    except ServiceError as error:
        raise ServiceError(f"{str(error).rstrip('.')}; or give the data with --osm.") from error
    _check("date", data.timestamp, report.osm.timestamp, source)
    return data


def _source(report: Report, recipe: BuildRecipe, cache: Path) -> str:
    name = report.osm.source
    if recipe.town:
        return str(town_file(recipe.town, cache))
    if name == OVERPASS:
        return OVERPASS
    region = report.region.name
    named = load_build_recipe(region, {}).osm if find_recipe("builders", region) else None
    for source in (named, name):
        if source and Path(source).name == name and is_there(source):
            return source
    raise OsmError(
        f"The OSM data of the dataset, {name}, is not at hand: say where it is with --osm."
    )


def _check(what: str, found: str, stated: str, source: str) -> None:
    """Refuse data of which `what` is not as the report states; a report may state nothing."""
    if stated and found != stated:
        raise OsmError(
            f"{source} is not the OSM data that the dataset was made from: its {what} is "
            f"{found or 'unknown'}, and the report says {stated}; give the same data with --osm."
        )
