"""Drawing tokens: each row by its own seed, whatever else is in the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from socioseg.models.chat.generation import Generation


class Draw:
    """A logits processor after which the likeliest token is one drawn at random.

    A row's draws are uniform numbers of its own seed, one a token, turned into tokens by the
    inverse of the cumulative probability. So they depend on no other row, and a logit that is
    off by a rounding error changes a token only where the number falls beside an edge.
    """

    def __init__(self, settings: Generation, seeds: Sequence[int], start: int) -> None:
        """Draw for each of `seeds`, after prompts of `start` tokens."""
        self._settings, self._start, tokens = settings, start, settings.max_tokens
        # in (0, 1]: with 0 excluded, a token of no probability is never drawn
        draws = [1 - np.random.default_rng(seed).random(tokens, dtype=np.float32) for seed in seeds]
        self._draws: NDArray[np.float32] | Tensor = np.stack(draws, axis=1)

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """All of (rows, vocabulary) is -inf but the token drawn in each row."""
        import torch  # noqa: PLC0415 - an extra

        step = input_ids.shape[1] - self._start
        # all of them go there at once: each copy waits for the GPU
        self._draws = torch.as_tensor(self._draws, device=scores.device)
        draws = self._draws[step][:, None]
        shares = probabilities(scores.float(), self._settings).cumsum(dim=-1)
        drawn = torch.searchsorted(shares, draws * shares[:, -1:])
        drawn.clamp_(max=scores.shape[1] - 1)  # it finds no place among what is no number
        return torch.full_like(scores, -torch.inf).scatter_(1, drawn, 0.0)


def probabilities(scores: Tensor, settings: Generation) -> Tensor:
    """Of each token of (rows, vocabulary) logits, with those left out that `settings` cuts off."""
    scores = scores / settings.temperature
    if 0 < settings.top_k < scores.shape[-1]:
        least = scores.topk(settings.top_k).values[:, -1:]
        scores = scores.masked_fill(scores < least, float("-inf"))
    shares = scores.softmax(dim=-1)
    if settings.top_p < 1:
        ordered, order = shares.sort(dim=-1, descending=True, stable=True)
        cut = ordered.cumsum(dim=-1) - ordered >= settings.top_p
        cut[:, 0] = False
        shares = shares.masked_fill(cut.gather(1, order.argsort(dim=-1)), 0.0)
    return shares
