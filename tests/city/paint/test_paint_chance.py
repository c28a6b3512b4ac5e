"""Chance depends on the seed and the name alone."""

from __future__ import annotations

import numpy as np

from socioseg.city.paint.chance import ROLLS, generator, rolls, scatter


def test_rolls_are_known_numbers() -> None:
    assert rolls(0, "way/1")[:2] == (278744563 / 2**32, 1687347023 / 2**32)  # BLAKE2b of "0/way/1"
    assert len(rolls(0, "way/1")) == ROLLS
    assert all(0 <= roll < 1 for roll in rolls(0, "way/1"))


def test_seed_and_name_change_every_roll() -> None:
    assert not set(rolls(0, "way/1")) & set(rolls(1, "way/1"))
    assert not set(rolls(0, "way/1")) & set(rolls(0, "way/2"))


def test_generator_repeats() -> None:
    assert generator(1, "a").random() == generator(1, "a").random()
    assert generator(1, "a").random() != generator(1, "b").random()


def test_scatter_is_even_and_depends_on_each_key_alone() -> None:
    numbers = scatter(np.full(10_000, 0.3), np.arange(10_000))
    assert np.histogram(numbers, 10, (0, 1))[0].min() > 850
    assert numbers[77] == scatter(np.array([0.3]), np.array([77]))[0]
    assert np.corrcoef(numbers[1:], numbers[:-1])[0, 1] < 0.05
