"""Speed and memory of `socioseg build`, against the parts of it that cannot be left out.

    python benchmarks/speed/build.py [--region demo] [--set KEY=VALUE] [--repeats 3] [--memory]

Each repeat times, one after the other: the irreducible parts alone (for every window: read the
imagery, draw the map, encode both; for every sample: rasterise the mask and encode it; at last
write everything as Parquet), then the whole build with one worker, then with two. Ratios are of
the medians of one run. `--memory` builds 1,000 and 10,000 samples of a large procedural town in
fresh processes and compares their peak memory.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from socioseg import features
from socioseg.build.encode import jpeg, png
from socioseg.build.imagery.spec import open_imagery
from socioseg.build.jobs import cut_shards, pending_jobs
from socioseg.build.map.draw import MapDrawer
from socioseg.build.map.scene import MapOptions
from socioseg.build.masks import draw_mask
from socioseg.build.pipeline import BuildRequest, build
from socioseg.build.plan.planning import plan_build
from socioseg.build.recipe import parse_settings
from socioseg.build.shard import ShardOptions, sample_row
from socioseg.cache import cache_folder
from socioseg.dataset.schema import rows_to_table
from socioseg.dataset.store import write_split
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from socioseg.build.shard import ShardJob

Seconds = defaultdict[str, float]


@contextmanager
def timed(seconds: Seconds, part: str) -> Iterator[None]:
    """Add the time that the body takes to `seconds[part]`."""
    start = time.perf_counter()
    yield
    seconds[part] += time.perf_counter() - start


def make_jobs(region: str, overrides: Mapping[str, Any], folder: Path) -> list[ShardJob]:
    """The jobs of a build, untimed."""
    planning = plan_build(region, overrides, cache_folder())
    inputs = planning.inputs
    options = ShardOptions(
        imagery=inputs.imagery,
        map=MapOptions(**inputs.recipe.map.model_dump()),
        images=inputs.recipe.images,
        region=inputs.region.name,
        osm_timestamp=inputs.data.timestamp,
    )
    shards = cut_shards(planning.plan.samples, planning.splitting.splits, folder)
    return pending_jobs(shards, inputs.data, planning.aois, options)


def irreducible(jobs: list[ShardJob], folder: Path) -> Seconds:
    """Seconds of each part that no build can leave out."""
    seconds: Seconds = defaultdict(float)
    rows: list[dict[str, Any]] = []
    for job in jobs:
        rows += _shard_parts(job, seconds)
    with timed(seconds, "write"):
        for level in Level:
            members = [row for row in rows if row["level"] == level]
            write_split(folder, level, "train", [rows_to_table(members)])
    return seconds


def _shard_parts(job: ShardJob, seconds: Seconds) -> Iterator[dict[str, Any]]:
    data = features.load(job.osm)
    polygons = [area.geometry for area in features.load(job.aois).areas]
    with timed(seconds, "read window"):
        imagery = open_imagery(job.options.imagery, data)
    with timed(seconds, "render"):
        drawer = MapDrawer(data, job.options.map)
    for window, samples in itertools.groupby(job.samples, key=attrgetter("window")):
        with timed(seconds, "read window"):
            sat = imagery.read(window)
        with timed(seconds, "render"):
            drawn = drawer.draw(window)
        with timed(seconds, "encode"):
            images = {
                "sat_image": jpeg(Image.fromarray(sat), job.options.images.quality),
                "map_image": png(Image.fromarray(drawn)),
            }
        for sample in samples:
            with timed(seconds, "rasterise"):
                mask = draw_mask([polygons[i] for i in sample.aois], window)
            with timed(seconds, "encode"):
                row = sample_row(sample, mask, images, imagery.source, job.options)
            yield row


def whole(region: str, overrides: Mapping[str, Any], workers: int) -> tuple[float, int]:
    """Seconds and samples of a whole build into a new folder."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        request = BuildRequest(region, Path(folder) / "set", cache_folder(), overrides, workers)
        report = build(request)
        return time.perf_counter() - start, report.counts.ok


def speed(region: str, overrides: Mapping[str, Any], repeats: int) -> None:
    """Print medians and ratios."""
    parts, times = [], defaultdict[int, list[float]](list)
    samples = 0
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as folder:
            jobs = make_jobs(region, overrides, Path(folder) / "shards")
            parts.append(irreducible(jobs, Path(folder) / "set"))
        for workers in (1, 2):
            seconds, samples = whole(region, overrides, workers)
            times[workers].append(seconds)
    for part in parts[0]:
        print(f"{part:>12}  {statistics.median(p[part] for p in parts):7.2f} s")
    least = statistics.median(sum(p.values()) for p in parts)
    one, two = (statistics.median(times[workers]) for workers in (1, 2))
    print(f"{'their sum':>12}  {least:7.2f} s")
    print(f"{'one worker':>12}  {one:7.2f} s  {samples / one:5.1f} samples/s")
    print(f"{'two workers':>12}  {two:7.2f} s  {samples / two:5.1f} samples/s")
    print(f"build / irreducible parts: {one / least:.2f} (target at most 1.5)")
    print(f"one worker / two workers:  {one / two:.2f} (target at least 1.5 on two real cores)")


def memory() -> None:
    """Print the peak memory of builds of 1,000 and of 10,000 samples."""
    peaks = {}
    for samples in (1_000, 10_000):
        command = [sys.executable, __file__, "--child", str(samples)]
        result = subprocess.run(command, check=True, capture_output=True, text=True)
        made, peaks[samples] = (int(word) for word in result.stdout.split()[-2:])
        print(f"{made:>6} samples: {peaks[samples] / 1024:.0f} MiB at the peak")
    more = (peaks[10_000] - peaks[1_000]) / 1024
    print(f"difference: {more:.0f} MiB (target at most 200)")


def child(samples: int) -> None:
    """Build `samples` samples; print how many came out and the peak memory in KiB."""
    overrides = {
        "town.size": 12_000,
        "size": 256,
        "limits.max_samples": samples,
        "limits.max_per_class": 10_000,
        "windows.overlap": 1.0,
        "split.method": "random",
        "negatives": 0.0,
    }
    _, made = whole("demo", overrides, workers=1)
    print(made, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--region", default="demo")
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child)
    elif given.memory:
        memory()
    else:
        speed(given.region, parse_settings(given.settings), given.repeats)


if __name__ == "__main__":
    main()
