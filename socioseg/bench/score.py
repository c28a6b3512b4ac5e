"""Scores of a run, from its log and the dataset alone, without the model."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from socioseg.bench.scored import clusters_of, find_convention, ground_known, score_samples
from socioseg.files import write_json
from socioseg.metrics import aggregate, bootstrap
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.bench.scored import Scored
    from socioseg.metrics import Convention, SampleStats

SCORES = "scores.json"
WITH_INTERVALS = ("all", "level")
"""Groups whose scores get intervals: the others are many and small."""
FEW_CLUSTERS = 20
"""With fewer, intervals of a bootstrap are too narrow."""
TITLES = {"giou": "gIoU", "ciou": "cIoU", "f1": "F1", "iou": "IoU", "miou": "mIoU"}
"""Metrics that tables show, by the name that a convention prints; `scores.json` holds all."""


def score(run: Path, convention: str = "socioseg") -> dict[str, Any]:
    """Score the run in the folder `run` and write its `scores.json`.

    Returns
    -------
    dict
        `convention`, `samples`, `clusters`, `ground_known` (else every sample is a cluster of its
        own, and limits are too narrow where samples share ground), and by kind (all, level, class,
        function, region, count, size) and name:

        - `groups`: the metrics of `socioseg.metrics.aggregate`, each as value, low, high: 95 %
          limits of a bootstrap over ground that samples share, for "all" and the levels where
          there are two clusters or more, else null;
        - `counts`: how many samples there are, over how many clusters, and how many of the
          predictions are empty, failures among them, and how many failed.

    Raises
    ------
    UsageError
        If there is no such convention.
    OutputError
        If `run` is no run, has no answers, or the scores cannot be written.
    DatasetError
        If the dataset is not there, or not the one that the run was made on.
    """
    rules = find_convention(convention)
    result = summarise(list(score_samples(run, rules)), rules)
    write_json(run / SCORES, result)
    return result


def summarise(scored: Sequence[Scored], convention: Convention) -> dict[str, Any]:
    """What `score` gives, of samples that were counted under `convention`."""
    clusters = clusters_of(scored)
    kinds: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for i, sample in enumerate(scored):
        for kind, name in sample.groups.items():
            kinds[kind][name].append(i)
    groups: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
    counts: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
    for kind, names in kinds.items():
        for name, members in sorted(names.items()):
            stats, where = [scored[i].stats for i in members], clusters[members]
            counts[kind][name] = _counts(stats, where)
            intervals = kind in WITH_INTERVALS
            groups[kind][name] = _scores(stats, where, convention, intervals=intervals)
    return {
        "convention": convention.name,
        "samples": len(scored),
        "clusters": counts["all"]["all"]["clusters"],
        "ground_known": ground_known(scored),
        "counts": counts,
        "groups": groups,
    }


def _counts(stats: Sequence[SampleStats], clusters: NDArray[np.int64]) -> dict[str, int]:
    return {
        "samples": len(stats),
        "clusters": len(set(clusters.tolist())),
        "empty": sum(not each.pred_area for each in stats),
        "failed": sum(each.failed for each in stats),
    }


def _scores(
    stats: Sequence[SampleStats],
    clusters: NDArray[np.int64],
    convention: Convention,
    *,
    intervals: bool,
) -> dict[str, dict[str, float | None]]:
    if intervals:
        limits = bootstrap(stats, clusters, convention)
        found = {name: (i.value, i.low, i.high) for name, i in limits.items()}
    else:
        found = {name: (v, math.nan, math.nan) for name, v in aggregate(stats, convention).items()}
    return {
        name: dict(zip(("value", "low", "high"), map(number, values), strict=True))
        for name, values in found.items()
    }


def number(value: float) -> float | None:
    """`value`, or None where it is not a number, which JSON cannot say."""
    return None if math.isnan(value) else float(value)


def by_level(result: Mapping[str, Any], what: str = "groups") -> dict[str, Any]:
    """`groups` or `counts` of "all", then of the levels that a result of `score` holds."""
    kinds = result[what]
    levels = {str(level): kinds["level"][level] for level in Level if level in kinds["level"]}
    return {**kinds["all"], **levels}


def score_rows(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """The scores of "all" and of the levels as rows for people: percent, their limits below."""
    groups, counts = by_level(result), by_level(result, "counts")
    shown = shown_metrics(groups["all"])
    return [
        {
            "level": name,
            **{title: _percent(scores[key]) for title, key in shown.items()},
            "samples": str(counts[name]["samples"]),
            "failed": str(counts[name]["failed"]),
        }
        for name, scores in groups.items()
    ]


def shown_metrics(metrics: Collection[str]) -> dict[str, str]:
    """Which of the metrics that a convention prints a table shows, by their titles there."""
    shown = [name for name in metrics if name in TITLES]
    return {TITLES[name]: name for name in shown}


def _percent(score_: Mapping[str, float | None]) -> str:
    value, low, high = (score_[key] for key in ("value", "low", "high"))
    if value is None:
        return "none"
    if low is None or high is None:
        return f"{100 * value:.1f}"
    return f"{100 * value:.1f}\n{100 * low:.1f}{'-' if low >= 0 else ' to '}{100 * high:.1f}"
