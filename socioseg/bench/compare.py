"""Two runs on the same samples: how much they differ, and whether chance could do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.bench.log import read_log
from socioseg.bench.runfile import read_run
from socioseg.bench.score import TITLES, number
from socioseg.bench.scored import clusters_of, find_convention, ground_known, score_samples
from socioseg.errors import OutputError
from socioseg.metrics import aggregate, paired_bootstrap
from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from socioseg.bench.scored import Scored
    from socioseg.metrics import Convention, SampleStats

ALL = "all"
_FOUND_IN_80_PERCENT = 2.80 / (2 * 1.96)
"""Smallest difference that a test at 5 % finds in 80 % of tries, by the width of the interval.

It is 1.96 + 0.84 standard errors, and the interval is 2 * 1.96 wide where resampled differences
are about normal.
"""


def compare(first: Path, second: Path, convention: str = "socioseg") -> dict[str, Any]:
    """Difference of the runs in two folders, on the samples that both have an answer to.

    The two may be of different datasets that hold the same samples, such as one whose maps were
    drawn anew. A p-value is of its metric and level alone: of twenty, one is below 0.05 by chance.

    Returns
    -------
    dict
        - `convention`; `first` and `second`: the model and folder of each run;
        - `shared`, `only_first`, `only_second`: samples that both runs have, that one has;
        - `ground_known`: as in `socioseg.bench.score.score`;
        - `levels`: for "all" and each level `samples`, `clusters` and `metrics`: by name the
          scores of the `first` and the `second` run, `value` (first less second), `low` and
          `high` (95 % limits of a paired bootstrap over ground that samples share), `p` (that
          the runs do not differ), `detectable` (the smallest difference that so many samples
          show in four of five cases). None where there is no number.

    Raises
    ------
    UsageError
        If there is no such convention.
    OutputError
        If a folder is no run, or the runs are of different splits, share no sample, or do not
        agree on what is true.
    DatasetError
        If the dataset is not there, or not the one that the runs were made on.
    """
    rules = find_convention(convention)
    check_same_data([first, second], ("split",))
    ids = [{line.id for line in read_log(run)} for run in (first, second)]
    shared = ids[0] & ids[1]
    if not shared:
        raise OutputError(f"{first} and {second} have no sample in common: nothing to compare.")
    one, found = (list(score_samples(run, rules, shared)) for run in (first, second))
    by_id = {sample.id: sample for sample in found}
    other = [by_id[sample.id] for sample in one]
    _check_same_truth(one, other)
    return {
        "convention": convention,
        "first": {"model": read_run(first).key.model, "run": str(first)},
        "second": {"model": read_run(second).key.model, "run": str(second)},
        "shared": len(shared),
        "only_first": len(ids[0] - shared),
        "only_second": len(ids[1] - shared),
        "ground_known": ground_known(one),
        "levels": differences(one, other, rules),
    }


def differences(
    first: Sequence[Scored], second: Sequence[Scored], convention: Convention
) -> dict[str, Any]:
    """`levels` of what `compare` gives, of two runs on the same samples in the same order."""
    clusters = clusters_of(first)
    sets = {ALL: list(range(len(first)))}
    sets |= {str(level): [i for i, s in enumerate(first) if s.level is level] for level in Level}
    stats = [[sample.stats for sample in scored] for scored in (first, second)]
    return {
        name: _difference([[s[i] for i in members] for s in stats], clusters[members], convention)
        for name, members in sets.items()
        if members
    }


def check_same_data(runs: Sequence[Path], names: Sequence[str] = ("dataset", "split")) -> None:
    """Refuse to set runs of different datasets or splits beside each other.

    Parameters
    ----------
    names
        What must be the same.

    Raises
    ------
    OutputError
        Naming two that differ; or if one is no run.
    """
    keys = [read_run(run).key for run in runs]
    for run, key in zip(runs, keys, strict=True):
        for name in names:
            here, there = getattr(keys[0], name), getattr(key, name)
            if here != there:
                raise OutputError(
                    f"{runs[0]} and {run} are of different {name}s ({here}, {there}): compare runs"
                    " of one dataset and split."
                )


def _check_same_truth(first: Sequence[Scored], second: Sequence[Scored]) -> None:
    for one, other in zip(first, second, strict=True):
        if _truth(one.stats) != _truth(other.stats):
            raise OutputError(
                f"The runs do not agree on what is true of {one.id}: compare runs on the same"
                " samples."
            )


def _truth(stats: SampleStats) -> tuple[object, ...]:
    return (stats.size, stats.true_area, stats.true_boundary, stats.true_box, stats.n_true)


def _difference(
    runs: Sequence[Sequence[SampleStats]], clusters: NDArray[np.int64], convention: Convention
) -> dict[str, Any]:
    first, second = runs
    scores = [aggregate(stats, convention) for stats in runs]
    found = paired_bootstrap(first, second, clusters, convention)
    return {
        "samples": len(first),
        "clusters": len(set(clusters.tolist())),
        "metrics": {
            name: {
                "first": number(scores[0][name]),
                "second": number(scores[1][name]),
                **{key: number(value) for key, value in each._asdict().items()},
                "detectable": number(_FOUND_IN_80_PERCENT * (each.high - each.low)),
            }
            for name, each in found.items()
        },
    }


def compare_rows(result: Mapping[str, Any]) -> list[dict[str, str]]:
    """What `compare` gave as rows for people: the metrics of `TITLES`, in percent."""
    return [
        {
            "level": level,
            "metric": TITLES[metric],
            "first": _percent(each["first"]),
            "second": _percent(each["second"]),
            "difference": _signed(each["value"]),
            "95 % limits": _limits(each["low"], each["high"]),
            "p": _p(each["p"]),
        }
        for level, found in result["levels"].items()
        for metric, each in found["metrics"].items()
        if metric in TITLES
    ]


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.1f}"


def _signed(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:+.1f}"


def _limits(low: float | None, high: float | None) -> str:
    return "none" if None in (low, high) else f"{_signed(low)} to {_signed(high)}"


def _p(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
