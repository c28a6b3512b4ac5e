"""A chat model as what is trained: how likely it finds a reply, and its weights on disk."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import torch

from socioseg.errors import UsageError
from socioseg.models.chat.alike import encode_each, groups
from socioseg.models.checkpoint import quiet
from socioseg.models.weights import FILES, INDEX
from socioseg.train.policy.adapters import add_adapters, merged
from socioseg.train.policy.batch import SEEN, Batch, collate
from socioseg.train.policy.settings import PolicySettings
from socioseg.train.policy.sharding import empty, lent, views_are_safe
from socioseg.train.policy.shared import can_share, positions, sight

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from torch import Tensor

    from socioseg.models.chat.engine import Prompt
    from socioseg.models.chat.local import LocalChat
    from socioseg.train.policy.sharding import Sharding


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
    sharding
        How its weights are divided among the processes, all of which must then make the same
        passes; the engine answers while `answering` alone. None leaves all of them here.

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
        sharding: Sharding | None = None,
    ) -> None:
        self.settings = settings or PolicySettings()
        self._chat, self._processor, self._source = chat, chat.processor, source
        self._unwritten, self._kept = list(chat.unwritten), None
        lora = self.settings.lora
        self.model: Any = add_adapters(chat.model, lora) if lora else chat.model
        if reference and not lora:
            self._kept = deepcopy(chat.model).requires_grad_(requires_grad=False)
        self._lent = self._divide(sharding) if sharding else None
        self._base = self.model.get_base_model() if lora else self.model
        if self.settings.checkpointing:
            _recompute(self._base)
        self.model.eval()

    def _divide(self, sharding: Sharding) -> Any:  # noqa: ANN401 - untyped
        """Divide what learns, and what it was; gives what the engine answers with."""
        if self.settings.optimizer == "adamw8bit":
            raise UsageError(
                "policy.optimizer=adamw8bit does not step along divided weights: take adamw, whose"
                " moments are divided too, or launch without FSDP."
            )
        if self._kept is not None:
            sharding.divide(self._kept)
        engine, self.model = self.model, deepcopy(self.model)
        empty(engine)
        sharding.divide(self.model)
        return engine

    @property
    def divided(self) -> bool:
        """Whether each process has a part of the weights."""
        return self._lent is not None

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

    @property
    def shares(self) -> bool:
        """Whether replies to one prompt can share a row, and are to."""
        return self.settings.share and can_share(self._base.config)

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

    def encode(
        self,
        prompts: Sequence[Prompt],
        replies: Sequence[str | Sequence[int]],
        *,
        share: bool = False,
    ) -> Batch:
        """A batch, on the CPU, of `prompts` and the reply to each.

        Parameters
        ----------
        prompts
            Those of the same text and the same images, as objects, are encoded once.
        replies
            Texts, which get an end token; or ids of tokens, taken as they are.
        share
            Whether replies to one prompt go into one row, if `shares`.

        Raises
        ------
        UsageError
            If the model sees an image in another size than the prompt gives it in.
        """
        written = [self.tokens(each) if isinstance(each, str) else each for each in replies]
        pad: int = self._base.generation_config.pad_token_id
        encoded = encode_each(self._processor, prompts)
        firsts, rows = groups(prompts)
        if share and self.shares and len(firsts) < len(prompts):
            return collate([encoded[first] for first in firsts], written, pad, rows)
        return collate(encoded, written, pad)

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

    @contextmanager
    def answering(self) -> Iterator[None]:
        """For replies of the engine, and for `save`: where weights are divided, all come here."""
        if self._lent is None:
            yield
            return
        with lent(self._lent, self.model):
            yield
            self._chat.forget()

    def save(self, folder: Path) -> None:
        """Write a folder as those on the Hub, adapters added in: `LocalChat` takes it.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        model = self._chat.model
        state = merged(model) if self.settings.lora else None
        with quiet():
            model.save_pretrained(folder, state_dict=state)
        for path in (path for pattern in FILES for path in self._source.glob(pattern)):
            if path.suffix != ".safetensors" and path.name not in {INDEX, "config.json"}:
                shutil.copyfile(path, folder / path.name)

    def _logprobs(self, model: Any, batch: Batch) -> Tensor:  # noqa: ANN401 - untyped
        batch = batch.to(self.device)
        inputs, shared = dict(batch.inputs), batch.shared
        if shared:
            inputs["position_ids"] = positions(self._base, inputs, shared)
            inputs[SEEN] = sight(shared, self._chat.model.dtype)  # divided weights are wider
        elif not hasattr(self._base.model, "get_rope_index"):  # else it counts positions itself
            inputs["position_ids"] = (inputs[SEEN].cumsum(dim=1) - 1).clamp(min=0)
        tail = shared.parts.shape[1] - shared.before if shared else batch.replies.shape[1]
        with views_are_safe() if self.divided else nullcontext():
            found = model(**inputs, use_cache=False, logits_to_keep=tail + 1).logits
        found = found[:, -tail - 1 :]
        found = found[shared.rows[:, None], shared.places] if shared else found[:, :-1]
        logits = found.float().index_fill(-1, _index(self._unwritten, self.device), -torch.inf)
        chosen = logits.gather(-1, batch.replies[..., None])[..., 0]
        return torch.where(batch.mask, chosen - logits.logsumexp(dim=-1), 0.0)


def _recompute(model: Any) -> None:  # noqa: ANN401 - untyped
    """Activation checkpointing, by the name that this version of transformers has for it."""
    names = ("activation_checkpointing_enable", "gradient_checkpointing_enable")
    enable = next(getattr(model, name) for name in names if hasattr(model, name))
    enable({"use_reentrant": False})


def _index(values: Sequence[int], device: torch.device) -> Tensor:
    return torch.tensor(values, dtype=torch.long, device=device)
