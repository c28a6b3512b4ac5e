"""Intervals and p-values: what must hold, and one worked out another way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from plainloops import square

from socioseg.errors import UsageError
from socioseg.metrics import (
    CONVENTIONS,
    SampleStats,
    aggregate,
    bootstrap,
    paired_bootstrap,
    stats_of,
)


def run(shift: float, count: int = 60, seed: int = 0) -> list[SampleStats]:
    """Predictions that are moved by about `shift` pixels."""
    moves = np.random.default_rng(seed).normal(shift, 2, count).clip(0, 30).astype(int)
    return [stats_of(square(10, 5 + move, 20), square(10, 5, 20)) for move in moves.tolist()]


def test_the_value_is_that_of_all_samples() -> None:
    stats = run(5)
    intervals = bootstrap(stats, range(60), resamples=50)
    assert {name: each.value for name, each in intervals.items()} == aggregate(stats)


def test_an_interval_is_that_of_resampled_aggregates() -> None:
    stats, clusters = run(5), np.arange(60) // 3
    random = np.random.default_rng(11)
    values = []
    for _ in range(300):
        drawn = random.integers(20, size=20)
        chosen = [stats[i] for cluster in drawn for i in np.flatnonzero(clusters == cluster)]
        values.append(aggregate(chosen)["ciou"])
    found = bootstrap(stats, clusters, resamples=300, seed=11)["ciou"]
    assert found[1:] == pytest.approx(np.percentile(values, [2.5, 97.5]))


def test_the_seed_decides() -> None:
    stats = run(5)
    one, same, other = (bootstrap(stats, range(60), resamples=99, seed=s)["f1"] for s in (1, 1, 2))
    assert one == same != other


def test_an_interval_of_a_mean_is_near_the_normal_one() -> None:
    stats = run(5, count=400)
    ious = np.array([each.iou for each in stats])
    half = 1.96 * ious.std() / math.sqrt(400)
    found = bootstrap(stats, range(400))["giou"]
    assert found.low == pytest.approx(ious.mean() - half, abs=0.15 * half)
    assert found.high == pytest.approx(ious.mean() + half, abs=0.15 * half)


def test_samples_of_one_ground_widen_the_interval() -> None:
    stats = [each for each in run(5, count=40) for _ in range(5)]
    apart = bootstrap(stats, range(200))["giou"]
    together = bootstrap(stats, np.repeat(np.arange(40), 5))["giou"]
    assert together.high - together.low > 1.8 * (apart.high - apart.low)


def test_one_cluster_tells_nothing_of_the_spread() -> None:
    (value, low, high) = bootstrap(run(5), [0] * 60)["giou"]
    assert value > 0
    assert math.isnan(low)
    assert math.isnan(high)


def test_the_better_run_is_told_from_the_worse() -> None:
    found = paired_bootstrap(run(3), run(6, seed=1), range(60))["giou"]
    assert 0 < found.low < found.value < found.high
    assert found.p == pytest.approx(2 / 2001)


def test_exchanging_the_runs_turns_the_difference_round() -> None:
    one, other = run(5), run(5, seed=1)
    there = paired_bootstrap(one, other, range(60))["f1"]
    back = paired_bootstrap(other, one, range(60))["f1"]
    assert back[:3] == pytest.approx((-there.value, -there.high, -there.low))
    assert back.p == there.p


def test_a_run_does_not_differ_from_itself() -> None:
    found = paired_bootstrap(run(5), run(5), range(60))
    assert all(each == (0, 0, 0, 1) for each in found.values())


def test_what_is_hard_for_both_drops_out() -> None:
    hard = run(8, count=100)
    easier = [each._replace(intersection=each.intersection + 4) for each in hard]
    found = paired_bootstrap(easier, hard, range(100))["giou"]
    alone = bootstrap(hard, range(100))["giou"]
    assert found.high - found.low < 0.3 * (alone.high - alone.low)


def test_p_values_of_runs_that_do_not_differ_are_spread_evenly() -> None:
    values = [
        paired_bootstrap(run(5, 50, seed), run(5, 50, seed + 500), range(50), resamples=199)
        for seed in range(80)
    ]
    p = np.array([each["giou"].p for each in values])
    assert 0 <= np.mean(p < 0.05) < 0.16
    assert 0.35 < p.mean() < 0.65


@pytest.mark.parametrize(("clusters", "least"), [(2, 0.5), (4, 0.125), (30, 2 / 2001)])
def test_few_clusters_cannot_tell_much(clusters: int, least: float) -> None:
    found = paired_bootstrap(run(1), run(9, seed=1), np.arange(60) % clusters)["giou"]
    assert found.p == pytest.approx(least)


def test_a_convention_is_resampled_by_its_own_names() -> None:
    found = bootstrap(run(5), range(60), CONVENTIONS["everest"], resamples=50)
    assert set(found) == {"giou", "ciou", "f1", "iou"}
    assert found["ciou"].low < found["ciou"].value < found["ciou"].high


def test_samples_and_clusters_must_be_as_many() -> None:
    with pytest.raises(UsageError, match="60 and 59 samples and 60 clusters"):
        paired_bootstrap(run(5), run(5, count=59), range(60))
