"""Augmentation: mask and images stay on each other, whatever is drawn."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from socioseg.train.augment import augment
from socioseg.train.settings import AugmentSettings

OFF = AugmentSettings(flips=False, turns=False, scale=1.0, jitter=0.0)


def sample(seed: int, side: int, bands: int) -> torch.Tensor:
    """Every band repeats the mask, so that all must stay equal to it."""
    random = np.random.default_rng(seed)
    mask = torch.from_numpy(random.random((side, side)) > 0.7).float()
    return mask.expand(bands + 1, side, side).clone()


@given(
    seed=st.integers(0, 2**32),
    side=st.integers(8, 40),
    bands=st.sampled_from([3, 6]),
    flips=st.booleans(),
    turns=st.booleans(),
    scale=st.floats(0.3, 1.0),
)
def test_all_bands_move_as_the_mask_does(
    seed: int, side: int, bands: int, *, flips: bool, turns: bool, scale: float
) -> None:
    settings = AugmentSettings(flips=flips, turns=turns, scale=scale, jitter=0.0)
    before = sample(seed, side, bands)
    kept = before.clone()
    after = augment(before, settings, np.random.default_rng(seed))
    assert torch.equal(before, kept)
    assert after.shape == before.shape
    assert torch.equal(after, after[-1:].expand_as(after))
    assert 0 <= after.min() <= after.max() <= 1


@given(seed=st.integers(0, 2**32), jitter=st.floats(0.01, 0.9))
def test_jitter_changes_the_satellite_image_alone(seed: int, jitter: float) -> None:
    before = torch.from_numpy(np.random.default_rng(seed).random((7, 9, 9))).float()
    settings = OFF.model_copy(update={"jitter": jitter})
    after = augment(before, settings, np.random.default_rng(seed))
    assert torch.equal(after[3:], before[3:])
    assert not torch.equal(after[:3], before[:3])
    assert 0 <= after.min() <= after.max() <= 1


def test_without_settings_nothing_changes() -> None:
    before = sample(0, 16, 3)
    assert torch.equal(augment(before, OFF, np.random.default_rng(0)), before)


def test_flips_and_turns_reach_all_eight_symmetries() -> None:
    settings = OFF.model_copy(update={"flips": True, "turns": True})
    before = torch.arange(9.0).reshape(1, 3, 3).expand(4, 3, 3) / 8
    random = np.random.default_rng(0)
    found = {tuple(augment(before, settings, random)[-1].flatten().tolist()) for _ in range(100)}
    assert len(found) == 8


def test_a_crop_enlarges() -> None:
    settings = OFF.model_copy(update={"scale": 0.5})
    before = torch.zeros(4, 32, 32)
    before[:, 12:20, 12:20] = 1
    random = np.random.default_rng(1)
    areas = [float(augment(before, settings, random)[-1].sum()) for _ in range(20)]
    assert max(areas) > 1.5 * 64
