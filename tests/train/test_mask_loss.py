"""The loss: least where the mask is right, blind to maps of which nothing is known."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from socioseg.train.loss import mask_loss


def maps(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(4, 3, 8, 8, generator=random, requires_grad=True)
    masks = (torch.rand(4, 8, 8, generator=random) > 0.6).float()
    return logits, masks, torch.tensor([1, 2, 1, 2])


def right(masks: torch.Tensor, channels: torch.Tensor, *, exclusive: bool) -> torch.Tensor:
    logits = torch.full((4, 3, 8, 8), 0.0 if exclusive else -30.0)
    for index, channel in enumerate(channels.tolist()):
        logits[index, channel] = 60 * masks[index] - 30
        if exclusive:
            logits[index, 0] = 30 - 60 * masks[index]
    return logits


@pytest.mark.parametrize("exclusive", [True, False])
def test_the_right_mask_costs_nothing(*, exclusive: bool) -> None:
    logits, masks, channels = maps()
    answer = right(masks, channels, exclusive=exclusive)
    best = mask_loss(answer, masks, channels, exclusive=exclusive)
    assert best.item() == pytest.approx(0, abs=1e-4)
    assert mask_loss(logits, masks, channels, exclusive=exclusive).item() > 0.5


def test_other_maps_learn_nothing_unless_maps_exclude_each_other() -> None:
    logits, masks, channels = maps()
    mask_loss(logits, masks, channels, exclusive=False).backward()
    assert logits.grad is not None
    assert not logits.grad[:, 0].any()
    assert not logits.grad[0, 2].any()
    assert logits.grad[0, 1].any()
    logits.grad = None
    mask_loss(logits, masks, channels, exclusive=True).backward()
    assert logits.grad[:, 0].any()


@pytest.mark.parametrize("exclusive", [True, False])
def test_an_empty_mask_teaches_nothing_but_emptiness(*, exclusive: bool) -> None:
    logits, masks, channels = maps()
    loss = mask_loss(logits, torch.zeros_like(masks), channels, exclusive=exclusive)
    loss.backward()
    assert torch.isfinite(loss)
    assert logits.grad is not None
    assert torch.isfinite(logits.grad).all()
    assert (logits.grad[0, 1] > 0).all()


def test_of_places_that_cannot_be_told_apart_all_are_worth_answering() -> None:
    """One of three equal places is meant, each in turn: the entropy alone would say "none"."""
    masks = torch.zeros(3, 3, 10)
    for place in range(3):
        masks[place, place] = 1
    channels = torch.zeros(3, dtype=torch.long)
    none = torch.full((3, 1, 3, 10), -1.5)
    every = torch.full((3, 1, 3, 10), 1.5)
    losses = [mask_loss(answer, masks, channels, exclusive=False) for answer in (none, every)]
    entropies = [
        functional.binary_cross_entropy_with_logits(answer[:, 0], masks) for answer in (none, every)
    ]
    assert entropies[1] > entropies[0]
    assert losses[1] - entropies[1] < losses[0] - entropies[0]
