"""A chat engine that keeps what it wrote, token by token, to be learnt from."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.models.chat.local import LocalChat
from socioseg.models.weights import resolve

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from socioseg.models.chat.engine import Prompt


class Written(NamedTuple):
    """One reply as it was written.

    `tokens` are ids, the end token included; `logprobs` what each was worth to the model as it
    wrote it, at temperature 1; `length` is that of the prompt with its images, in tokens.
    """

    prompt: Prompt
    tokens: list[int]
    logprobs: list[float]
    length: int


class Sampler(LocalChat):
    """A `LocalChat` that tells what it wrote.

    Attributes
    ----------
    folder
        Where its weights lie.
    """

    def __init__(self, weights: str, revision: str = "", **options: Any) -> None:  # noqa: ANN401 - of LocalChat
        super().__init__(weights, revision, **options)
        self.folder: Path = resolve(weights, revision)
        self._kept: list[Written] | None = None
        self._heard: Heard | None = None

    @contextmanager
    def keeping(self) -> Iterator[list[Written]]:
        """Fill the list with all replies, in the order in which the prompts are asked."""
        kept: list[Written] = []
        self._kept = kept
        try:
            yield kept
        finally:
            self._kept = None

    @contextmanager
    def greedy(self) -> Iterator[None]:
        """Take the likeliest token always, as `socioseg bench` does at temperature 0."""
        before = self.generation
        self.generation = before.model_copy(update={"temperature": 0.0})
        try:
            yield
        finally:
            self.generation = before

    def write(self, prompts: Sequence[Prompt], inputs: dict[str, Any]) -> list[list[int]]:
        """See `LocalChat.write`."""
        rows = super().write(prompts, inputs)
        if self._kept is not None and self._heard is not None:
            lengths = inputs["attention_mask"].sum(dim=1).tolist()
            logprobs = self._heard.logprobs(rows)
            self._kept += map(Written, prompts, rows, logprobs, lengths)
        self._heard = None
        return rows

    def _steers(self, prompts: Sequence[Prompt], start: int) -> list[Any]:
        steers = super()._steers(prompts, start)
        if self._kept is None:
            return steers
        self._heard = Heard()
        return [self._heard, *steers]


class Heard:
    """A logits processor that changes nothing and remembers what each drawn token was worth."""

    def __init__(self) -> None:
        self._last: Tensor | None = None
        self._found: list[Tensor] = []

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """`scores` as they are, (rows, vocabulary)."""
        if self._last is not None:
            self._found.append(self._last.gather(1, input_ids[:, -1:]))
        self._last = scores.float().log_softmax(dim=-1)
        return scores

    def logprobs(self, rows: Sequence[Sequence[int]]) -> list[list[float]]:
        """Of each token of `rows`, which are what was written."""
        import torch  # noqa: PLC0415 - an extra

        if self._last is None:
            return [[] for _ in rows]
        steps = len(self._found)
        final = [row[steps] if len(row) > steps else 0 for row in rows]
        index = torch.tensor(final, device=self._last.device)[:, None]
        found = torch.cat([*self._found, self._last.gather(1, index)], dim=1).tolist()
        return [found[i][: len(row)] for i, row in enumerate(rows)]
