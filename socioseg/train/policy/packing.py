"""Sequences in micro-batches that fit into the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence


def micro_batches(lengths: Sequence[tuple[int, int]], tokens: int) -> list[list[int]]:
    """Indices of sequences in batches of up to `tokens`, with the padding on either side.

    Sequences of like length go together, the longest first, so that a batch that does not fit is
    met at once. One that is longer than `tokens` goes alone.

    Parameters
    ----------
    lengths
        Of each sequence those of its prompt and of what is behind it; all of a batch are padded to
        the longest of either.
    tokens
        The most of a batch with several sequences.
    """
    batches: list[list[int]] = []
    before = after = 0
    for index in sorted(range(len(lengths)), key=lambda i: (-sum(lengths[i]), i)):
        own = lengths[index]
        before, after = max(before, own[0]), max(after, own[1])
        if batches and (before + after) * (len(batches[-1]) + 1) <= tokens:
            batches[-1].append(index)
        else:
            batches.append([index])
            before, after = own
    return batches


def rows_of(
    prompts: Sequence[Hashable], before: Sequence[int], after: Sequence[int], tokens: int
) -> list[list[int]]:
    """Indices of replies that share a row: those to one prompt, while they fit.

    All of them have one row if they fit. Else the longest are placed first, each in the first row
    that has room for it, so that the prompt is computed few times; no two of its rows would then
    fit into one.

    Parameters
    ----------
    prompts
        What each reply answers.
    before, after
        Tokens of its prompt, and its own.
    tokens
        The most of a row with several replies.
    """
    rows: list[list[int]] = []
    taken: list[int] = []
    known: dict[Hashable, list[int]] = {prompt: [] for prompt in prompts}
    for index in sorted(range(len(prompts)), key=lambda i: (-after[i], i)):
        own = known[prompts[index]]
        for row in own:
            if taken[row] + after[index] <= tokens:
                rows[row].append(index)
                taken[row] += after[index]
                break
        else:
            own.append(len(rows))
            rows.append([index])
            taken.append(before[index] + after[index])
    return rows
