"""The summary of a build: everything that its report says, but for the files."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import shapely

from socioseg import __version__
from socioseg.build.imagery.raster import RasterInfo
from socioseg.build.imagery.spec import Synthetic
from socioseg.build.map.fonts import missing_glyphs
from socioseg.build.plan.aois import unknown_tags
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
    from pathlib import Path

    from socioseg.build.imagery.spec import ImagerySpec
    from socioseg.build.plan.planning import Planning
    from socioseg.build.shard import Failures

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
        recipe=inputs.recipe.model_dump(mode="json"),
        region=Region(
            name=inputs.region.name, bounds=tuple(shapely.bounds(inputs.region.polygon).tolist())
        ),
        splits=Splits(
            method=splitting.method,
            requested=dict(zip(SPLITS, inputs.recipe.split.shares, strict=True)),
            shares=_shares(planning, failed),
            given_up=splitting.given_up,
            class_distance=splitting.class_distance,
            details={"class_distance_of_random": round(splitting.random_distance, 4)},
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
            timestamp=inputs.data.timestamp,
            counts=inputs.data.counts,
            notes=inputs.data.notes,
            unknown_tags=unknown_tags(inputs.data, planning.taxonomy),
        ),
        imagery=[_imagery(inputs.imagery)],
        files=[],
        notes=_notes(planning),
    )


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
    rejected = planning.plan.rejected
    if rejected:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(rejected.items()))
        notes.append(f"Candidates that the recipe's limits left out of the plan: {reasons}.")
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


def _remedy(package: str) -> str:
    return f": install the fonts of {package}" if package else ", not even a Noto font"


def outline(planning: Planning) -> dict[str, Any]:
    """What a build would make, for `--dry-run`."""
    inputs, splitting = planning.inputs, planning.splitting
    source = inputs.imagery.source
    kept = [
        sample
        for sample, split in zip(planning.plan.samples, splitting.splits, strict=True)
        if split
    ]
    return {
        "region": inputs.region.name,
        "osm": f"{inputs.osm} {inputs.data.timestamp}".strip(),
        "AOIs": len(planning.aois),
        "samples": len(kept),
        "levels": dict(Counter(sample.level.value for sample in kept)),
        "classes": len({sample.socio_class for sample in kept} - {""}),
        "splits": {name: f"{share:.1%}" for name, share in splitting.shares.items()}
        | {"by": splitting.method},
        "given up": f"{splitting.given_up:.1%}",
        "class distance": f"{splitting.class_distance:.1%} (of a random split: "
        f"{splitting.random_distance:.1%})",
        "imagery": f"{source.id} ({source.license}; redistribute: {source.redistribute})",
    }


def conclusion(out: Path, report: Report) -> dict[str, Any]:
    """What a build made, in a few words."""
    source = report.imagery[0]
    return {
        "dataset": str(out),
        "samples": report.counts.ok,
        "not made": report.counts.by_reason or "none",
        "splits": {name: f"{share:.1%}" for name, share in report.splits.shares.items()}
        | {"by": report.splits.method},
        "imagery": f"{source.id} ({source.license}; redistribute: {source.redistribute})",
        "notes": " ".join(report.notes) or "none",
    }
