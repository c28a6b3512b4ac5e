"""Many replies to one prompt in one row: the prompt, which is the longer part, is computed once.

Each reply sees the prompt and itself, and counts its positions from the prompt's end, so it is
worth what it would be in a row of its own. (Liu et al., "Prefix Grouper", arXiv 2506.05433, 2025,
does so too, by two calls of attention in place of a mask.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

PADDING, PROMPT, FIRST = 0, 1, 2
"""What a token of a row is of; the replies of a row are numbered from `FIRST`."""


class Shared(NamedTuple):
    """Where B replies lie in R rows, each of them a prompt of up to P tokens and its replies.

    Attributes
    ----------
    parts
        (R, L): of what each token is.
    before
        P.
    rows
        (B,) row of each reply.
    places
        (B, T) which tokens, counted from the prompts' last, tell what comes next in a reply.
    """

    parts: Tensor
    before: int
    rows: Tensor
    places: Tensor

    def to(self, device: torch.device | str) -> Shared:
        """The same on another device."""
        moved = (part.to(device) for part in (self.parts, self.rows, self.places))
        parts, rows, places = moved
        return Shared(parts, self.before, rows, places)


def can_share(config: Any) -> bool:  # noqa: ANN401 - transformers'
    """Whether a model takes a mask of any form: not flash attention, nor layers of another kind."""
    text = config.get_text_config()
    kinds = {*(getattr(text, "layer_types", None) or ["full_attention"])}
    return text._attn_implementation in {"sdpa", "eager"} and kinds == {"full_attention"}  # noqa: SLF001 - no other place says


def lay_out(
    seen: Tensor, rows: Sequence[int], lengths: Sequence[int]
) -> tuple[Shared, list[list[int]]]:
    """Replies of these `lengths` laid end to end behind the prompts of their `rows`.

    Parameters
    ----------
    seen
        (R, P) which tokens are of the prompts, and not padding on their left.

    Returns
    -------
    tuple
        Where they lie, and for each row its replies, in order.
    """
    of_rows: list[list[int]] = [[] for _ in seen]
    places = torch.zeros(len(rows), max(1, *lengths), dtype=torch.long)
    ends = [0] * len(seen)
    for reply, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        of_rows[row].append(reply)
        if length:
            places[reply, 1:length] = torch.arange(ends[row] + 1, ends[row] + length)
        ends[row] += length
    parts = torch.full((len(seen), seen.shape[1] + max(1, *ends)), PADDING)
    parts[:, : seen.shape[1]] = torch.where(seen.bool(), PROMPT, PADDING)
    for row, replies in enumerate(of_rows):
        numbers = torch.arange(len(replies)) + FIRST
        spans = torch.tensor([lengths[reply] for reply in replies], dtype=torch.long)
        parts[row, seen.shape[1] :][: ends[row]] = numbers.repeat_interleave(spans)
    return Shared(parts, seen.shape[1], torch.tensor(rows), places), of_rows


def sight(shared: Shared, dtype: torch.dtype) -> Tensor:
    """(R, 1, L, L) what is added to attention: nothing where a token sees another, else the least.

    Padding sees what is before it, so that no row of attention is empty; nothing sees padding.
    """
    parts = shared.parts
    length = parts.shape[1]
    earlier = torch.ones(length, length, dtype=torch.bool, device=parts.device).tril()
    asking, asked = parts[:, :, None], parts[:, None, :]
    seen = earlier & (asked != PADDING) & ((asked == PROMPT) | (asked == asking))
    least = torch.finfo(dtype).min
    return torch.zeros(seen.shape, dtype=dtype, device=parts.device).masked_fill(~seen, least)[
        :, None
    ]


def positions(model: Any, inputs: dict[str, Any], shared: Shared) -> Tensor:  # noqa: ANN401 - untyped
    """Positions of all tokens, (R, L); (3, R, L) for a model that counts images in three ways."""
    parts, before = shared.parts, shared.before
    seen = (parts[:, :before] == PROMPT).long()
    if hasattr(model.model, "get_rope_index"):
        found = _three_ways(model.model, inputs, seen, before)
    else:
        found = (seen.cumsum(dim=1) - 1).clamp(min=0)[None]
    after = found.amax(dim=(0, 2)) + 1
    behind = after[:, None] + _since_start(parts[:, before:])
    found = torch.cat([found, behind.expand(len(found), *behind.shape)], dim=2)
    return found if len(found) > 1 else found[0]


def _three_ways(model: Any, inputs: dict[str, Any], seen: Tensor, before: int) -> Tensor:  # noqa: ANN401 - untyped
    of_tokens = {name: inputs[name][:, :before] for name in ("input_ids", "mm_token_type_ids")}
    grids = inputs.get("image_grid_thw")
    found: Tensor = model.get_rope_index(**of_tokens, image_grid_thw=grids, attention_mask=seen)[0]
    return found * seen  # padding stands at 1, which may be beyond a short prompt's end


def _since_start(parts: Tensor) -> Tensor:
    """(R, N) how many tokens of its own part stand before each token; 0 for padding."""
    order = torch.arange(parts.shape[1], device=parts.device).expand_as(parts)
    starts = torch.ones_like(parts, dtype=torch.bool)
    starts[:, 1:] = parts[:, 1:] != parts[:, :-1]
    first = torch.where(starts, order, 0).cummax(dim=1).values
    return (order - first) * (parts != PADDING)
