"""Inputs: the region, its OSM data and its imagery, found and checked before anything is made."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from socioseg.build.imagery.choice import choose_imagery
from socioseg.build.osm.read import OVERPASS, read_osm
from socioseg.build.recipe import load_build_recipe
from socioseg.build.region import Region, area_km2, resolve_region
from socioseg.city.town import TownSpec, write_town
from socioseg.errors import RegionError, ServiceError
from socioseg.files import output_errors, sha256_file
from socioseg.recipe import find_recipe, nearest, recipe_files
from socioseg.sample import ground_resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.build.imagery.spec import ImagerySpec
    from socioseg.build.recipe import BuildRecipe, Town
    from socioseg.features import OsmData

log = logging.getLogger(__name__)
MAX_KM2 = 200_000


class Inputs(NamedTuple):
    """What a build is made from; `osm` says in words where the data came from."""

    recipe: BuildRecipe
    region: Region
    data: OsmData
    osm: str
    osm_identity: str
    imagery: ImagerySpec


def find_inputs(region: str, overrides: Mapping[str, object], cache: Path) -> Inputs:
    """Resolve `region` (a recipe, place, box, polygon file or OSM file) and read its data.

    Raises
    ------
    RecipeError, RegionError, OsmError, ImageryError, ServiceError, LicenceError
        Naming what is wrong with the part that they are about.
    """
    recipe = load_build_recipe(region, overrides)
    place = _region(region, recipe, cache)
    source = recipe.osm or (str(place.osm_file) if place.osm_file else OVERPASS)
    imagery = choose_imagery(recipe, place.polygon, cache / "tiles.sqlite")
    # Read a window's width beyond the region: windows at its border show what lies there.
    margin = recipe.size * ground_resolution(recipe.zoom)
    log.info("reading OSM data from %s", source)
    data = read_osm(source, place.polygon, margin=margin, cache=cache)
    return Inputs(recipe, place, data, Path(source).name, _identity(source), imagery)


def _region(text: str, recipe: BuildRecipe, cache: Path) -> Region:
    if recipe.town:
        place = resolve_region(str(_town_file(recipe.town, cache)), cache=cache)
        return place._replace(name=text)
    try:
        place = resolve_region(recipe.region or text, cache=cache)
    except (RegionError, ServiceError) as error:
        hint = nearest(text, recipe_files("builders"))
        raise type(error)(f"{str(error).rstrip('.')}{hint}" if hint else str(error)) from error
    if (area := area_km2(place.polygon)) > MAX_KM2:
        raise RegionError(
            f"region {text} covers {area:,.0f} km2, more than {MAX_KM2:,}: choose a smaller one."
        )
    return place._replace(name=Path(text).stem) if find_recipe("builders", text) else place


def _town_file(town: Town, cache: Path) -> Path:
    """The OSM file of the procedural town, written once for each specification."""
    spec = TownSpec(seed=town.seed) if town.size is None else TownSpec(town.seed, town.size)
    digest = hashlib.sha256(repr(spec).encode()).hexdigest()[:12]
    path = cache / "towns" / f"town-{digest}.osm.pbf"
    if not path.exists():
        log.info("writing the procedural town, seed %d", town.seed)
        with output_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                part = Path(folder) / path.name
                write_town(part, spec)
                part.replace(path)
    return path


def _identity(source: str) -> str:
    """What tells one state of an OSM source from another."""
    path = Path(source)
    return sha256_file(path) if path.is_file() else source
