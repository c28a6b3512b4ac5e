"""Sequences in micro-batches that fit into the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def micro_batches(lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Indices of sequences of these `lengths`, in batches of up to `tokens` with the padding.

    Sequences of like length go together, the longest first, so that a batch that does not fit is
    met at once. One that is longer than `tokens` goes alone.
    """
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        longest = lengths[batches[-1][0]] if batches else 0
        if batches and longest * (len(batches[-1]) + 1) <= tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
