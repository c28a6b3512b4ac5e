"""What is said of a prediction beside its polygons: where from, how many, and what is not."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from socioseg import __version__
from socioseg.predict.mercator import MercatorSat
from socioseg.predict.output import crs_of
from socioseg.predict.place import PIXELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.models.registry import LoadedModel
    from socioseg.predict.asking import Answers
    from socioseg.predict.mapimage import MapImage
    from socioseg.predict.queries import Asked
    from socioseg.predict.raster import Sat
    from socioseg.predict.run import PredictRequest
    from socioseg.predict.witnesses import Instance

log = logging.getLogger(__name__)
_NAMED = 10
"""How many places a sentence names."""


def source_columns(about: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that say of each polygon where it comes from."""
    return {key: about[key] for key in ("model", "revision", "sat", "map", "attribution", "crs")}


def about(
    request: PredictRequest, loaded: LoadedModel, images: tuple[Sat, MapImage]
) -> dict[str, Any]:
    """Where the polygons come from; no dates and no folders, so that it says the same anywhere."""
    sat, map_image = images
    crs = crs_of(request.crs, sat.native.crs)
    recipe = loaded.recipe.model_dump(mode="json", include={"options", "seed"})
    return {
        "socioseg": __version__,
        "model": loaded.name,
        "revision": loaded.revision,
        **recipe,
        "sat": sat.name,
        "map": map_image.name or None,
        "attribution": map_image.attribution or None,
        "crs": PIXELS if crs is None else str(crs),
        "grid": "raster" if not isinstance(sat, MercatorSat) else f"Web Mercator {sat.zoom}",
        "size": [sat.grid.width, sat.grid.height],
        "window": request.window,
        "overlap": request.overlap,
        "simplify": request.simplify,
    }


def counts(asked: Asked, said: Answers, found: Sequence[tuple[int, Instance]]) -> dict[str, Any]:
    """What came of it, in numbers, and the queries without a polygon by name."""
    outside = set(said.outside)
    empty = set(range(len(asked.wanted))) - outside - {number for number, _ in found}
    return {
        "polygons": len(found),
        "queries": len(asked.wanted),
        "questions": said.asked,
        "failed": dict(sorted(Counter(failure.status for failure in said.failures).items())),
        "windows_without_imagery": said.no_imagery,
        "nothing_found": [str(asked.wanted[number]) for number in sorted(empty)],
        "outside": [str(asked.wanted[number]) for number in sorted(outside)],
    }


def tell(result: Mapping[str, Any], said: Answers) -> None:
    """Say what has no polygon, and why."""
    if said.failures:
        first = said.failures[0]
        reasons = ", ".join(f"{word} {count}" for word, count in result["failed"].items())
        text = "%d of %d questions were not answered (%s); the first: %s in window %s: %s"
        why = first.detail or first.status
        told = (len(said.failures), said.asked, reasons, first.query, first.window, why)
        log.warning(text, *told)
    if said.no_imagery:
        log.warning("%d windows have no imagery; nothing was asked there", said.no_imagery)
    if result["outside"]:
        log.warning("outside of the imagery: %s", _names(result["outside"]))
    if result["nothing_found"]:
        log.warning("nothing found of: %s", _names(result["nothing_found"]))


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more (--json lists them)" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
