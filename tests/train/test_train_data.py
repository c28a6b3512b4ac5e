"""What a training draws: by seed and place alone, every sample once an epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from dataset.tiny import make_dataset, make_row

from socioseg.bench.openset import open_samples
from socioseg.errors import DatasetError
from socioseg.models.supervised.spec import Spec, UnetSpec, Word
from socioseg.sample import Level
from socioseg.train.data import Draws, Stock, collate, shown, stock, words_of
from socioseg.train.settings import AugmentSettings

if TYPE_CHECKING:
    from pathlib import Path

NET = UnetSpec(kind="unet", decoder=(16, 16, 16))
COUNT = 7


def a_stock() -> Stock:
    pixels = np.zeros((COUNT, 4, 8, 8), dtype=np.uint8)
    return Stock(pixels, np.arange(COUNT))


def test_each_epoch_draws_every_sample_once_in_another_order() -> None:
    draws = Draws(a_stock(), AugmentSettings(), seed=3, length=3 * COUNT)
    drawn = [draws[place].channel for place in range(len(draws))]
    epochs = [drawn[i : i + COUNT] for i in range(0, len(drawn), COUNT)]
    assert all(sorted(epoch) == list(range(COUNT)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


def test_a_draw_depends_on_seed_and_place_alone() -> None:
    store = a_stock()
    store.pixels[:] = np.random.default_rng(0).integers(0, 255, store.pixels.shape)
    one, other = (Draws(store, AugmentSettings(), seed=1, length=30) for _ in range(2))
    list(map(other.__getitem__, (29, 3, 17)))
    assert torch.equal(one[20].pixels, other[20].pixels)
    assert torch.equal(one[20].mask, other[20].mask)
    assert not torch.equal(one[20].pixels, Draws(store, AugmentSettings(), 2, 30)[20].pixels)


def test_a_batch_stacks() -> None:
    draws = Draws(a_stock(), AugmentSettings(), seed=0, length=4)
    batch = collate([draws[place] for place in range(4)])
    assert batch["pixels"].shape == (4, 3, 8, 8)
    assert batch["masks"].shape == (4, 8, 8)
    assert batch["channels"].dtype == torch.int64


def test_words_are_the_queries_and_one_for_all_names(colours: Path) -> None:
    samples = open_samples(str(colours), "train")
    found = words_of(samples, samples.index())
    assert [(str(word.level), word.text) for word in found] == [
        ("class", "bank"),
        ("class", "school"),
        ("function", "commercial service"),
        ("function", "educational"),
        ("name", ""),
    ]


def test_what_there_is_no_map_for_is_not_stocked(colours: Path, tmp_path: Path) -> None:
    samples = open_samples(str(colours), "train")
    words = (Word.of(Level.CLASS, "School"),)
    spec = Spec(network=NET, setting="multi-label", size=32, words=words)
    store = stock(samples, samples.index(), spec, tmp_path / "w" / "train.npy", lambda _: None)
    assert store.pixels.shape == (4, 4, 32, 32)
    assert store.channels.tolist() == [0] * 4
    assert (store.pixels[:, 0] > 200)[store.pixels[:, -1] == 255].all()  # schools are red
    other = open_samples(str(colours), "validation")
    seen = shown(other, other.index(), spec, lambda _: None)
    assert [sample.channel for sample in seen].count(None) == 10


def test_a_broken_sample_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rows = [("train", make_row(Level.CLASS, "train", number)) for number in range(3)]
    rows[1][1]["sat_image"] = b"not an image"
    make_dataset(tmp_path / "data", rows)
    samples = open_samples(str(tmp_path / "data"), "train")
    spec = Spec(network=NET, size=32)
    store = stock(samples, samples.index(), spec, tmp_path / "train.npy", lambda _: None)
    assert len(store.channels) == 2
    assert "1 samples of train are left out" in caplog.text
    key = samples.index()[1:2]
    with pytest.raises(DatasetError, match="no sample to train on"):
        stock(samples, key, spec, tmp_path / "train.npy", lambda _: None)
    with pytest.raises(DatasetError, match="no sample to validate on"):
        shown(samples, key, spec, lambda _: None)
