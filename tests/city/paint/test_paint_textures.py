"""Textures repeat, lie still on the ground, and are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from socioseg.city.paint.canvas import View
from socioseg.city.paint.textures import PERIOD, SPAN, laid, noise, patchwork, stand


def test_noise_has_mean_zero_and_deviation_one() -> None:
    texture = noise(3, 1.2, 5.0, 60.0)[:PERIOD, :PERIOD].astype(np.float64)
    assert texture.mean() == pytest.approx(0, abs=0.01)
    assert texture.std() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("edge", [0, 1])
def test_noise_repeats_without_a_seam(edge: int) -> None:
    texture = np.moveaxis(noise(3, 1.2, 5.0, 60.0), edge, 0).astype(np.float64)
    assert np.array_equal(texture[: SPAN - PERIOD], texture[PERIOD:])
    steps = np.abs(np.diff(texture, axis=0)).mean(axis=1)
    assert steps[PERIOD - 1] < 1.5 * steps.mean()


def test_shifted_views_see_the_same_ground() -> None:
    texture = noise(3, 1.2, 5.0, 60.0)
    one, other = View(17, 5000, 9000, 200, 200), View(17, 5050, 8990, 200, 200)
    assert np.array_equal(laid(texture, one)[:190, 50:], laid(texture, other)[10:, :150])


def test_patchwork_uses_every_tone_about_as_often() -> None:
    shares = np.bincount(patchwork(1, 20, 4).ravel(), minlength=4) / SPAN**2
    assert shares.min() > 0.1


def test_crowns_surround_their_trunks() -> None:
    trees = stand(1, 100)
    crown = (trees.rank <= 1)[200:800, 200:800]
    rows, columns = np.nonzero(crown)
    rows, columns = rows + 200, columns + 200
    down, right = trees.down[rows, columns], trees.right[rows, columns]
    at = trees.rank[rows + down, columns + right]
    assert 0.5 < crown.mean() < 1
    assert (at <= trees.rank[rows, columns]).mean() > 0.95  # the trunk, or a tree before it
    assert np.hypot(down, right).max() < 1.2 * PERIOD / 100


def test_crowns_are_bright_toward_the_sun() -> None:
    trees = stand(1, 40)
    crown = trees.rank <= 1
    sunny = crown & (trees.down < -3) & (trees.right < -3)  # the trunk lies to the north-west
    shady = crown & (trees.down > 3) & (trees.right > 3)
    assert trees.light[:, sunny].mean() > 1.2 * trees.light[:, shady].mean()
