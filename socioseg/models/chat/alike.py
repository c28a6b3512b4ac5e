"""Prompts of which several are alike, as answers to one query in a group are: encoded once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from socioseg.models.chat.turns import encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from socioseg.models.chat.engine import Prompt

IDS = "input_ids"


def encode_all(
    processor: Any,  # noqa: ANN401 - untyped
    prompts: Sequence[Prompt],
    multiple: int | None = None,
    device: Any = "cpu",  # noqa: ANN401 - of torch, or its name
) -> Any:  # noqa: ANN401 - untyped
    """What `turns.encode` gives, with images that several prompts show cut into patches once."""
    if len(groups(prompts)[0]) == len(prompts):
        return encode(processor, prompts, multiple, device)
    each = encode_each(processor, prompts, device)
    return side_by_side(each, processor.tokenizer.pad_token_id, multiple or 1)


def encode_each(
    processor: Any,  # noqa: ANN401 - untyped
    prompts: Sequence[Prompt],
    device: Any = "cpu",  # noqa: ANN401 - of torch, or its name
) -> list[dict[str, Tensor]]:
    """Tensors of each of `prompts` alone.

    Those of the same text and the same images, as objects, are encoded once and share them.

    Raises
    ------
    UsageError
        If the model sees an image in another size than the prompt gives it in.
    """
    firsts, rows = groups(prompts)
    known = [dict(encode(processor, [prompts[first]], device=device)) for first in firsts]
    return [known[row] for row in rows]


def side_by_side(
    prompts: Sequence[Mapping[str, Tensor]], pad: int, multiple: int = 1
) -> dict[str, Tensor]:
    """The tensors of several prompts, each encoded alone, as those of one batch.

    Parameters
    ----------
    prompts
        Tensors of one prompt each. Those of the shape of its `input_ids`, (1, its length), say
        something of each token and are padded on the left; all others are of its images, where it
        has any, and are laid end to end.
    pad
        Id with which shorter ones are filled up; it is not seen.
    multiple
        Of which the padded length is one.
    """
    import torch  # noqa: PLC0415 - an extra

    longest = max(prompt[IDS].shape[1] for prompt in prompts)
    length = -(-longest // multiple) * multiple
    found: dict[str, Tensor] = {}
    for name in {name: None for prompt in prompts for name in prompt}:
        own = [prompt for prompt in prompts if name in prompt]
        parts = [prompt[name] for prompt in own]
        if parts[0].shape == own[0][IDS].shape:
            parts = [_left(part, length, pad if name == IDS else 0) for part in parts]
        found[name] = torch.cat(parts)
    return found


def shown(prompt: Prompt) -> tuple[object, ...]:
    """What a prompt shows the model: prompts that differ in their seed alone are alike."""
    return (prompt.text, prompt.system, *map(id, prompt.images))


def groups(prompts: Sequence[Prompt]) -> tuple[list[int], list[int]]:
    """The first place of each prompt that there is, and for each of `prompts` which one it is."""
    order: dict[tuple[object, ...], int] = {}
    rows = [order.setdefault(shown(prompt), len(order)) for prompt in prompts]
    return [rows.index(row) for row in range(len(order))], rows


def distinct(
    prompts: Sequence[Prompt], inputs: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], list[int]]:
    """The tensors of each prompt once, and of each of `prompts` which row of them it is.

    Parameters
    ----------
    inputs
        Of all prompts, as Qwen's processor gives them: their images are laid end to end, as many
        rows of `pixel_values` for each as `image_grid_thw` says.
    """
    import torch  # noqa: PLC0415 - an extra

    firsts, rows = groups(prompts)
    counts = torch.tensor([len(prompt.images) for prompt in prompts])
    pictures = _spans(counts, firsts)
    patches = _spans(inputs["image_grid_thw"].prod(dim=1).cpu(), pictures)
    wanted = {"image_grid_thw": pictures, "pixel_values": patches}
    return {name: value[wanted.get(name, firsts)] for name, value in inputs.items()}, rows


def _spans(lengths: Tensor, chosen: Sequence[int]) -> list[int]:
    """The places of the `chosen` runs, where runs of these `lengths` are laid end to end."""
    ends = lengths.cumsum(dim=0).tolist()
    return [place for one in chosen for place in range(ends[one] - int(lengths[one]), ends[one])]


def _left(row: Tensor, length: int, fill: int) -> Tensor:
    import torch  # noqa: PLC0415 - an extra

    padding = row.new_full((1, length - row.shape[1]), fill)
    return torch.cat([padding, row], dim=1)
