"""Inputs: the region, its OSM data and its imagery, found and checked before anything is made."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from socioseg.build.imagery.choice import choose_imagery
from socioseg.build.osm.read import OVERPASS, read_osm
from socioseg.build.recipe import load_build_recipe
from socioseg.build.region import Region, area_km2, resolve_region
from socioseg.city.town import TownSpec, write_town
from socioseg.errors import RegionError, ServiceError
from socioseg.files import is_there, sha256_file
from socioseg.recipe import find_recipe, nearest, recipe_files
from socioseg.sample import ground_resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.build.imagery.spec import ImagerySpec
    from socioseg.build.osm.geometry import Geometry
    from socioseg.build.recipe import BuildRecipe, Town
    from socioseg.features import OsmData

log = logging.getLogger(__name__)
MAX_KM2 = 200_000


class Inputs(NamedTuple):
    """What a build is made from.

    `osm` says in words where the data came from; `osm_sha256` is that of its file, "" where it
    is no file; `osm_identity` tells one state of the source from another.
    """

    recipe: BuildRecipe
    region: Region
    data: OsmData
    osm: str
    osm_identity: str
    osm_sha256: str
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
    data = read_data(source, place.polygon, recipe, cache)
    digest = file_sha256(source)
    return Inputs(recipe, place, data, Path(source).name, digest or source, digest, imagery)


def read_data(source: str, polygon: Geometry, recipe: BuildRecipe, cache: Path) -> OsmData:
    """OSM data of a region; what Overpass does not give, an extract may.

    Raises
    ------
    OsmError, RegionError, ServiceError
        As `read_osm`.
    """
    # Read a window's width beyond the region: windows at its border show what lies there.
    margin = recipe.size * ground_resolution(recipe.zoom)
    log.info("reading OSM data from %s", source)
    try:
        return read_osm(source, polygon, margin=margin, cache=cache)
    except (RegionError, ServiceError) as error:
        if source != OVERPASS or not recipe.extract:
            raise
        raise type(error)(f"{str(error).rstrip('.')}; {recipe.extract} is one.") from error


def _region(text: str, recipe: BuildRecipe, cache: Path) -> Region:
    if recipe.town:
        place = resolve_region(str(town_file(recipe.town, cache)), cache=cache)
        return place._replace(name=text)
    try:
        place = resolve_region(recipe.region or text, cache=cache)
    except (RegionError, ServiceError) as error:
        raise type(error)(_unresolved(text, error)) from error
    if (area := area_km2(place.polygon)) > MAX_KM2:
        raise RegionError(
            f"region {text} covers {area:,.0f} km2, more than {MAX_KM2:,}: choose a smaller one."
        )
    return place._replace(name=Path(text).stem) if find_recipe("builders", text) else place


def _unresolved(text: str, error: RegionError | ServiceError) -> str:
    """Say why `text` is no region, and which recipe it may stand for."""
    why = str(error)
    if isinstance(error, ServiceError):
        why = f"{text} is no recipe or file, and cannot be looked up as a place: {why}"
    hint = nearest(text, recipe_files("builders"))
    return why.rstrip(".") + hint if hint else why


def town_file(town: Town, cache: Path) -> Path:
    """The OSM file of the procedural town, written once for each specification."""
    spec = TownSpec(seed=town.seed) if town.size is None else TownSpec(town.seed, town.size)
    digest = hashlib.sha256(repr(spec).encode()).hexdigest()[:12]
    path = cache / "towns" / f"town-{digest}.osm.pbf"
    if not path.exists():
        log.info("writing the procedural town, seed %d", town.seed)
        write_town(path, spec)
    return path


def file_sha256(source: str) -> str:
    """SHA-256 of the file `source`; "" where it is no file."""
    return sha256_file(Path(source)) if is_there(source) and Path(source).is_file() else ""
