"""Jobs: the plan cut into shards, each with the slice of OSM data that it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from socioseg import features
from socioseg.build.map.draw import BUFFER
from socioseg.build.shard import ShardJob, finished
from socioseg.city.paint import MARGIN
from socioseg.features import Feature, FeatureIndex, OsmData
from socioseg.files import atomic_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from socioseg.build.plan.aois import Aoi
    from socioseg.build.plan.samples import Planned
    from socioseg.build.shard import ShardOptions
    from socioseg.sample import Bounds, Window

SHARD_WINDOWS = 24
CELL_WINDOWS = 4
_PASSING = frozenset(
    {"timeout", "connection", "truncated", "corrupt_tile", "not_an_image", "not_fetched"}
    | {"http_401", "http_403", "http_408", "http_425", "http_429", "http_error"}
)


class Shard(NamedTuple):
    """One shard of the plan: its number, split, file and samples."""

    split: str
    out: Path
    samples: tuple[Planned, ...]


def cut_shards(
    samples: Sequence[Planned], splits: Sequence[str | None], folder: Path
) -> list[Shard]:
    """Shards of one split each, of windows that lie near each other; given-up samples left out."""
    by_window: dict[tuple[str, Window], list[Planned]] = {}
    for sample, split in zip(samples, splits, strict=True):
        if split:
            by_window.setdefault((split, sample.window), []).append(sample)
    keys = sorted(by_window, key=lambda key: (key[0], _place(key[1])))
    shards: list[Shard] = []
    for split, run in _runs(keys):
        members = [sample for window in run for sample in sorted(by_window[split, window])]
        out = folder / f"{len(shards):05d}.parquet"
        shards.append(Shard(split, out, tuple(members)))
    return shards


def _place(window: Window) -> tuple[int, ...]:
    """Order on the ground: cell by cell, so that neighbours share what is cached."""
    cell = CELL_WINDOWS * window.size
    return (window.y // cell, window.x // cell, window.y, window.x)


def _runs(keys: Sequence[tuple[str, Window]]) -> Iterator[tuple[str, list[Window]]]:
    for split in dict.fromkeys(split for split, _ in keys):
        windows = [window for s, window in keys if s == split]
        for start in range(0, len(windows), SHARD_WINDOWS):
            yield split, windows[start : start + SHARD_WINDOWS]


def pending_jobs(
    shards: Sequence[Shard], data: OsmData, aois: Sequence[Aoi], options: ShardOptions
) -> list[ShardJob]:
    """Jobs of the shards that are not finished, or failed for a reason that may have passed."""
    open_shards = [shard for shard in shards if _is_open(shard)]
    if not open_shards:
        return []
    index = FeatureIndex(data)
    return [_job(shard, index, aois, options) for shard in open_shards]


def _is_open(shard: Shard) -> bool:
    failures = finished(shard.out)
    return failures is None or any(retriable(reason) for reason, _ in failures.values())


def retriable(reason: str) -> bool:
    """Whether a sample that failed for `reason` may succeed when the build is run again.

    A page in place of an image, or a refusal, may be an overload, a missing key, or a ban.
    """
    return reason in _PASSING or reason.startswith("http_5")


def _job(shard: Shard, index: FeatureIndex, aois: Sequence[Aoi], options: ShardOptions) -> ShardJob:
    used = sorted({i for sample in shard.samples for i in sample.aois})
    polygons = OsmData(areas=[Feature(aois[i].osm_id, {}, aois[i].geometry) for i in used])
    osm, areas = shard.out.with_suffix(".osm"), shard.out.with_suffix(".aois")
    save_slice(osm, index, (sample.window for sample in shard.samples))
    with atomic_path(areas) as part:
        features.save(polygons, part)
    place = {aoi: position for position, aoi in enumerate(used)}
    samples = tuple(s._replace(aois=tuple(place[i] for i in s.aois)) for s in shard.samples)
    return ShardJob(osm, areas, shard.out, samples, options)


def save_slice(path: Path, index: FeatureIndex, windows: Iterable[Window]) -> None:
    """Write to `path` all features that may leave ink in one of `windows`."""
    with atomic_path(path) as part:
        features.save(index.within(*map(_reach, dict.fromkeys(windows))), part)


def _reach(window: Window) -> Bounds:
    xmin, ymin, xmax, ymax = window.bounds
    margin = max(MARGIN, BUFFER * window.resolution)
    return (xmin - margin, ymin - margin, xmax + margin, ymax + margin)
