"""Prompts with their replies as tensors: prompts padded on the left, replies on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

from socioseg.models.chat.alike import IDS, side_by_side
from socioseg.train.policy.shared import Shared, lay_out

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

SEEN = "attention_mask"


class Batch(NamedTuple):
    """B sequences of P + T tokens each: prompts of up to P, replies of up to T.

    Where replies share their prompts, there are fewer rows, each with several replies.

    Attributes
    ----------
    inputs
        What the model's forward takes: `input_ids` and `attention_mask`, (B, P + T); whatever else
        the processor gives, of images repeated for each sequence that shows them.
    replies
        (B, T) ids of the replies' tokens, end token included; padded on the right.
    mask
        (B, T) bool: which of `replies` were written.
    shared
        Where the replies lie, if some share a prompt.
    """

    inputs: dict[str, Tensor]
    replies: Tensor
    mask: Tensor
    shared: Shared | None = None

    def to(self, device: torch.device | str) -> Batch:
        """The same on another device."""
        inputs = {name: value.to(device) for name, value in self.inputs.items()}
        shared = self.shared.to(device) if self.shared else None
        return Batch(inputs, self.replies.to(device), self.mask.to(device), shared)


def collate(
    prompts: Sequence[Mapping[str, Tensor]],
    replies: Sequence[Sequence[int]],
    pad: int,
    rows: Sequence[int] | None = None,
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
    rows
        For each reply which of `prompts` it answers; None where each answers its own.
    """
    heads = side_by_side(prompts, pad)
    written, mask = _side_by_side(replies, pad)
    if rows is None:
        return Batch(_behind(heads, written, mask), written, mask)
    shared, of_rows = lay_out(heads[SEEN], rows, [len(reply) for reply in replies])
    tails = [[token for reply in members for token in replies[reply]] for members in of_rows]
    return Batch(_behind(heads, *_side_by_side(tails, pad)), written, mask, shared)


def _side_by_side(replies: Sequence[Sequence[int]], pad: int) -> tuple[Tensor, Tensor]:
    """(B, T) ids, padded on the right, and which of them are no padding; T is 1 or more."""
    after = max(1, *map(len, replies))
    mask = torch.zeros(len(replies), after, dtype=torch.bool)
    written = torch.full((len(replies), after), pad)
    for row, reply in enumerate(replies):
        mask[row, : len(reply)] = True
        written[row, : len(reply)] = torch.tensor(reply, dtype=torch.long)
    return written, mask


def _behind(heads: dict[str, Tensor], written: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """The tensors of prompts, with what is `written` behind each of them."""
    shape, tails = heads[IDS].shape, {IDS: written, SEEN: mask.long()}
    found = dict(heads)
    for name, head in heads.items():
        if head.shape == shape:
            tail = tails.get(name, torch.zeros_like(written)).to(head.dtype)
            found[name] = torch.cat([head, tail], dim=1)
    return found
