"""The terms of GRPO, each a function of tensors: advantage, clipped ratio, divergence, means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch

if TYPE_CHECKING:
    from torch import Tensor

EPSILON = 1e-6
"""Added to the standard deviation of a group."""


def advantages(
    rewards: Tensor, *, reward_clip: float = 0.0, std: bool = False, clip: float = 0.0
) -> Tensor:
    """How much better each completion is than its group.

    Parameters
    ----------
    rewards
        (groups, completions).
    reward_clip
        Bound of the rewards; 0 for none.
    std
        Whether to divide by the group's standard deviation (of a sample, n - 1) plus 1e-6.
    clip
        Bound of the outcome; 0 for none.
    """
    found = _bounded(rewards, reward_clip)
    found = found - found.mean(dim=1, keepdim=True)
    if std:
        # not rewards.std: a group that is all equal must give zeros, not rounding errors enlarged
        variance = found.square().sum(dim=1, keepdim=True) / (found.shape[1] - 1)
        found = found / (variance.sqrt() + EPSILON)
    return _bounded(found, clip)


def surrogate(new: Tensor, old: Tensor, advantage: Tensor, clip: float) -> tuple[Tensor, Tensor]:
    """The clipped loss of each token, and which of them the clip holds back.

    Parameters
    ----------
    new, old
        (B, T) log-probabilities under the policy as it is, and as it was in the rollout.
    advantage
        (B,) of each sequence.
    clip
        By how much the ratio may move from 1 and still count.

    Returns
    -------
    loss
        (B, T): minus the smaller of ratio times advantage, and the same with the ratio clipped.
    held
        (B, T) bool: where that is the clipped one, which has no gradient.
    """
    ratio = (new - old).exp()
    gain = advantage[:, None] * ratio
    bounded = advantage[:, None] * ratio.clamp(1 - clip, 1 + clip)
    return -torch.minimum(gain, bounded), bounded < gain


def divergence(
    new: Tensor,
    reference: Tensor,
    estimator: Literal["k1", "k2", "k3"] = "k3",
    clamp: float = 0.0,
) -> Tensor:
    """An estimate of KL(policy || reference) at each token, from tokens of the policy.

    With d = log p(reference) - log p(policy): k1 = -d, k2 = d^2 / 2, k3 = exp(d) - d - 1, which is
    never negative and has the right mean (J. Schulman, "Approximating KL divergence").

    Parameters
    ----------
    new, reference
        (B, T) log-probabilities.
    clamp
        Bound of the outcome; 0 for none.
    """
    d = reference - new
    if estimator == "k1":
        return _bounded(-d, clamp)
    if estimator == "k2":
        return _bounded(d.square() / 2, clamp)
    return _bounded(d.exp() - d - 1, clamp)


def of_sequences(values: Tensor, mask: Tensor, how: Literal["token_sum", "token_mean"]) -> Tensor:
    """Sum or mean of (B, T) `values` over the tokens that `mask` marks: (B,); 0 for none."""
    sums = torch.where(mask, values, 0.0).sum(dim=1)
    return sums if how == "token_sum" else sums / mask.sum(dim=1).clamp(min=1)


def _bounded(values: Tensor, bound: float) -> Tensor:
    return values.clamp(-bound, bound) if bound else values
