"""A chat model as what is trained: how likely it finds a reply, and its weights on disk."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import torch

from socioseg.models.chat.alike import encode_each
from socioseg.models.checkpoint import quiet
from socioseg.models.weights import FILES, INDEX
from socioseg.train.policy.adapters import add_adapters, merged
from socioseg.train.policy.batch import SEEN, Batch, collate
from socioseg.train.policy.settings import PolicySettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from socioseg.models.chat.engine import Prompt
    from socioseg.models.chat.local import LocalChat


class Policy:
    """The model of a chat engine, ready to be trained; the engine goes on answering with it.

    Parameters
    ----------
    chat
        The engine, whose `model` it takes. Adapters are put into it, and it is left in `eval`.
    source
        Folder that the weights came from; what is saved takes its processor's files from there.
    reference
        Whether to keep what the model was, for `reference`: a frozen copy, or with adapters the
        model without them.

    Attributes
    ----------
    model
        Of transformers, or peft's wrapper around it.
    settings
        As given.
    """

    def __init__(
        self,
        chat: LocalChat,
        source: Path,
        settings: PolicySettings | None = None,
        *,
        reference: bool = False,
    ) -> None:
        self.settings = settings or PolicySettings()
        self._base, self._processor, self._source = chat.model, chat.processor, source
        self._unwritten, self._kept = list(chat.unwritten), None
        lora = self.settings.lora
        self.model: Any = add_adapters(self._base, lora) if lora else self._base
        if reference and not lora:
            self._kept = deepcopy(self._base).requires_grad_(requires_grad=False)
        if self.settings.checkpointing:
            _recompute(self._base)
        self.model.eval()

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        device: torch.device = self._base.device
        return device

    @property
    def end(self) -> int:
        """Id of the token with which a reply ends."""
        known: list[int] = self._base.generation_config.eos_token_id
        own: int = self._processor.tokenizer.eos_token_id
        return own if own in known else known[0]

    def parameters(self) -> list[torch.nn.Parameter]:
        """What is trained, in a fixed order."""
        return [value for value in self.model.parameters() if value.requires_grad]

    def tokens(self, text: str) -> list[int]:
        """Ids of a reply that reads `text`, its end token included."""
        ids = self._processor.tokenizer.encode(text, add_special_tokens=False)
        return [*ids, self.end]

    def in_numbers(self, tokens: Tensor) -> Tensor:
        """Which of `tokens`, ids of any shape, are digits and nothing else; bool."""
        decode = self._processor.tokenizer.decode
        digits = [
            each
            for each in sorted({*tokens.flatten().tolist()})
            if decode([each]).strip().isdecimal()
        ]
        return torch.isin(tokens, _index(digits, tokens.device))

    def encode(self, prompts: Sequence[Prompt], replies: Sequence[str | Sequence[int]]) -> Batch:
        """A batch, on the CPU, of `prompts` and the reply to each.

        Parameters
        ----------
        prompts
            Those of the same text and the same images, as objects, are encoded once.
        replies
            Texts, which get an end token; or ids of tokens, taken as they are.

        Raises
        ------
        UsageError
            If the model sees an image in another size than the prompt gives it in.
        """
        written = [self.tokens(each) if isinstance(each, str) else each for each in replies]
        pad: int = self._base.generation_config.pad_token_id
        return collate(encode_each(self._processor, prompts), written, pad)

    def logprobs(self, batch: Batch, through: Any = None) -> Tensor:  # noqa: ANN401 - untyped
        """Log-probability of each token of the replies, (B, T) float32; 0 behind their ends.

        They are those of a model that never writes a token that stands for pixels, as the engine
        holds it to; at temperature 1.

        Parameters
        ----------
        through
            What a trainer put around the model, for several processes perhaps.
        """
        return self._logprobs(self.model if through is None else through, batch)

    def reference(self, batch: Batch) -> Tensor:
        """What `logprobs` gave before the first step of training; without gradients."""
        with torch.no_grad():
            if self._kept is not None:
                return self._logprobs(self._kept, batch)
            with self.model.disable_adapter() if self.settings.lora else nullcontext():
                return self._logprobs(self.model, batch)

    @contextmanager
    def training(self) -> Iterator[None]:
        """For passes with gradients: where asked for, activations are computed anew."""
        if self.settings.checkpointing:
            self.model.train()
        try:
            yield
        finally:
            self.model.eval()

    def save(self, folder: Path) -> None:
        """Write a folder as those on the Hub, adapters added in: `LocalChat` takes it.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        state = merged(self._base) if self.settings.lora else None
        with quiet():
            self._base.save_pretrained(folder, state_dict=state)
        for path in (path for pattern in FILES for path in self._source.glob(pattern)):
            if path.suffix != ".safetensors" and path.name not in {INDEX, "config.json"}:
                shutil.copyfile(path, folder / path.name)

    def _logprobs(self, model: Any, batch: Batch) -> Tensor:  # noqa: ANN401 - untyped
        batch = batch.to(self.device)
        inputs = dict(batch.inputs)
        if not hasattr(self._base.model, "get_rope_index"):  # else it counts positions itself
            inputs["position_ids"] = (inputs[SEEN].cumsum(dim=1) - 1).clamp(min=0)
        keep = batch.replies.shape[1] + 1
        found = model(**inputs, use_cache=False, logits_to_keep=keep).logits
        logits = found[:, -keep:-1].float()
        logits = logits.index_fill(-1, _index(self._unwritten, self.device), -torch.inf)
        chosen = logits.gather(-1, batch.replies[..., None])[..., 0]
        return torch.where(batch.mask, chosen - logits.logsumexp(dim=-1), 0.0)


def _recompute(model: Any) -> None:  # noqa: ANN401 - untyped
    """Activation checkpointing, by the name that this version of transformers has for it."""
    names = ("activation_checkpointing_enable", "gradient_checkpointing_enable")
    enable = next(getattr(model, name) for name in names if hasattr(model, name))
    enable({"use_reentrant": False})


def _index(values: Sequence[int], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.long, device=device)
