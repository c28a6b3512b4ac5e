"""Scores of a run, from its log and the dataset alone, without the model."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from socioseg.bench.log import read_log
from socioseg.bench.openset import open_samples
from socioseg.bench.ours import OurSamples
from socioseg.bench.runfile import read_run
from socioseg.bench.samples import MASK, Key
from socioseg.errors import DatasetError, UsageError
from socioseg.files import write_json
from socioseg.metrics import (
    CONVENTIONS,
    Rle,
    SampleStats,
    aggregate,
    bootstrap,
    count_group,
    ground_clusters,
    size_group,
    stats_of,
)
from socioseg.recipe import nearest
from socioseg.sample import Bounds, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.bench.log import Line
    from socioseg.bench.samples import Samples
    from socioseg.metrics import Convention

SCORES = "scores.json"
WITH_INTERVALS = ("all", "level")
"""Groups whose scores get intervals: the others are many and small."""
_FACTS = ("socio_class", "socio_function", "region", "transform")


class Scored(NamedTuple):
    """The counts of one sample, the groups it is in, and its ground where that is known.

    `bounds` are those of its window in EPSG:3857.
    """

    id: str
    level: Level
    stats: SampleStats
    groups: dict[str, str]
    bounds: Bounds | None


def score(run: Path, convention: str = "socioseg") -> dict[str, Any]:
    """Score the run in the folder `run` and write its `scores.json`.

    Returns
    -------
    dict
        `convention`, `samples`, `clusters`, and under `groups` by kind (all, level, class,
        function, region, count, size) and name the metrics of `socioseg.metrics.aggregate`, each
        as value, low, high: 95 % limits of a bootstrap over ground that samples share, for "all"
        and the levels where there are two clusters or more, else null.

    Raises
    ------
    UsageError
        If there is no such convention.
    OutputError
        If `run` is no run, or the scores cannot be written.
    DatasetError
        If the dataset is not there, or not the one that the run was made on.
    """
    rules = _convention(convention)
    scored = list(score_samples(run, rules))
    clusters = _clusters(scored)
    kinds: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, sample in enumerate(scored):
        for kind, name in sample.groups.items():
            kinds[kind][name].append(i)
    groups = {
        kind: {
            name: _scores(scored, members, clusters, rules, intervals=kind in WITH_INTERVALS)
            for name, members in sorted(names.items())
        }
        for kind, names in kinds.items()
    }
    result = {
        "convention": convention,
        "samples": len(scored),
        "clusters": len(set(clusters.tolist())),
        "groups": groups,
    }
    write_json(run / SCORES, result)
    return result


def _convention(name: str) -> Convention:
    if name not in CONVENTIONS:
        hint = nearest(name, CONVENTIONS) or f"; known: {', '.join(CONVENTIONS)}"
        raise UsageError(f"There is no convention {name!r}{hint}")
    return CONVENTIONS[name]


def score_samples(run: Path, convention: Convention) -> Iterator[Scored]:
    """Count what the run got right, sample by sample, in the dataset's order.

    Raises
    ------
    OutputError
        If `run` is no run.
    DatasetError
        If the dataset is not there, or not the one that the run was made on.
    """
    info = read_run(run)
    samples = open_samples(info.path, info.key.split)
    if samples.fingerprint != info.key.dataset:
        raise DatasetError(f"{info.path} is not what {run} was made on: it has changed since.")
    lines = {line.id: line for line in read_log(run)}
    facts = _FACTS if isinstance(samples, OurSamples) else ()
    keys = {Key(line.id, Level(line.level)) for line in lines.values()}
    for row in samples.rows(keys, ("id", "level", MASK, *facts)):
        yield _scored(samples, row, lines[row["id"]], convention)


def _scored(samples: Samples, row: Mapping[str, Any], line: Line, convention: Convention) -> Scored:
    truth = samples.decode(MASK, row[MASK]) > 0
    mask = line.mask if line.ok else None
    answer = Rle(size=mask.size, counts=mask.counts) if mask else None
    stats = stats_of(answer, truth, convention)
    groups = {
        "all": "all",
        "level": row["level"],
        "class": row.get("socio_class", ""),
        "function": row.get("socio_function", ""),
        "region": row.get("region", ""),
        "count": count_group(stats),
        "size": size_group(stats),
    }
    known = {kind: name for kind, name in groups.items() if name}
    bounds = _bounds(row["transform"], truth) if "transform" in row else None
    return Scored(row["id"], Level(row["level"]), stats, known, bounds)


def _bounds(transform: Sequence[float], mask: NDArray[np.bool_]) -> Bounds:
    west, width, _, north, _, height = transform
    rows, columns = mask.shape
    return (west, north + rows * height, west + columns * width, north)


def _clusters(scored: Sequence[Scored]) -> NDArray[np.int64]:
    """The cluster of each sample: shared ground where it is known, else the sample itself."""
    bounds = [sample.bounds for sample in scored]
    if not scored or None in bounds:
        return np.arange(len(scored))
    return np.asarray(ground_clusters(np.array(bounds)), dtype=np.int64)


def _scores(
    scored: Sequence[Scored],
    members: Sequence[int],
    clusters: NDArray[np.int64],
    convention: Convention,
    *,
    intervals: bool,
) -> dict[str, dict[str, float | None]]:
    stats = [scored[i].stats for i in members]
    if intervals:
        limits = bootstrap(stats, clusters[list(members)], convention)
        found = {name: (i.value, i.low, i.high) for name, i in limits.items()}
    else:
        found = {name: (v, math.nan, math.nan) for name, v in aggregate(stats, convention).items()}
    return {
        name: dict(zip(("value", "low", "high"), map(_number, values), strict=True))
        for name, values in found.items()
    }


def _number(value: float) -> float | None:
    """`value`, or None where it is not a number, which JSON cannot say."""
    return None if math.isnan(value) else float(value)


def score_rows(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """The scores of "all" and of the levels as rows for people: percent, with their limits."""
    groups = {**result["groups"]["all"], **result["groups"]["level"]}
    own = {"gIoU": "giou", "cIoU": "ciou", "F1": "f1", "failed": "failed"}
    metrics = groups["all"]
    shown = own if set(own.values()) <= set(metrics) else {name: name for name in metrics}
    return [
        {"level": name, **{title: _percent(scores[key]) for title, key in shown.items()}}
        for name, scores in groups.items()
    ]


def _percent(score_: Mapping[str, float | None]) -> str:
    value, low, high = (score_[key] for key in ("value", "low", "high"))
    if value is None:
        return "none"
    limits = f" ({100 * low:.1f}-{100 * high:.1f})" if low is not None and high is not None else ""
    return f"{100 * value:.1f}{limits}"
