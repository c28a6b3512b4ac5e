"""A chat model and its processor, from a folder of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from socioseg.errors import CheckpointError, UsageError
from socioseg.models import devices
from socioseg.models import weights as places
from socioseg.models.chat.seeing import see_at_once
from socioseg.models.checkpoint import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SAMPLE = "[12]"
"""What every tokenizer can spell."""
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
    model = _model(folder, devices.precision(dtype, target), target, attention)
    see_at_once(model)
    processor = _processor(folder)
    tokenizer, ends = processor.tokenizer, _ends(model, processor)
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else ends[0]
    model.generation_config = type(model.generation_config)(eos_token_id=[*ends], pad_token_id=pad)
    name = f"{weights}@{places.revision_of(folder)}"
    return ChatModel(model, processor, name, ends, pad, _unwritten(model.config, processor))


def _model(folder: Path, dtype: Any, target: str, attention: str) -> Any:  # noqa: ANN401 - untyped
    try:
        from transformers import AutoModelForImageTextToText as Auto  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError(
            "A chat model needs transformers: pip install 'socioseg[models]'."
        ) from error
    try:
        return load(Auto, folder, dtype, target, attn_implementation=attention)
    except ImportError as error:
        raise UsageError(
            f"attention={attention} needs a package that is not here ({error}): take sdpa."
        ) from error


def _processor(folder: Path) -> Any:  # noqa: ANN401 - untyped
    """The processor, with the torchvision way of preparing images, whatever else is there."""
    from transformers import AutoImageProcessor, AutoProcessor  # noqa: PLC0415 - an extra

    try:
        processor = AutoProcessor.from_pretrained(folder)
    except (OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise CheckpointError(
            f"{folder} holds no processor of images and texts ({reason}): give a folder that has"
            " its preprocessor_config.json, tokenizer and chat template too."
        ) from error
    if not hasattr(processor, "tokenizer") or not hasattr(processor, "image_processor"):
        raise CheckpointError(f"{folder} holds no model that is shown images: give another one.")
    spelt = processor.tokenizer.decode(processor.tokenizer.encode(SAMPLE, add_special_tokens=False))
    if spelt.strip() != SAMPLE:  # transformers makes an empty tokenizer where the file is missing
        raise CheckpointError(
            f"The tokenizer in {folder} has no words: fetch tokenizer.json again."
        )
    # said here and not above, for some versions of transformers then fail with a video processor
    images = AutoImageProcessor.from_pretrained(folder, backend="torchvision")
    processor.image_processor = images
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
