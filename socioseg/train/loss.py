"""The loss: cross-entropy, and the share of the union that is missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor


def mask_loss(logits: Tensor, masks: Tensor, channels: Tensor, *, exclusive: bool) -> Tensor:
    """Mean cross-entropy, and mean soft Jaccard distance of the samples that have a mask.

    The second is what makes a network answer at all where it cannot know which of several places
    is meant: each is then less likely than not, and cross-entropy alone would say "nothing".

    Parameters
    ----------
    logits
        (N, channels, H, W).
    masks
        (N, H, W), the share of each pixel that is true.
    channels
        (N,), which map each sample's mask belongs to. Of the other maps nothing is known, unless
        they are `exclusive`.
    exclusive
        Whether each pixel is of one channel, of which the first is the background.
    """
    if exclusive:
        classes = torch.where(masks >= 0.5, channels[:, None, None], 0)
        entropy = functional.cross_entropy(logits, classes)
        logits = logits.log_softmax(dim=1)
        chosen = _chosen(logits, channels).exp()
    else:
        chosen = _chosen(logits, channels)
        entropy = functional.binary_cross_entropy_with_logits(chosen, masks)
        chosen = chosen.sigmoid()
    return entropy + _jaccard_distance(chosen, masks)


def _chosen(maps: Tensor, channels: Tensor) -> Tensor:
    return maps[torch.arange(len(maps), device=maps.device), channels]


def _jaccard_distance(probability: Tensor, masks: Tensor) -> Tensor:
    true = masks.sum(dim=(1, 2))
    both = (probability * masks).sum(dim=(1, 2))
    union = probability.sum(dim=(1, 2)) + true - both
    some = (true > 0).to(union)
    return ((1 - both / union.clamp(min=1e-6)) * some).sum() / some.sum().clamp(min=1)
