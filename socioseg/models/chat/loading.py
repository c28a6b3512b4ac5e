"""A chat model and its processor, from a folder of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import CheckpointError, UsageError
from socioseg.models import devices
from socioseg.models import weights as places

if TYPE_CHECKING:
    from collections.abc import Sequence

SEEING = ("image", "video", "vision")
"""What the names of tokens begin with that stand for pixels, never for words."""


class ChatModel(NamedTuple):
    """What answers, and what it depends on; the first two are those of transformers."""

    model: Any
    processor: Any
    revision: str
    ends: tuple[int, ...]
    """Ids of the tokens that end a reply."""
    pad: int
    unwritten: tuple[int, ...]
    """Ids of the tokens that stand for pixels: no reply holds them."""


def load_chat(weights: str, revision: str, device: str, dtype: str, attention: str) -> ChatModel:
    """Load `weights`; see `LocalChat` for the arguments.

    Raises
    ------
    SocioSegError
        If they are missing or wrong, or what runs them is.
    """
    folder = places.resolve(weights, revision)
    target = devices.device(device)
    model = _model(str(folder), devices.precision(dtype, target), attention).to(target).eval()
    processor = _processor(str(folder))
    tokenizer, ends = processor.tokenizer, _ends(model, processor)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else ends[0]
    model.generation_config = type(model.generation_config)(eos_token_id=[*ends], pad_token_id=pad)
    name = f"{weights}@{places.revision_of(folder)}"
    return ChatModel(model, processor, name, ends, pad, _unwritten(model.config, processor))


def _model(folder: str, dtype: Any, attention: str) -> Any:  # noqa: ANN401 - untyped
    try:
        from transformers import AutoModelForImageTextToText  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "A chat model needs transformers: pip install 'socioseg[models]'."
        ) from error
    try:
        return AutoModelForImageTextToText.from_pretrained(
            folder, dtype=dtype, attn_implementation=attention, use_safetensors=True
        )
    except ImportError as error:
        raise UsageError(f"attention {attention!r} needs a package: {error}") from error
    except (OSError, ValueError, RuntimeError) as error:
        raise CheckpointError(
            f"{folder} holds no chat model that can be loaded: {error}"
        ) from error


def _processor(folder: str) -> Any:  # noqa: ANN401 - untyped
    """The processor, with the torchvision way of preparing images, whatever else is there."""
    from transformers import AutoProcessor  # noqa: PLC0415 - an extra

    try:
        processor = AutoProcessor.from_pretrained(folder, backend="torchvision")
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"{folder} holds no processor of images and texts: {error}"
        ) from error
    images = processor.image_processor
    if hasattr(images, "merge_size"):  # Qwen's: prompts bring images of the right size already
        images.size = {"shortest_edge": (images.patch_size * images.merge_size) ** 2} | NO_LIMIT
    return processor


NO_LIMIT = {"longest_edge": 2**40}
"""Most pixels of an image, where prompts decide."""


def _ends(model: Any, processor: Any) -> tuple[int, ...]:  # noqa: ANN401 - untyped
    """The checkpoint's own end tokens: all that is used of its settings of generation."""
    ends = model.generation_config.eos_token_id
    if ends is None:
        ends = processor.tokenizer.eos_token_id
    return tuple(ends) if isinstance(ends, list | tuple) else (ends,)


def _unwritten(config: Any, processor: Any) -> tuple[int, ...]:  # noqa: ANN401 - untyped
    """By the names in the configuration and in the vocabulary."""
    named = vars(config).items()
    found = {
        value
        for name, value in named
        if name.startswith(SEEING) and name.endswith(("_token_id", "_token_index"))
    }
    tokens: Sequence[str] = processor.tokenizer.all_special_tokens
    words = [token for token in tokens if token.strip("<|>[]").startswith(SEEING)]
    found |= set(processor.tokenizer.convert_tokens_to_ids(words))
    return tuple(sorted(token for token in found if isinstance(token, int)))
