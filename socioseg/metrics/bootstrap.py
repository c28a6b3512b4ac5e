"""Intervals and tests by bootstrap over clusters of samples that are not independent."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from socioseg.errors import UsageError
from socioseg.metrics.columns import columns_of
from socioseg.metrics.conventions import SOCIOSEG
from socioseg.metrics.scores import aggregate, scores_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from socioseg.metrics.conventions import Convention
    from socioseg.metrics.stats import SampleStats

    Values = NDArray[np.float64]

RESAMPLES = 2000
PERCENTILES = (2.5, 97.5)


class Interval(NamedTuple):
    """A score and its 95 % interval."""

    value: float
    low: float
    high: float


class Difference(NamedTuple):
    """First score less the second, its 95 % interval, and the p-value of no difference."""

    value: float
    low: float
    high: float
    p: float


def bootstrap(
    stats: Sequence[SampleStats],
    clusters: ArrayLike,
    convention: Convention = SOCIOSEG,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Interval]:
    """Scores with 95 % percentile intervals, by the names that the convention prints.

    Every resample draws as many clusters as there are, with replacement, each with all of its
    samples (Davison & Hinkley, 1997, 3.8); the same seed gives the same intervals.

    Parameters
    ----------
    stats
        Of the samples.
    clusters
        (samples,) labels: samples of one cluster are drawn together. See `ground_clusters`.
    convention, resamples, seed
        What is computed, how often, and from which seed.

    Returns
    -------
    dict of str to Interval
        The limits are NaN where there are fewer than two clusters, for then nothing is known of
        how scores vary; with fewer than some twenty, intervals are too narrow.

    Raises
    ------
    UsageError
        If there is not one cluster for each sample.
    """
    values = aggregate(stats, convention)
    (draws,) = _draws([stats], clusters, convention, resamples, seed)
    return {name: Interval(value, *_limits(draws[name])) for name, value in values.items()}


def paired_bootstrap(
    first: Sequence[SampleStats],
    second: Sequence[SampleStats],
    clusters: ArrayLike,
    convention: Convention = SOCIOSEG,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, Difference]:
    """Differences of two runs on the same samples, in the same order: first less second.

    Both runs are scored on the same resamples of clusters, so what makes a sample hard for both
    drops out. The p-value is two-sided, of the hypothesis that the runs do not differ: twice the
    smaller of the shares of resampled differences that are >= 0 and <= 0, each with 1 added to
    its count and to the number of resamples (Davison & Hinkley, 1997, 4.2), at most 1. It is at
    least 2 / 2^n with n clusters, of which no test that exchanges the runs can tell more.

    Raises
    ------
    UsageError
        If the runs do not have as many samples, or there is not one cluster for each.
    """
    one, other = aggregate(first, convention), aggregate(second, convention)
    draws = _draws([first, second], clusters, convention, resamples, seed)
    differences = {name: draws[0][name] - draws[1][name] for name in one}
    least = 2.0 ** (1 - len(np.unique(np.asarray(clusters))))
    return {
        name: Difference(one[name] - other[name], *_limits(drawn), _p_value(drawn, least))
        for name, drawn in differences.items()
    }


def _draws(
    runs: Sequence[Sequence[SampleStats]],
    clusters: ArrayLike,
    convention: Convention,
    resamples: int,
    seed: int,
) -> list[Mapping[str, Values]]:
    """Scores of each run in every resample; no resamples where there are too few clusters."""
    labels = np.asarray(clusters)
    if any(len(stats) != len(labels) for stats in runs):
        raise UsageError(
            f"There are {' and '.join(str(len(stats)) for stats in runs)} samples and"
            f" {len(labels)} clusters: give both runs the same samples, and a cluster for each."
        )
    names, number = np.unique(labels, return_inverse=True)
    weights = _weights(len(names), resamples, seed)
    return [_scores(columns_of(stats, convention), number, weights, convention) for stats in runs]


def _weights(clusters: int, resamples: int, seed: int) -> Values:
    """How often each cluster is drawn, (resamples, clusters)."""
    if clusters < 2:
        return np.empty((0, clusters))
    random = np.random.default_rng(seed)
    drawn = (random.integers(clusters, size=clusters) for _ in range(resamples))
    return np.array([np.bincount(each, minlength=clusters) for each in drawn], dtype=np.float64)


def _scores(
    columns: Mapping[str, Values],
    cluster: NDArray[np.intp],
    weights: Values,
    convention: Convention,
) -> dict[str, Values]:
    """Scores in every resample, (resamples,) each."""
    count = weights.shape[1]
    sums = {
        name: weights @ np.bincount(cluster, column, minlength=count)
        for name, column in columns.items()
    }
    return scores_of(sums, convention)


def _limits(drawn: Values) -> tuple[float, float]:
    if not len(drawn):
        return math.nan, math.nan
    low, high = np.percentile(drawn, PERCENTILES)
    return float(low), float(high)


def _p_value(drawn: Values, least: float) -> float:
    if not len(drawn) or np.isnan(drawn).any():
        return math.nan
    rarer = min(np.count_nonzero(drawn <= 0), np.count_nonzero(drawn >= 0))
    return min(1.0, max(least, 2 * (1 + int(rarer)) / (1 + len(drawn))))
