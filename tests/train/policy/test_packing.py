"""Micro-batches hold all sequences once, and no more tokens than there is room for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from socioseg.train.policy.packing import micro_batches

LENGTHS = st.lists(st.integers(1, 50), max_size=30)


@given(LENGTHS, st.integers(1, 120))
def test_each_sequence_is_in_one_batch_that_fits(lengths: list[int], tokens: int) -> None:
    batches = micro_batches(lengths, tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or longest * len(batch) <= tokens


def test_sequences_of_like_length_go_together() -> None:
    assert micro_batches([3, 9, 4, 10, 30], 20) == [[4], [3, 1], [2, 0]]
