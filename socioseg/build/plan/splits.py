"""Splits: train, validation and test, apart on the ground or at random."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from socioseg.build.plan.balance import class_table
from socioseg.build.plan.geographic import DROPPED, geographic_split
from socioseg.build.plan.windows import stable_random
from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.build.plan.samples import Planned
    from socioseg.build.recipe import BuildRecipe

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Splitting:
    """The split of every sample (None: given up), and what that cost.

    `given_up` is the share of planned samples left out, `class_distance` the largest total
    variation distance between the class shares of a split and those of all; a small split of many
    classes cannot come close, and `random_distance` tells what a stratified random split reaches.
    """

    method: Literal["blocks", "random"]
    splits: list[str | None]
    shares: dict[str, float]
    given_up: float
    class_distance: float
    random_distance: float


def split_samples(samples: Sequence[Planned], recipe: BuildRecipe) -> Splitting:
    """Split `samples` as the recipe says.

    Raises
    ------
    UsageError
        If `blocks` was asked for and would leave a split empty or give up too many samples.
    """
    if recipe.split.method == "random":
        return _describe("random", samples, _random(samples, recipe), recipe)
    split = geographic_split(samples, _classes(samples), recipe).tolist()
    result = _describe("blocks", samples, split, recipe)
    empty = [name for name in SPLITS if not result.shares[name]]
    if not empty and result.given_up <= recipe.split.max_given_up:
        return result
    if recipe.split.method == "auto":
        return _describe("random", samples, _random(samples, recipe), recipe)
    trouble = (
        f"leave {empty[0]} empty" if empty else f"give up {result.given_up:.0%} of the samples"
    )
    raise UsageError(
        f"geographic blocks would {trouble}: the region is too small or too dense for them; "
        "use --split random, a larger region, or a higher split.max_given_up."
    )


def _random(samples: Sequence[Planned], recipe: BuildRecipe) -> list[int]:
    """Splits at random, each class in the shares asked for as closely as counts allow."""
    shares = np.array(recipe.split.shares)
    order = sorted(
        range(len(samples)),
        key=lambda i: (
            samples[i].level,
            samples[i].socio_class,
            samples[i].socio_function,
            stable_random(recipe.seed, "split", samples[i].id).random(),
        ),
    )
    split = [0] * len(samples)
    counts = np.zeros(len(SPLITS))
    for position, i in enumerate(order, start=1):
        split[i] = int(np.argmax(shares * position - counts))
        counts[split[i]] += 1
    return split


def _classes(samples: Sequence[Planned]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The class of each sample as a number; function-level samples count by function."""
    numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers))
    return np.array([numbers[s.socio_class or s.socio_function] for s in samples], dtype=np.int64)


def _describe(
    method: Literal["blocks", "random"],
    samples: Sequence[Planned],
    split: Sequence[int],
    recipe: BuildRecipe,
) -> Splitting:
    classes = _classes(samples)
    names = [None if s == DROPPED else SPLITS[s] for s in split]
    counts = Counter(name for name in names if name)
    kept = max(1, counts.total())
    return Splitting(
        method=method,
        splits=names,
        shares={name: counts[name] / kept for name in SPLITS},
        given_up=1 - counts.total() / max(1, len(samples)),
        class_distance=class_distance(np.array(split), classes),
        random_distance=class_distance(np.array(_random(samples, recipe)), classes),
    )


def class_distance(split: np.ndarray, classes: np.ndarray) -> float:
    """Largest total variation distance (0 to 1) of a split's class shares from those of all."""
    kept = split != DROPPED
    if not kept.any():
        return 0.0
    table = class_table(split[kept], classes[kept], len(SPLITS))
    table = table[table.sum(axis=1) > 0]
    overall = table.sum(axis=0) / table.sum()
    shares = table / table.sum(axis=1, keepdims=True)
    return float(np.abs(shares - overall).sum(axis=1).max() / 2)
