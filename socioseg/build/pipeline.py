"""The pipeline: region -> AOIs -> plan -> fetch -> shards -> dataset, resumable at any point."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from socioseg.build.assemble import assemble
from socioseg.build.executor import run_jobs
from socioseg.build.fetching import fetch_imagery
from socioseg.build.jobs import cut_shards, pending_jobs, retriable
from socioseg.build.map.scene import MapOptions
from socioseg.build.output import found_build, open_output, remove_work, slug
from socioseg.build.plan.file import PLAN, write_plan
from socioseg.build.plan.planning import Planning, plan_build
from socioseg.build.shard import ShardOptions, finished, make_shard, shard_tables
from socioseg.build.summary import GIVEN_UP, conclusion, outline, summarise
from socioseg.cache import cache_folder
from socioseg.dataset.report import REPORT, Failure, Report
from socioseg.dataset.whole import whole_report
from socioseg.errors import FailedSamplesError, OutputError
from socioseg.progress import Progress, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from socioseg.build.jobs import Shard
    from socioseg.build.shard import Failures, ShardJob
    from socioseg.sample import Level

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildRequest:
    """What `socioseg build` was asked for.

    `overrides` change the recipe by dotted key; `progress` is told a part of the work, how much
    of it is done, and how much there is.
    """

    region: str
    out: Path
    cache: Path
    overrides: Mapping[str, Any] = field(default_factory=dict)
    workers: int = 1
    progress: Progress = quiet

    @classmethod
    def of(
        cls,
        region: str,
        out: Path | None,
        overrides: Mapping[str, Any],
        workers: int = 1,
        progress: Progress = quiet,
    ) -> BuildRequest:
        """A request with the default folders: `out/REGION/socioseg`, and the user's cache."""
        folder = out or Path("out") / slug(region) / "socioseg"
        return cls(region, folder, cache_folder(), overrides, workers, progress)


def build(request: BuildRequest) -> Report:
    """Make the dataset that `request` asks for, or go on where an earlier run stopped.

    Raises
    ------
    SocioSegError
        One of `socioseg.errors`, naming what is wrong and what to do. Samples that cannot be
        made raise nothing: the report names them.
    """
    found_build(request.out)  # before a long planning
    planning = plan_build(request.region, request.overrides, request.cache)
    with open_output(request.out, planning.fingerprint) as work:
        done = _finished_report(request.out)
        if done:
            log.info("%s is complete already", request.out)
            report = done
        else:
            report = _make(planning, request, work)
        if not _open_ends(report):
            remove_work(request.out)
    return report


def _open_ends(report: Report) -> int:
    """How many samples failed for a reason that may have passed when the build is run again."""
    return sum(retriable(failure.reason) for failure in report.failed.values())


def _finished_report(out: Path) -> Report | None:
    """The report of a dataset that is whole and needs nothing more."""
    report = whole_report(out)
    return None if report is None or _open_ends(report) else report


def _make(planning: Planning, request: BuildRequest, work: Path) -> Report:
    samples, splits = planning.plan.samples, planning.splitting.splits
    write_plan(request.out / PLAN, samples, splits)
    shards = cut_shards(samples, splits, work / "shards")
    log.info("planned %d samples in %d shards", len(samples), len(shards))
    windows = [sample.window for shard in shards for sample in shard.samples]
    inputs = planning.inputs
    patience = inputs.recipe.fetch
    imagery = fetch_imagery(inputs.imagery, windows, patience, work, request.progress)
    options = ShardOptions(
        imagery=imagery,
        map=MapOptions(**inputs.recipe.map.model_dump()),
        images=inputs.recipe.images,
        region=inputs.region.name,
        osm_timestamp=inputs.data.timestamp,
    )
    jobs = pending_jobs(shards, inputs.data, planning.aois, options)
    _run(jobs, shards, request)
    failures = {sample: why for shard in shards for sample, why in _failures(shard).items()}
    return assemble(request.out, partial(_tables, shards), summarise(planning, failures))


def _tables(shards: Sequence[Shard], level: Level, split: str) -> Iterator[Any]:
    return shard_tables([shard.out for shard in shards if shard.split == split], level)


def _run(jobs: Sequence[ShardJob], shards: Sequence[Shard], request: BuildRequest) -> None:
    done = len(shards) - len(jobs)
    request.progress("shards", done, len(shards))
    for _ in run_jobs(make_shard, jobs, request.workers):
        done += 1
        request.progress("shards", done, len(shards))


def _failures(shard: Shard) -> Failures:
    failures = finished(shard.out)
    if failures is None:
        raise OutputError(f"{shard.out} vanished while the build ran; run it again.")
    return failures


def run(request: BuildRequest, *, max_failed: float, dry_run: bool = False) -> dict[str, Any]:
    """Build, or only plan, and say in a few words what came of it.

    Raises
    ------
    FailedSamplesError
        If a larger share than `max_failed` of the planned samples could not be made; the
        dataset is complete but for them. And what `build` raises.
    """
    if dry_run:
        return outline(plan_build(request.region, request.overrides, request.cache))
    report = build(request)
    failed = {i: f for i, f in report.failed.items() if f.reason != GIVEN_UP}
    if len(failed) > max_failed * report.counts.planned:
        raise FailedSamplesError(_too_many(failed, report, request.out))
    if count := _open_ends(report):
        log.warning(
            "%d failed for a reason that may pass: run the same command again to retry", count
        )
    return conclusion(request.out, report)


def _too_many(failed: Mapping[str, Failure], report: Report, out: Path) -> str:
    sample, failure = next(iter(failed.items()))
    first = ", ".join(filter(None, (sample, failure.reason, failure.detail)))
    remedy = "choose other imagery or a higher --max-failed: none would succeed if tried again"
    if count := _open_ends(report):
        remedy = f"run the same command again to retry {count} of them"
    return (
        f"{len(failed)} of {report.counts.planned} samples failed, more than --max-failed allows "
        f"(the first: {first}); see {out / REPORT} and {remedy}."
    )
