"""The summary of a build: everything that its report says, but for the files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import shapely

from socioseg import __version__
from socioseg.build.imagery.raster import RasterInfo
from socioseg.build.imagery.spec import Synthetic
from socioseg.build.map.fonts import missing_glyphs
from socioseg.build.plan.aois import unknown_tags
from socioseg.build.plan.samples import REASONS
from socioseg.build.plan.splits import SPLITS
from socioseg.dataset.report import (
    Failure,
    ImageryEntry,
    OsmSource,
    Region,
    Report,
    SampleCounts,
    Splits,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from socioseg.build.imagery.spec import ImagerySpec
    from socioseg.build.plan.planning import Planning
    from socioseg.build.recipe import BuildRecipe
    from socioseg.build.shard import Failures
    from socioseg.sample import Level

RANDOM_DISTANCE = "the same distance of a stratified random split:"
GIVEN_UP = "split_border"
"""Reason of a sample that was given up to keep the splits apart."""


def summarise(planning: Planning, failures: Failures) -> Report:
    """Report of the build that `planning` planned, with no files yet."""
    inputs, splitting = planning.inputs, planning.splitting
    failed = _failed(planning, failures)
    samples = planning.plan.samples
    made = [sample for sample in samples if sample.id not in failed]
    counts = Counter(failure.reason for failure in failed.values())
    return Report(
        fingerprint=planning.fingerprint,
        socioseg=__version__,
        recipe=_public_recipe(inputs.recipe),
        region=Region(
            name=inputs.region.name, bounds=tuple(shapely.bounds(inputs.region.polygon).tolist())
        ),
        splits=Splits(
            method=splitting.method,
            requested=dict(zip(SPLITS, inputs.recipe.split.shares, strict=True)),
            shares=_shares(planning, failed),
            given_up=splitting.given_up,
            class_distance=splitting.class_distance,
            details={RANDOM_DISTANCE: round(splitting.random_distance, 4)},
        ),
        counts=SampleCounts(
            planned=len(samples),
            ok=len(made),
            negatives=sum(not sample.aois for sample in made),
            by_reason=dict(sorted(counts.items())),
        ),
        failed=failed,
        osm=OsmSource(
            source=inputs.osm,
            sha256=inputs.osm_sha256,
            timestamp=inputs.data.timestamp,
            counts=inputs.data.counts,
            notes=inputs.data.notes,
            unknown_tags=unknown_tags(inputs.data, planning.taxonomy),
        ),
        imagery=[_imagery(inputs.imagery)],
        files=[],
        notes=_notes(planning),
    )


def _public_recipe(recipe: BuildRecipe) -> dict[str, Any]:
    """The recipe without the folders of this machine."""
    content = recipe.model_dump(mode="json", exclude={"fetch"})
    for key in ("region", "osm", "imagery"):
        content[key] = _base_name(content[key])
    return content


def _base_name(value: Any) -> Any:  # noqa: ANN401 - text, texts or nothing
    if isinstance(value, list):
        return [_base_name(item) for item in value]
    return Path(value).name if value and "://" not in value and "/" in value else value


def _shares(planning: Planning, failed: Mapping[str, Failure]) -> dict[str, float]:
    """The share of the samples made that each split has."""
    rows = zip(planning.plan.samples, planning.splitting.splits, strict=True)
    counts = Counter(split for sample, split in rows if sample.id not in failed)
    return {split: counts[split] / max(1, counts.total()) for split in SPLITS}


def _failed(planning: Planning, failures: Failures) -> dict[str, Failure]:
    given_up = {
        sample.id: Failure(reason=GIVEN_UP, detail="in conflict with a sample of another split")
        for sample, split in zip(planning.plan.samples, planning.splitting.splits, strict=True)
        if split is None
    }
    made = {sample: Failure(reason=r, detail=d) for sample, (r, d) in failures.items()}
    return dict(sorted((given_up | made).items()))


def _imagery(spec: ImagerySpec) -> ImageryEntry:
    source = spec.source
    return ImageryEntry(
        id=source.id,
        license=source.license,
        license_url=source.license_url,
        attribution=source.attribution,
        redistribute=source.redistribute,
        date=source.date,
        synthetic=isinstance(spec, Synthetic),
    )


def _notes(planning: Planning) -> list[str]:
    """Sentences that the user and the card should have."""
    inputs = planning.inputs
    notes = list(inputs.imagery.notes) if isinstance(inputs.imagery, RasterInfo) else []
    notes += filter(None, (_left_out(planning, level) for level in inputs.recipe.levels))
    if inputs.recipe.split.method == "auto" and planning.splitting.method == "random":
        notes.append(
            "Geographic blocks would have given up too many samples, so the splits are random "
            "and share ground: scores on them are too good for unseen places."
        )
    names = [f.tags["name"] for f in (*inputs.data.areas, *inputs.data.points) if "name" in f.tags]
    notes += [
        f"No installed font draws some {script} letters{_remedy(package)}."
        for script, package in sorted(missing_glyphs(names).items())
    ]
    return notes


def _left_out(planning: Planning, level: Level) -> str:
    """How many AOIs gave no sample at `level`, and why."""
    counts = planning.plan.rejected
    reasons = [
        f"{counts[level, reason]} {words}"
        for reason, words in REASONS.items()
        if counts[level, reason]
    ]
    return f"AOIs that gave no sample at level {level}: {', '.join(reasons)}." if reasons else ""


def _remedy(package: str) -> str:
    return f": install the fonts of {package}" if package else ", not even a Noto font"


def outline(planning: Planning) -> dict[str, Any]:
    """What a build would make, for `--dry-run`."""
    inputs, splitting = planning.inputs, planning.splitting
    rows = zip(planning.plan.samples, splitting.splits, strict=True)
    kept = [sample for sample, split in rows if split]
    return {
        "region": inputs.region.name,
        "osm": inputs.osm,
        "osm_timestamp": inputs.data.timestamp,
        "aois": len(planning.aois),
        "samples": len(kept),
        "levels": dict(Counter(sample.level.value for sample in kept)),
        "classes": len({sample.socio_class for sample in kept} - {""}),
        "split_method": splitting.method,
        "split_shares": splitting.shares,
        "given_up": splitting.given_up,
        "class_distance": splitting.class_distance,
        "class_distance_of_random": splitting.random_distance,
        "imagery": _rights(_imagery(inputs.imagery)),
        "notes": _notes(planning),
    }


def conclusion(out: Path, report: Report) -> dict[str, Any]:
    """What a build made, in a few words."""
    return {
        "dataset": str(out),
        "samples": report.counts.ok,
        "not_made": report.counts.by_reason,
        "split_method": report.splits.method,
        "split_shares": {split: report.splits.shares[split] for split in SPLITS},
        "imagery": [_rights(source) for source in report.imagery],
        "notes": report.notes,
    }


def _rights(source: ImageryEntry) -> dict[str, str]:
    return {"id": source.id, "license": source.license, "redistribute": source.redistribute}
