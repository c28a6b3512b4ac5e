"""How fast a model sees: the attention of Qwen's vision tower for all windows at once.

The tower looks at an image through some fifty windows, and transformers calls the attention once
for each window of each image in each layer, unless an implementation says that it takes them all
at once. This one does, with what every torch has: windows of one length go together.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

PACKED = "packed_flash"
"""Name of the attention; one that holds "flash" is given all windows at once."""
KINDS = ("qwen2_vl", "qwen2_5_vl")
"""Types of model whose towers are known to work so."""
KEPT = 2
"""Layouts of windows that are remembered: those of a forward pass, whole images and windows."""


def see_at_once(model: Any) -> None:  # noqa: ANN401 - transformers'
    """Let the vision tower of `model` work on all windows, and on all patches, at once.

    What it sees stays the same but for rounding. A model of another type, or one whose attention
    was chosen otherwise than `sdpa`, is left as it is.
    """
    from transformers import AttentionInterface  # noqa: PLC0415 - an extra

    from socioseg.models.chat.patches import multiply  # noqa: PLC0415 - needs an extra

    tower = getattr(getattr(model, "model", None), "visual", None)
    config = getattr(tower, "config", None)
    known = getattr(model.config, "model_type", "") in KINDS
    if tower is None or config is None or not known or config._attn_implementation != "sdpa":  # noqa: SLF001 - no other place says
        return
    AttentionInterface.register(PACKED, Packed())
    config._attn_implementation = PACKED  # noqa: SLF001 - the setter of the public method asks the Hub
    multiply(tower.patch_embed.proj)


class Layout(NamedTuple):
    """Sequences of several lengths, one behind the other.

    `groups` holds each length, and (sequences of it, length) which tokens they are made of;
    `back` where each token is found, once the groups stand one behind the other.
    """

    groups: list[tuple[int, Tensor]]
    back: Tensor


class Packed:
    """An attention of transformers over sequences that lie one behind the other."""

    def __init__(self) -> None:
        self._known: list[tuple[Tensor, Layout]] = []

    def __call__(
        self,
        _module: Any,  # noqa: ANN401 - as transformers calls it
        *states: Tensor,
        cu_seq_lens_q: Tensor,
        scaling: float | None = None,
        **_others: Any,  # noqa: ANN401 - what other implementations want
    ) -> tuple[Tensor, None]:
        """What the tokens of each sequence see of it.

        Parameters
        ----------
        *states
            Query, key and value, (1, heads, tokens, width) each.
        cu_seq_lens_q
            (sequences + 1,) where each begins, and where the last one ends.
        scaling
            Of the products.

        Returns
        -------
        tuple
            (1, tokens, heads, width), and None for the weights.
        """
        import torch  # noqa: PLC0415 - an extra
        from torch.nn.functional import scaled_dot_product_attention  # noqa: PLC0415 - an extra

        layout = self._layout(cu_seq_lens_q)
        parts = []
        for _, places in layout.groups:
            # (heads, sequences, length, width): to attention, the heads come second
            query, key, value = (state[0][:, places].transpose(0, 1) for state in states)
            seen = scaled_dot_product_attention(query, key, value, scale=scaling)
            parts.append(seen.transpose(1, 2).flatten(0, 1))
        return torch.cat(parts)[layout.back][None], None

    def _layout(self, starts: Tensor) -> Layout:
        """Made once for each pass, not for each layer, for it waits for the GPU."""
        for known, layout in self._known:
            if known is starts:
                return layout
        layout = layout_of(starts)
        self._known = [*self._known[1 - KEPT :], (starts, layout)]
        return layout


def layout_of(starts: Tensor) -> Layout:
    """The layout of sequences that begin at `starts`, of which the last is the end."""
    import torch  # noqa: PLC0415 - an extra

    edges = starts.tolist()
    by_length: dict[int, list[range]] = {}
    for begin, end in itertools.pairwise(edges):
        by_length.setdefault(end - begin, []).append(range(begin, end))
    groups = [(length, torch.tensor([*map(list, some)])) for length, some in by_length.items()]
    back = torch.cat([places.flatten() for _, places in groups]).argsort()
    moved = [(length, places.to(starts.device)) for length, places in groups]
    return Layout(moved, back.to(starts.device))
