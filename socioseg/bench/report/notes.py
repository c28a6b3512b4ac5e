"""What a reader must know before the numbers are believed, or the pictures passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.bench.ours import OurSamples
from socioseg.bench.score import FEW_CLUSTERS
from socioseg.dataset.report import read_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from socioseg.bench.report.runs import ReportRun
    from socioseg.bench.samples import Samples

OSM_CREDIT = "© OpenStreetMap contributors, ODbL 1.0 (openstreetmap.org/copyright)"


def warnings(samples: Samples, runs: Sequence[ReportRun]) -> list[str]:
    """Sentences on what makes the numbers of these runs weak or hard to compare."""
    return [*_of_runs(runs), *(_of_dataset(samples) if isinstance(samples, OurSamples) else ())]


def _of_runs(runs: Sequence[ReportRun]) -> Iterator[str]:
    least = min(run.scores["clusters"] for run in runs)
    if least < FEW_CLUSTERS:
        yield (
            f"The 95 % limits rest on {least} separate pieces of ground. With fewer than"
            f" {FEW_CLUSTERS} they are too narrow: the truth lies outside more often than once in"
            " twenty, and p is too small."
        )
    if not runs[0].scores["ground_known"]:
        yield (
            "This dataset does not tell where its windows lie, so every sample counts as a place"
            " of its own. Where samples share ground, the 95 % limits are too narrow and p is too"
            " small."
        )
    if any(run.scored.keys() != runs[0].scored.keys() for run in runs):
        counts = ", ".join(f"{run.label} {len(run.scored)}" for run in runs)
        yield (
            f"The runs are not on the same samples ({counts}), so no score is marked as best;"
            " the differences are of the samples that two runs share."
        )
    for run in runs:
        chosen = run.info.sessions[-1].chosen if run.info.sessions else 0
        if len(run.lines) < chosen:
            yield f"{run.label} stopped early: {len(run.lines)} of {chosen} samples are there."


def _of_dataset(samples: OurSamples) -> Iterator[str]:
    found = read_report(samples.root)
    if any(source.id == "synthetic" for source in found.imagery):
        yield (
            "The satellite images are synthetic, painted from OpenStreetMap data. Scores on them"
            " say nothing of real imagery."
        )
    if found.splits.method == "random":
        yield (
            "The splits of this dataset are random and share ground: a model trained on its train"
            " split scores better here than on places that it has not seen."
        )
    for source in found.imagery:
        if source.redistribute != "yes":
            yield (
                f"The images of {source.id} may not be passed on without leave, so neither may"
                " this folder."
            )


def credits_of(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Source, licence and attribution of the images that the page shows."""
    facts = (entry["facts"] for entry in entries)
    lines = (
        "; ".join(
            fact[name]
            for name in ("image_attribution", "image_source", "image_license")
            if fact.get(name)
        )
        for fact in facts
    )
    return sorted({line for line in lines if line})
