"""Prompts as a processor of transformers takes them: turns, images, left-padded tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from socioseg.models.chat.engine import Prompt


def turns(prompt: Prompt, special: Iterable[str] = ()) -> list[dict[str, Any]]:
    """`prompt` as messages of a chat template, images first.

    A special token that its texts spell out is broken by a space: what is asked for may be named
    anything, but ends no turn and stands for no image.
    """

    def plain(text: str) -> dict[str, str]:
        for token in special:
            text = text.replace(token, f"{token[0]} {token[1:]}")
        return {"type": "text", "text": text}

    system = [{"role": "system", "content": [plain(prompt.system)]}] if prompt.system else []
    images = [{"type": "image"} for _ in prompt.images]
    return [*system, {"role": "user", "content": [*images, plain(prompt.text)]}]


def encode(
    processor: Any,  # noqa: ANN401 - untyped
    prompts: Sequence[Prompt],
    multiple: int | None = None,
    device: Any = "cpu",  # noqa: ANN401 - of torch, or its name
) -> Any:  # noqa: ANN401 - untyped
    """Tensors of `prompts`, padded on the left: what the model's `generate` and forward take.

    Parameters
    ----------
    processor
        Of the model's checkpoint.
    multiple
        Of which the padded length is one; None for any length.
    device
        Where images are cut into patches, which takes a CPU much longer than a GPU.

    Raises
    ------
    UsageError
        If the model sees an image in another size than the prompt gives it in.
    """
    placeholders = (getattr(processor, name, None) for name in ("image_token", "video_token"))
    special = {*processor.tokenizer.all_special_tokens, *filter(None, placeholders)}
    texts = [
        processor.apply_chat_template(
            turns(prompt, special), add_generation_prompt=True, tokenize=False
        )
        for prompt in prompts
    ]
    # torch wants arrays that may be written to, as those of a decoded file are not
    images = [[np.array(image) for image in prompt.images] for prompt in prompts]
    inputs = processor(
        text=texts,
        images=images if any(images) else None,
        padding=True,
        padding_side="left",
        pad_to_multiple_of=multiple,
        return_tensors="pt",
        device=device,
    )
    _check_sizes(processor, prompts, inputs)
    return inputs


def _check_sizes(processor: Any, prompts: Sequence[Prompt], inputs: Any) -> None:  # noqa: ANN401 - untyped
    """A box in pixels of an image that was resized on the way would lie somewhere else."""
    grids = inputs.get("image_grid_thw")
    if grids is None:
        return
    patch = processor.image_processor.patch_size
    images = [image for prompt in prompts for image in prompt.images]
    for image, (_, rows, columns) in zip(images, grids.tolist(), strict=True):
        height, width = image.shape[:2]
        if (height, width) != (rows * patch, columns * patch):
            raise UsageError(
                f"The model sees an image of {width} x {height} pixels as {columns * patch} x"
                f" {rows * patch}: give it in that size, so that both count the same pixels."
            )
