"""Prompts with their replies as tensors: prompts padded on the left, replies on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from socioseg.models.chat.alike import IDS, side_by_side

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

SEEN = "attention_mask"


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
        Tensors of one prompt each, as `side_by_side` takes them.
    replies
        Ids of tokens.
    pad
        Id with which shorter ones are filled up; it is not seen.
    """
    after = max(1, *map(len, replies))
    mask = torch.zeros(len(replies), after, dtype=torch.bool)
    written = torch.full((len(replies), after), pad)
    for row, reply in enumerate(replies):
        mask[row, : len(reply)] = True
        written[row, : len(reply)] = torch.tensor(reply, dtype=torch.long)
    inputs = side_by_side(prompts, pad)
    shape, tails = inputs[IDS].shape, {IDS: written, SEEN: mask.long()}
    for name, head in inputs.items():
        if head.shape == shape:
            tail = tails.get(name, torch.zeros_like(written)).to(head.dtype)
            inputs[name] = torch.cat([head, tail], dim=1)
    return Batch(inputs, written, mask)
