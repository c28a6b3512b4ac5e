"""Picking tokens from logits, so that a GPU seldom has to wait for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.models.chat.grammar import Held

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Tensor

    Steer = Callable[[Tensor, Tensor], Tensor]
    Stop = Callable[[Tensor, Any], Tensor]

GLANCE = 8
"""Tokens between two looks at whether every row has ended, for a look waits for the GPU."""


class Limits(NamedTuple):
    """How long a reply may be, and the ids of its special tokens.

    Those of `ends` end it, `pad` fills up behind it, and `unwritten` never stand in it.
    """

    tokens: int
    ends: Sequence[int]
    pad: int
    unwritten: Sequence[int]


class Picker:
    """Picks the next token of each row, and keeps what is written."""

    def __init__(
        self, ids: Tensor, limits: Limits, steers: Sequence[Steer], stops: Sequence[Stop]
    ) -> None:
        import torch  # noqa: PLC0415 - an extra

        self._limits, self._steers, self._stops = limits, steers, stops
        self._start = self._now = ids.shape[1]
        self._ids = ids.new_full((ids.shape[0], self._now + limits.tokens), limits.pad)
        self._ids[:, : self._now] = ids
        self._ends = ids.new_tensor([*limits.ends])
        self._unwritten = ids.new_tensor([*limits.unwritten])
        self._ended = torch.zeros(ids.shape[0], dtype=torch.bool, device=ids.device)
        self._sent: tuple[Tensor, Any] | None = None

    @property
    def written(self) -> Tensor:
        """(rows, tokens) so far."""
        return self._ids[:, self._start : self._now]

    def pick(self, logits: Tensor) -> Tensor:
        """(rows,) the tokens that come next."""
        import torch  # noqa: PLC0415 - an extra

        scores = logits.to(torch.float32, copy=True)
        scores.index_fill_(1, self._unwritten, -torch.inf)
        for steer in self._steers:
            scores = steer(self._ids[:, : self._now], scores)
        token = scores.argmax(dim=-1).masked_fill(self._ended, self._limits.pad)
        self._ids[:, self._now] = token
        self._now += 1
        self._ended |= (token[:, None] == self._ends).any(dim=1)
        for stop in self._stops:
            self._ended |= stop(self._ids[:, : self._now], None)
        self._send(token)
        return token

    def is_over(self) -> bool:
        """Whether all is written; an early end is not noticed at once."""
        count = self._now - self._start
        if count == self._limits.tokens:
            return True
        return count % GLANCE == 0 and bool(self._ended.all())

    def tell(self) -> None:
        """Tell steers that work on the CPU what was picked, so that they do while the GPU does."""
        if self._sent is None:
            return
        token, sent = self._sent
        if sent is not None:
            sent.synchronize()
        for steer in self._steers:
            if isinstance(steer, Held):
                steer.foresee(token.tolist())

    def _send(self, token: Tensor) -> None:
        """Let `token` be on its way to the CPU before the GPU has more to do."""
        import torch  # noqa: PLC0415 - an extra

        if not any(isinstance(steer, Held) for steer in self._steers):
            return
        there = token.to("cpu", non_blocking=True)
        self._sent = there, torch.cuda.current_stream().record_event() if token.is_cuda else None
