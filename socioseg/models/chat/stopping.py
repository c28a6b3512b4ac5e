"""Ending a reply at a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from socioseg.models.chat.generation import Generation


class Stop:
    """A stopping criterion: each row ends once its last tokens hold a stop text.

    Texts are looked for in what the tokens spell together, wherever a token ends.
    """

    def __init__(self, tokenizer: Any, settings: Generation, start: int) -> None:  # noqa: ANN401 - untyped
        """Look for the stop texts of `settings` after prompts of `start` tokens."""
        self._tokenizer, self._settings, self._start = tokenizer, settings, start
        # A token spells a byte at least, and the last one may spell more than the text's end.
        self._window = 1 + max((len(text.encode()) for text in settings.stop), default=0)

    def __call__(self, input_ids: Tensor, _scores: Any, **_: Any) -> Tensor:  # noqa: ANN401 - not looked at
        """(rows,) bool: which rows have ended."""
        import torch  # noqa: PLC0415 - an extra

        first = max(self._start, input_ids.shape[1] - self._window)
        texts = self._tokenizer.batch_decode(input_ids[:, first:], skip_special_tokens=True)
        ended = [self._settings.ends_at(text) is not None for text in texts]
        return torch.tensor(ended, device=input_ids.device)
