"""Splits: apart on the ground, in the shares asked for, little given up."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
import toy
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.build.plan.splits import SPLITS, split_samples
from socioseg.errors import UsageError
from socioseg.sample import Level

if TYPE_CHECKING:
    from socioseg.build.plan.samples import Planned

PIXELS = st.integers(0, 12_000)
samples_anywhere = st.lists(
    st.tuples(PIXELS, PIXELS, st.sampled_from(["park", "school", "bank"]), st.sampled_from("ABCD")),
    min_size=30,
    max_size=80,
    unique_by=lambda row: row[:2],
).map(
    lambda rows: [
        toy.planned(i, x, y, name=name * (i % 3 == 0), kind=kind)
        for i, (x, y, kind, name) in enumerate(rows)
    ]
)


def _in_conflict(a: Planned, b: Planned) -> bool:
    same_name = a.level is b.level is Level.NAME and a.problem.casefold() == b.problem.casefold()
    return a.window.overlaps(b.window) or bool(set(a.osm_ids) & set(b.osm_ids)) or same_name


@settings(max_examples=25, deadline=None)
@given(samples_anywhere)
def test_blocks_keep_splits_apart(samples: list[Planned]) -> None:
    recipe = toy.recipe(split={"method": "blocks", "max_given_up": 1.0})
    try:
        splits = split_samples(samples, recipe).splits
    except UsageError:
        return  # a split would be empty, and it says so
    pairs = itertools.combinations(zip(samples, splits, strict=True), 2)
    assert not [
        (a.id, b.id) for (a, s), (b, t) in pairs if s and t and s != t and _in_conflict(a, b)
    ]


def _scattered(count: int, side: int) -> list[Planned]:
    random = np.random.default_rng(3)
    places = random.integers(0, side, (count, 2)).tolist()
    kinds = random.choice(["school", "park", "bank", "shop"], count, p=[0.4, 0.3, 0.2, 0.1])
    return [toy.planned(i, x, y, kind=str(kinds[i])) for i, (x, y) in enumerate(places)]


def test_blocks_give_up_little_and_keep_shares() -> None:
    result = split_samples(_scattered(600, 20_000), toy.recipe(split={"method": "blocks"}))
    assert result.method == "blocks"
    assert result.given_up < 0.15
    assert result.class_distance < 0.1
    assert [result.shares[s] for s in SPLITS] == pytest.approx([0.6, 0.1, 0.3], abs=0.05)


def test_random_splits_are_stratified_to_the_sample() -> None:
    samples = _scattered(500, 900)
    result = split_samples(samples, toy.recipe(split={"method": "random"}))
    by_class: defaultdict[str, Counter[str | None]] = defaultdict(Counter)
    for sample, split in zip(samples, result.splits, strict=True):
        by_class[sample.socio_class][split] += 1
    assert result.given_up == 0
    for counts in by_class.values():
        shares = [counts[split] / counts.total() for split in SPLITS]
        assert shares == pytest.approx([0.6, 0.1, 0.3], abs=0.03)


def test_a_small_region_goes_random_only_where_that_is_allowed() -> None:
    crowded = _scattered(40, 300)
    assert split_samples(crowded, toy.recipe()).method == "random"
    with pytest.raises(UsageError, match="--split random"):
        split_samples(crowded, toy.recipe(split={"method": "blocks"}))


def test_order_of_samples_does_not_matter_to_random() -> None:
    samples = _scattered(100, 9_000)
    recipe = toy.recipe(split={"method": "random"})
    forward = dict(zip(samples, split_samples(samples, recipe).splits, strict=True))
    backward = dict(zip(samples[::-1], split_samples(samples[::-1], recipe).splits, strict=True))
    assert forward == backward
