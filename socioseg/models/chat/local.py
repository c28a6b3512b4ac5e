"""A chat engine in this process: any image-and-text model of transformers."""

from __future__ import annotations

import logging
import time
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from socioseg.errors import UsageError
from socioseg.models.chat.alike import distinct, encode_all
from socioseg.models.chat.captured import Writer, can_capture
from socioseg.models.chat.drawing import Draw
from socioseg.models.chat.engine import CUT, OK, Prompt, Reply
from socioseg.models.chat.generation import generation_of
from socioseg.models.chat.grammar import Held, Row, Vocabulary
from socioseg.models.chat.loading import load_chat
from socioseg.models.chat.picking import Limits
from socioseg.models.chat.stopping import Stop
from socioseg.models.memory import lacking

if TYPE_CHECKING:
    from collections.abc import Sequence

log = logging.getLogger(__name__)

BLOCK = 64
"""With a cache of fixed size, prompts are padded to a multiple of this: shapes recur."""
CACHES = ("dynamic", "static", "compiled", "captured")


class LocalChat:
    """Answers with weights of its own; a batch gives each prompt what it would get alone.

    Parameters
    ----------
    weights
        Id on the Hub, or a folder.
    revision
        Of the Hub id: a commit, tag or branch; empty for the pinned one, else the newest.
    device
        "auto" (CUDA, else Apple's, else the CPU), or any device of torch.
    dtype
        "auto" (bfloat16 on a GPU, float32 on the CPU), or a type of torch by name.
    attention
        "sdpa", "flash_attention_2" (needs its package), or "eager".
    cache
        "dynamic" grows; "static" has room for the whole budget at once; "compiled" is static
        and, on a GPU, lets torch compile the step; "captured" is static and, on a GPU, records the
        step as a CUDA graph (Qwen's models, prompts with images; else it is "static").
    batch_size
        Prompts at a time; halved where they do not fit into the GPU.
    **generation
        Fields of `Generation`: `max_tokens`, `temperature`, `top_p`, `top_k`, `stop`.

    Attributes
    ----------
    model, processor
        Those of transformers, for training.
    unwritten
        Ids of the tokens that stand for pixels: no reply holds them.
    revision
        The weights' id and commit, or folder and hash.

    Raises
    ------
    SocioSegError
        If the weights, or a package that they need, are missing or wrong.
    """

    def __init__(
        self,
        weights: str,
        revision: str = "",
        *,
        device: str = "auto",
        dtype: str = "auto",
        attention: str = "sdpa",
        cache: Literal["dynamic", "static", "compiled", "captured"] = "dynamic",
        batch_size: int = 8,
        **generation: Any,  # noqa: ANN401 - checked below
    ) -> None:
        if cache not in CACHES or batch_size < 1:
            raise UsageError(f"cache is one of {', '.join(CACHES)}; batch_size is 1 or more.")
        self.generation = generation_of(generation, type(self))
        self.cache, self.batch_size = cache, batch_size
        self._loaded = load_chat(weights, revision, device, dtype, attention)
        self.model, self.processor = self._loaded.model, self._loaded.processor
        self.revision, self.unwritten = self._loaded.revision, self._loaded.unwritten
        self._vocabulary: Vocabulary | None = None
        self._writer = Writer(self.model)

    @property
    def temperature(self) -> float:
        """0 where a second reply to the same prompt is the same."""
        return self.generation.temperature

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """One reply for each of `prompts`; see `ChatEngine.ask`.

        Raises
        ------
        UsageError
            If one prompt alone is too much for the memory, an image is of a size that the model
            does not see as it is, or a constraint cannot be held.
        """
        import torch  # noqa: PLC0415 - an extra

        replies: list[Reply] = []
        while len(replies) < len(prompts):
            batch = prompts[len(replies) : len(replies) + self.batch_size]
            try:
                replies += self._ask_batch(batch)
                continue
            except (RuntimeError, MemoryError) as error:
                if not (place := lacking(error)):
                    raise
            self._shrink(len(batch), place)  # what the error holds is let go before the next try
            self.forget()
            torch.cuda.empty_cache()
        return replies

    def forget(self) -> None:
        """Let go of the memory that is kept for more replies; to be called if weights move."""
        self._writer.forget()

    def encode(self, prompts: Sequence[Prompt]) -> dict[str, Any]:
        """Tensors of `prompts` on the model's device, padded on the left; see `turns.encode`."""
        multiple = None if self.cache == "dynamic" else BLOCK
        device = self.model.device
        inputs = encode_all(self.processor, prompts, multiple, device)
        return {name: value.to(device) for name, value in inputs.items()}

    def write(self, prompts: Sequence[Prompt], inputs: dict[str, Any]) -> list[list[int]]:
        """The tokens of each reply to `prompts`, encoded as `inputs`, its end token included.

        A reply that a stop text ends holds that text; one that the budget ends has no end.
        """
        start = inputs["input_ids"].shape[1]
        stops = [Stop(self.processor.tokenizer, self.generation, start)]
        stops = stops if self.generation.stop else []
        steers = self._steers(prompts, start)
        if self.cache == "captured" and can_capture(self.model, inputs):
            once, answered = distinct(prompts, inputs)
            rows = self._writer.write(once, self._limits(), steers, stops, answered)
            return [self._until_end(row) for row in rows.tolist()]
        rows = self.model.generate(
            **inputs,
            generation_config=self._config(),
            logits_processor=steers,
            stopping_criteria=stops,
        )
        return [self._until_end(row) for row in rows[:, start:].tolist()]

    def _ask_batch(self, prompts: Sequence[Prompt]) -> list[Reply]:
        began = time.perf_counter()
        inputs = self.encode(prompts)
        lengths = inputs["attention_mask"].sum(dim=1).tolist()
        rows = self.write(prompts, inputs)
        share = (time.perf_counter() - began) / len(prompts)
        pairs = zip(rows, lengths, strict=True)
        return [self._reply(tokens, length, share) for tokens, length in pairs]

    def _shrink(self, size: int, place: str) -> None:
        if size == 1:
            elsewhere = ", or run with device=cpu" if place == "GPU" else ""
            raise UsageError(
                f"One prompt alone does not fit into the {place}'s memory: lower"
                f" max_tokens or the images' size{elsewhere}."
            )
        self.batch_size = half = size // 2
        log.warning("%d prompts do not fit into the %s: going on with %d.", size, place, half)

    def _limits(self) -> Limits:
        tokens, ends, pad = self.generation.max_tokens, self._loaded.ends, self._loaded.pad
        return Limits(tokens, ends, pad, self.unwritten)

    def _config(self) -> Any:  # noqa: ANN401 - transformers'
        from transformers import GenerationConfig  # noqa: PLC0415 - an extra

        return GenerationConfig(
            do_sample=False,
            max_new_tokens=self.generation.max_tokens,
            eos_token_id=[*self._loaded.ends],
            pad_token_id=self._loaded.pad,
            suppress_tokens=[*self.unwritten] or None,
            cache_implementation=None if self.cache == "dynamic" else "static",
            disable_compile=self.cache != "compiled",
        )

    def _steers(self, prompts: Sequence[Prompt], start: int) -> list[Any]:
        """Logits processors: what constraints allow, then what the dice say."""
        steers: list[Any] = []
        if any(prompt.constraint for prompt in prompts):
            steers.append(Held([self._row(prompt) for prompt in prompts], start))
        if self.generation.temperature:
            steers.append(Draw(self.generation, [prompt.seed for prompt in prompts], start))
        return steers

    def _row(self, prompt: Prompt) -> Row | None:
        if prompt.constraint is None:
            return None
        if self._vocabulary is None:
            size = self.model.get_output_embeddings().weight.shape[0]
            self._vocabulary = Vocabulary(self.processor.tokenizer, size, self._loaded.ends)
        return Row(self._vocabulary, prompt.constraint, self.generation.max_tokens)

    def _until_end(self, row: list[int]) -> list[int]:
        """`row` without the padding behind its end, which may look like an end token."""
        ends = {*self._loaded.ends, self._loaded.pad}
        written = list(takewhile(lambda token: token not in ends, row))
        last = row[len(written) : len(written) + 1]
        if {*last}.isdisjoint(self._loaded.ends):
            return written
        stopped = self.generation.ends_at(self._spell(written)) is not None
        return written if stopped else written + last

    def _spell(self, tokens: list[int]) -> str:
        text: str = self.processor.tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return text

    def _reply(self, tokens: list[int], prompt_tokens: int, seconds: float) -> Reply:
        text = self._spell(tokens)
        stop = self.generation.ends_at(text)
        ended = stop is not None or not {*tokens[-1:]}.isdisjoint(self._loaded.ends)
        return Reply(
            text=text[:stop],
            status=OK if ended else CUT,
            detail="" if ended else f"no end within {self.generation.max_tokens} tokens",
            prompt_tokens=prompt_tokens,
            tokens=len(tokens),
            seconds=seconds,
        )
