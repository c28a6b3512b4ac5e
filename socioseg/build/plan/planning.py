"""Planning: a region read and its samples decided, before any image is touched."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING, Any, NamedTuple

import shapely

from socioseg import __version__
from socioseg.build.imagery.spec import Tiles, coverage, imagery_identity
from socioseg.build.inputs import Inputs, find_inputs
from socioseg.build.osm.geometry import to_mercator
from socioseg.build.plan.aois import Aoi, find_aois
from socioseg.build.plan.negatives import negatives
from socioseg.build.plan.samples import REASONS, Plan, make_plan
from socioseg.build.plan.splits import Splitting, split_samples
from socioseg.build.plan.windows import whole_tiles
from socioseg.errors import OsmError
from socioseg.taxonomy import Taxonomy, load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from socioseg.sample import Bounds

log = logging.getLogger(__name__)
NOT_IDENTITY = {"title", "region", "osm", "extract", "imagery", "fetch"}
"""Keys of a recipe that do not tell builds apart: what they name is identified by content."""


class Planning(NamedTuple):
    """A region read and planned: everything that is known before images are made."""

    inputs: Inputs
    taxonomy: Taxonomy
    aois: list[Aoi]
    plan: Plan
    splitting: Splitting
    fingerprint: str


def plan_build(region: str, overrides: Mapping[str, Any], cache: Path) -> Planning:
    """Find the inputs of `region` and plan the samples, without touching an image.

    Raises
    ------
    OsmError
        If the region has no AOI that gives a sample; and what `find_inputs` raises.
    """
    inputs = find_inputs(region, overrides, cache)
    recipe, taxonomy = inputs.recipe, load_taxonomy()
    source = inputs.imagery.source
    if source.redistribute != "yes":
        log.warning("%s may not be published as it is (licence %s)", source.id, source.license)
    aois = find_aois(inputs.data, taxonomy, recipe.aois)
    salt = f"{taxonomy.fingerprint} {inputs.imagery.source.id} {recipe.map.style}"
    plan = make_plan(aois, _anchors(aois, inputs), recipe, _covered(inputs), salt)
    plan.samples.extend(negatives(plan.samples, aois, inputs.data, taxonomy, recipe, salt))
    if not plan.samples:
        raise OsmError(_nothing(region, aois, plan))
    splitting = split_samples(plan.samples, recipe)
    fingerprint = _fingerprint(inputs, taxonomy)
    return Planning(inputs, taxonomy, aois, plan, splitting, fingerprint)


def _nothing(region: str, aois: Sequence[Aoi], plan: Plan) -> str:
    if not aois:
        return (
            f"region {region} holds no AOI: no area in its OSM data has a tag of the taxonomy "
            "(see `socioseg list classes`); choose a larger region or other data."
        )
    most = plan.rejected.most_common(3)
    reasons = ", ".join(f"{n} {REASONS[reason]} at level {level}" for (level, reason), n in most)
    return (
        f"region {region} holds {len(aois)} AOIs but none gives a sample ({reasons}); "
        "change --zoom or the recipe's limits."
    )


def _anchors(aois: Sequence[Aoi], inputs: Inputs) -> list[int]:
    """The AOIs around which windows are laid: those that meet the region."""
    tree = shapely.STRtree([aoi.geometry for aoi in aois])
    polygon = to_mercator(inputs.region.polygon)
    return sorted(tree.query(polygon, predicate="intersects").tolist())


def _covered(inputs: Inputs) -> Bounds:
    """Where windows should lie: the region's envelope, and the imagery's where that is known."""
    west, south, east, north = shapely.bounds(to_mercator(inputs.region.polygon)).tolist()
    imagery = coverage(inputs.imagery)
    if isinstance(inputs.imagery, Tiles):
        imagery = whole_tiles((west, south, east, north), inputs.recipe.zoom)
    if imagery is None:
        return (west, south, east, north)
    return (
        max(west, imagery[0]),
        max(south, imagery[1]),
        min(east, imagery[2]),
        min(north, imagery[3]),
    )


def _fingerprint(inputs: Inputs, taxonomy: Taxonomy) -> str:
    """What tells this build from any other: version, recipe, data."""
    imagery = inputs.imagery
    parts = [
        __version__,
        taxonomy.fingerprint,
        inputs.recipe.model_dump_json(exclude=NOT_IDENTITY),
        inputs.region.polygon.wkb_hex,
        inputs.osm_identity,
        imagery_identity(imagery),
    ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
