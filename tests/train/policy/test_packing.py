"""Micro-batches hold all sequences once, and no more tokens than there is room for."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from socioseg.train.policy.packing import micro_batches, rows_of

LENGTHS = st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50)), max_size=30)
REPLIES = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30)), max_size=30)
BEFORE = {"a": 3, "b": 10, "c": 40}


@given(LENGTHS, st.integers(1, 120))
def test_each_sequence_is_in_one_batch_that_fits(
    lengths: list[tuple[int, int]], tokens: int
) -> None:
    batches = micro_batches(lengths, tokens)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    for batch in batches:
        prompt, rest = (max(lengths[index][side] for index in batch) for side in (0, 1))
        assert len(batch) == 1 or (prompt + rest) * len(batch) <= tokens


def test_sequences_of_like_length_go_together() -> None:
    assert micro_batches([(2, 1), (4, 5), (2, 2), (5, 5), (9, 21)], 20) == [[4], [3, 1], [2, 0]]


@given(REPLIES, st.integers(1, 120))
def test_each_reply_is_in_one_row_of_its_prompt_that_fits(
    replies: list[tuple[str, int]], tokens: int
) -> None:
    prompts, after = [prompt for prompt, _ in replies], [length for _, length in replies]
    rows = rows_of(prompts, [BEFORE[prompt] for prompt in prompts], after, tokens)
    assert sorted(index for row in rows for index in row) == list(range(len(replies)))
    for row in rows:
        (prompt,) = {prompts[index] for index in row}
        taken = BEFORE[prompt] + sum(after[index] for index in row)
        assert len(row) == 1 or taken <= tokens


@given(REPLIES, st.integers(1, 120))
def test_no_two_rows_of_a_prompt_would_fit_into_one(
    replies: list[tuple[str, int]], tokens: int
) -> None:
    prompts, after = [prompt for prompt, _ in replies], [length for _, length in replies]
    rows = rows_of(prompts, [BEFORE[prompt] for prompt in prompts], after, tokens)
    for one, other in combinations(rows, 2):
        if (prompt := prompts[one[0]]) == prompts[other[0]]:
            assert BEFORE[prompt] + sum(after[index] for index in one + other) > tokens


def test_a_row_is_filled_before_another_begins() -> None:
    assert rows_of("abaaab", [10] * 6, [5] * 6, 20) == [[0, 2], [1, 5], [3, 4]]


def test_a_long_reply_leaves_the_short_ones_together() -> None:
    assert rows_of("aaaa", [10] * 4, [5, 20, 5, 5], 30) == [[1], [0, 2, 3]]
