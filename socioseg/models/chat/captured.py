"""Writing replies in steps of one shape, which a GPU captures once and then repeats.

A step of a language model is a thousand small orders, and giving them takes a CPU several times as
long as carrying them out takes a GPU. So the step is recorded, with its cache of keys and values,
as one CUDA graph; whatever picks the next token runs behind it. On a CPU the same step just runs.
"""

from __future__ import annotations

import inspect
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from socioseg.models.chat.picking import Picker

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from torch import Tensor

    from socioseg.models.chat.picking import Limits, Steer, Stop

log = logging.getLogger(__name__)

ROOM = 256
"""The room of a cache is a multiple of this many tokens, so that few shapes come up."""
WASTE = 1.25
"""A step with room to spare is used again if it has no more than this multiple of what is wanted:
its attention looks at all of the room."""
KEPT = 2
"""Steps that are kept: those of both stages' prompts."""


def can_capture(model: Any, inputs: Any) -> bool:  # noqa: ANN401 - transformers'
    """Whether positions after these prompts are known: Qwen's own, of prompts with images."""
    return hasattr(getattr(model, "model", None), "rope_deltas") and "image_grid_thw" in inputs


class Writer:
    """Writes as `generate` does when it takes the likeliest token."""

    def __init__(self, model: Any) -> None:  # noqa: ANN401 - transformers'
        self._model = model
        self._steps: list[Step] = []

    def write(
        self,
        inputs: Any,  # noqa: ANN401 - BatchFeature
        limits: Limits,
        steers: Sequence[Steer],
        stops: Sequence[Stop],
        rows: Sequence[int] | None = None,
    ) -> Tensor:
        """(rows, tokens) the replies to `inputs`, each filled up behind its end.

        `steers` are logits processors, `stops` stopping criteria of transformers. Where several
        replies to a prompt are wanted, `rows` says of each which row of `inputs` it answers, and
        a prompt is read once.
        """
        import torch  # noqa: PLC0415 - an extra

        with torch.no_grad():
            ids = inputs["input_ids"]
            index = torch.tensor(range(len(ids)) if rows is None else rows, device=ids.device)
            step = self._step(len(index), ids.shape[1] + limits.tokens)
            picker = Picker(ids[index], limits, steers, stops)
            token = picker.pick(step.begin(inputs, index))
            while not picker.is_over():
                logits = step.follow(token)
                picker.tell()
                token = picker.pick(logits)
            return picker.written

    def forget(self) -> None:
        """Let go of the memory that is kept for more replies."""
        self._steps = []

    def _step(self, rows: int, length: int) -> Step:
        """One with this many rows and enough room, the least recently used given up for it."""
        room = -(-length // ROOM) * ROOM
        fitting = [s for s in self._steps if s.rows == rows and room <= s.room <= WASTE * room]
        if not fitting:
            self._steps = self._steps[1 - KEPT :]
            fitting = [Step(self._model, rows, room)]
        found = fitting[0]
        self._steps = [*(step for step in self._steps if step is not found), found]
        return found


class Step:
    """One token more for each row, always in the same places of memory."""

    def __init__(self, model: Any, rows: int, room: int) -> None:  # noqa: ANN401 - transformers'
        import torch  # noqa: PLC0415 - an extra
        from transformers import StaticCache  # noqa: PLC0415 - an extra

        self._model, self.rows, self.room = model, rows, room
        self._config = model.config.get_text_config()
        self._name = "cache" if "cache" in inspect.signature(model.forward).parameters else OLD_NAME
        self._cache = StaticCache(config=self._config, max_cache_len=room)
        whole = {"dtype": torch.long, "device": model.device}
        self._token = torch.zeros(rows, 1, **whole)
        self._position = torch.zeros(3, rows, 1, **whole)
        self._place = torch.zeros(1, **whole)
        self._visible = torch.zeros(rows, 1, 1, room, dtype=torch.bool, device=model.device)
        self._logits: Any = None
        self._graph = self._capture() if model.device.type == "cuda" else None

    def begin(self, inputs: Any, index: Tensor) -> Tensor:  # noqa: ANN401 - BatchFeature
        """(rows, vocabulary) logits of the first token after the prompt that each row answers.

        The prompts fill a cache of just their length: attention over empty room costs time, and
        where no row is padded it needs no mask.
        """
        from transformers import DynamicCache  # noqa: PLC0415 - an extra

        filled = DynamicCache(config=self._config)
        logits = self._ask(filled, **inputs)
        mask = inputs["attention_mask"].bool()[index]
        length = mask.shape[1]
        for mine, layer in zip(self._cache.layers, filled.layers, strict=True):
            if not mine.is_initialized:
                mine.lazy_initialization(layer.keys[index], layer.values[index])
            mine.keys[:, :, :length] = layer.keys[index]
            mine.values[:, :, :length] = layer.values[index]
            mine.cumulative_length.fill_(length)
        self._visible.zero_()
        self._visible[:, 0, 0, :length] = mask
        deltas = self._model.model.rope_deltas[index]
        self._position.copy_((mask.sum(dim=1, keepdim=True) + deltas)[None])
        self._place.fill_(length)
        return logits[index]

    def _ask(self, cache: Any, **inputs: Any) -> Tensor:  # noqa: ANN401 - transformers'
        cached = {self._name: cache, "use_cache": True, "logits_to_keep": 1}
        logits: Tensor = self._model(**inputs, **cached).logits[:, -1]
        return logits

    def follow(self, token: Tensor) -> Tensor:
        """(rows, vocabulary) logits after `token`, (rows,); they change with the next call."""
        self._token.copy_(token[:, None])
        if self._graph is None:
            self._run()
        else:
            self._graph.replay()
        found: Tensor = self._logits
        return found

    def _run(self) -> None:
        self._visible.index_fill_(3, self._place, value=True)
        with grouped_heads(self._model.model.language_model.config):
            self._logits = self._ask(
                self._cache,
                input_ids=self._token,
                position_ids=self._position,
                attention_mask=self._visible,
            )
        self._position.add_(1)
        self._place.add_(1)

    def _capture(self) -> Any:  # noqa: ANN401 - a CUDA graph
        """The step as a graph; None where it cannot be one, and is run order by order."""
        import torch  # noqa: PLC0415 - an extra

        aside: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        graph = torch.cuda.CUDAGraph()
        aside.wait_stream(torch.cuda.current_stream())
        try:
            with torch.no_grad(), torch.cuda.stream(aside):
                for _ in range(2):  # libraries allocate at their first calls
                    self._run()
            torch.cuda.current_stream().wait_stream(aside)
            with torch.no_grad(), torch.cuda.graph(graph):
                self._run()
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            log.warning("The step cannot be captured, and runs slowly: %s", error)
            return None
        return graph


OLD_NAME = "past_key_values"
"""What the cache is called before transformers 5.24."""


@contextmanager
def grouped_heads(config: Any) -> Iterator[None]:  # noqa: ANN401 - of the text model
    """Let attention inside take keys and values as they are kept, where it was `sdpa`."""
    if config._attn_implementation != "sdpa":  # noqa: SLF001 - no other place says
        yield
        return
    from transformers import AttentionInterface  # noqa: PLC0415 - an extra

    AttentionInterface.register(GROUPED, attend_in_groups)
    config._attn_implementation = GROUPED  # noqa: SLF001 - the public method asks the Hub
    try:
        yield
    finally:
        config._attn_implementation = "sdpa"  # noqa: SLF001 - as above


GROUPED = "grouped_heads"
"""Name of the attention of a step."""


def attend_in_groups(
    _module: Any,  # noqa: ANN401 - as transformers calls it
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor,
    scaling: float | None = None,
    **_others: Any,  # noqa: ANN401 - what other implementations want
) -> tuple[Tensor, None]:
    """Attention of one token of each row, whose heads share keys and values in groups.

    The heads of a group stand where other tokens would. Before 5.24 transformers repeats the keys
    and values for each head, which for Qwen's groups of eight moves sixteen times as many bytes.

    Parameters
    ----------
    query
        (rows, heads, 1, width).
    key, value
        (rows, groups, room, width).
    attention_mask
        (rows, 1, 1, room) bool.
    scaling
        Of the products.

    Returns
    -------
    tuple
        (rows, 1, heads, width), and None for the weights.
    """
    from torch.nn.functional import scaled_dot_product_attention  # noqa: PLC0415 - an extra

    rows, heads, _, width = query.shape
    groups = query.reshape(rows, key.shape[1], heads // key.shape[1], width)
    seen = scaled_dot_product_attention(groups, key, value, attention_mask, scale=scaling)
    return seen.reshape(rows, 1, heads, width), None
