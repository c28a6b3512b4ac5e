"""Prompts with their replies as tensors: prompts padded on the left, replies on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

IDS, SEEN = "input_ids", "attention_mask"


class Batch(NamedTuple):
    """B sequences of P + T tokens each: prompts of up to P, replies of up to T.

    Attributes
    ----------
    inputs
        What the model's forward takes: `input_ids` and `attention_mask`, (B, P + T); whatever else
        the processor gives, of images repeated for each sequence that shows them.
    replies
        (B, T) ids of the replies' tokens, end token included; padded on the right.
    mask
        (B, T) bool: which of `replies` were written.
    """

    inputs: dict[str, Tensor]
    replies: Tensor
    mask: Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same on another device."""
        inputs = {name: value.to(device) for name, value in self.inputs.items()}
        return Batch(inputs, self.replies.to(device), self.mask.to(device))


def collate(
    prompts: Sequence[Mapping[str, Tensor]], replies: Sequence[Sequence[int]], pad: int
) -> Batch:
    """One batch of prompts, each encoded alone, and of the replies to them.

    Parameters
    ----------
    prompts
        Tensors of one prompt each. Those of the shape of its `input_ids`, (1, its length), say
        something of each token; all others are of its images, where it has any, and are laid end
        to end.
    replies
        Ids of tokens.
    pad
        Id with which shorter ones are filled up; it is not seen.
    """
    before = max(prompt[IDS].shape[1] for prompt in prompts)
    after = max(1, *map(len, replies))
    mask = torch.zeros(len(replies), after, dtype=torch.bool)
    written = torch.full((len(replies), after), pad)
    for row, reply in enumerate(replies):
        mask[row, : len(reply)] = True
        written[row, : len(reply)] = torch.tensor(reply, dtype=torch.long)
    tails = {IDS: written, SEEN: mask.long()}
    inputs: dict[str, Tensor] = {}
    for name in {name: None for prompt in prompts for name in prompt}:
        own = [prompt for prompt in prompts if name in prompt]
        parts = [prompt[name] for prompt in own]
        if parts[0].shape != own[0][IDS].shape:
            inputs[name] = torch.cat(parts)
            continue
        fill = pad if name == IDS else 0
        head = torch.cat([_left(part, before, fill) for part in parts])
        tail = tails.get(name, torch.zeros_like(written)).to(head.dtype)
        inputs[name] = torch.cat([head, tail], dim=1)
    return Batch(inputs, written, mask)


def _left(row: Tensor, length: int, fill: int) -> Tensor:
    padding = row.new_full((1, length - row.shape[1]), fill)
    return torch.cat([padding, row], dim=1)
