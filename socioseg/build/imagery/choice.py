"""Sources of imagery: what a name, a file or an address given as imagery stands for."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import shapely

from socioseg.build.imagery.providers import Provider, best_provider, no_provider_message, provider
from socioseg.build.imagery.raster import RasterInfo, RasterSource, check_raster
from socioseg.build.imagery.rasterfile import SUFFIXES
from socioseg.build.imagery.source import ImagerySource
from socioseg.build.imagery.spec import SYNTHETIC, ImagerySpec, Synthetic, Tiles
from socioseg.build.imagery.tilenames import tile_source
from socioseg.build.imagery.tilesource import TileSource, check_zoom
from socioseg.build.osm.geometry import to_mercator
from socioseg.errors import ImageryError, LicenceError
from socioseg.files import is_there

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.build.osm.geometry import Geometry
    from socioseg.build.recipe import BuildRecipe

log = logging.getLogger(__name__)


def choose_imagery(recipe: BuildRecipe, polygon: Geometry, tile_cache: Path) -> ImagerySpec:
    """The imagery that `recipe` names, checked; else the best open provider of the region.

    Parameters
    ----------
    polygon : the region, in degrees.
    tile_cache : file that holds the tiles fetched.

    Raises
    ------
    ImageryError
        If it cannot be read, does not fit the zoom, or no provider covers the region.
    LicenceError, UsageError
        If a provider is refused or unknown.
    """
    if recipe.imagery is None:
        return _best(recipe, polygon, tile_cache)
    (name, *others) = names = recipe.imagery
    if names == (SYNTHETIC,):
        return Synthetic(recipe.seed)
    if not others and ("{" in name or ("." in name and not _is_raster(name))):
        return _tiles(_with_rights(tile_source(name), recipe), recipe, tile_cache)
    if not others and not _is_raster(name):
        return _from_provider(provider(name), recipe, tile_cache)
    return _rasters(names, recipe, shapely.bounds(to_mercator(polygon)).tolist())


def _best(recipe: BuildRecipe, polygon: Geometry, tile_cache: Path) -> ImagerySpec:
    west, south, east, north = shapely.bounds(polygon).tolist()
    bounds = (west, south, east, north)
    best = best_provider(bounds, recipe.zoom)
    if best is None:
        raise ImageryError(no_provider_message(bounds, recipe.zoom))
    log.info("imagery: %s, %s (%s)", best.id, best.title, best.license)
    return _from_provider(best, recipe, tile_cache)


def _is_raster(name: str) -> bool:
    """Whether `name` is a raster's path, pattern or address, not the name of a service."""
    local = is_there(name) or any(mark in name for mark in "*?/\\")
    return local or name.lower().endswith(SUFFIXES)


def _from_provider(entry: Provider, recipe: BuildRecipe, tile_cache: Path) -> ImagerySpec:
    return _tiles(entry.tile_source(), recipe, tile_cache)


def _tiles(source: TileSource, recipe: BuildRecipe, cache: Path) -> Tiles:
    check_zoom(source, recipe.zoom)
    return Tiles(source, cache, recipe.raster.max_invalid)


def _with_rights(tiles: TileSource, recipe: BuildRecipe) -> TileSource:
    """`tiles` under the rights that the recipe states, where it states any."""
    stated = recipe.rights.model_dump(exclude_unset=True)
    source = replace(tiles.source, **stated)
    if source.redistribute == "no" and "redistribute" not in stated:
        raise LicenceError(
            f"{source.id}: its terms forbid to collect its tiles; choose imagery of `socioseg list "
            "providers`, or, with leave of the owner, say so with --set rights.redistribute=ask."
        )
    return replace(tiles, source=source)


def _rasters(names: Sequence[str], recipe: BuildRecipe, region: Sequence[float]) -> RasterInfo:
    rights, options = recipe.rights, recipe.raster
    source = ImagerySource(
        id=Path(names[0]).name,
        license=rights.license,
        license_url=rights.license_url,
        attribution=rights.attribution,
        redistribute=rights.redistribute,
        date=rights.date,
    )
    files = RasterSource(
        tuple(names), source, options.percentiles, options.max_coarse, options.max_invalid
    )
    west, south, east, north = region
    return check_raster(files, recipe.zoom, (west, south, east, north))
