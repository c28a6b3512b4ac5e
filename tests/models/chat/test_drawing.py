"""Drawing tokens, against what transformers does, and against the shares themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.models.chat.drawing import Draw, probabilities
from socioseg.models.chat.generation import Generation

if TYPE_CHECKING:
    from torch import Tensor

torch = pytest.importorskip("torch")
# Apart from each other: which of two equally likely tokens is left out, nobody says.
numbers = st.integers(-1000, 1000).map(lambda hundredths: hundredths / 100)


def warped(logits: Tensor, how: Generation) -> Tensor:
    """The probabilities by the processors of transformers."""
    from transformers import TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    ids = torch.zeros((len(logits), 1), dtype=torch.long)
    logits = TemperatureLogitsWarper(how.temperature)(ids, logits)
    if how.top_k:
        logits = TopKLogitsWarper(how.top_k)(ids, logits)
    return TopPLogitsWarper(how.top_p)(ids, logits).softmax(dim=-1)


@settings(max_examples=50)
@given(
    st.lists(st.lists(numbers, min_size=7, max_size=7, unique=True), min_size=1, max_size=3),
    st.floats(0.3, 2),
    st.floats(0.1, 0.999),
    st.integers(0, 9),
)
def test_the_same_tokens_may_come_as_in_transformers(
    logits: list[list[float]], temperature: float, top_p: float, top_k: int
) -> None:
    how = Generation(temperature=temperature, top_p=top_p, top_k=top_k)
    scores = torch.tensor(logits)
    shares = probabilities(scores, how)
    shares = shares / shares.sum(dim=-1, keepdim=True)
    difference = (shares - warped(scores, how)).abs()
    whole = scores.div(temperature).softmax(dim=-1)
    ordered = whole.sort(dim=-1, descending=True).values.cumsum(dim=-1)
    on_the_edge = (ordered - top_p).abs().min() < 1e-5
    assert difference.max() < 1e-5 or on_the_edge


def draw(how: Generation, seeds: range, logits: Tensor) -> Tensor:
    scores = logits.expand(len(seeds), -1)
    ids = torch.zeros((len(seeds), 3), dtype=torch.long)
    return Draw(how, seeds, 3)(ids, scores)


def test_tokens_come_as_often_as_they_should() -> None:
    logits = torch.tensor([[2.0, 0.0, 1.0, -torch.inf, 1.5]])
    how = Generation(temperature=0.7, max_tokens=1)
    drawn = draw(how, range(4000), logits)
    assert torch.isfinite(drawn).sum(dim=1).eq(1).all()  # one token is left in each row
    shares = drawn.softmax(dim=-1).mean(dim=0)
    expected = (logits[0] / 0.7).softmax(dim=-1)
    limit = 4 * (expected * (1 - expected) / 4000).sqrt()
    assert ((shares - expected).abs() <= limit).all()
    assert shares[3] == 0


def test_a_low_temperature_and_a_small_share_take_the_likeliest() -> None:
    logits = torch.tensor([[0.0, 3.0, 2.9, 1.0]])
    for how in ({"temperature": 1e-3}, {"temperature": 9.0, "top_p": 1e-6}):
        assert draw(Generation(**how), range(50), logits).argmax(dim=-1).eq(1).all()
    only = draw(Generation(temperature=9.0, top_k=1), range(50), logits)
    assert only.argmax(dim=-1).eq(1).all()


def test_each_step_of_a_seed_is_drawn_anew() -> None:
    how = Generation(temperature=1.0, max_tokens=64)
    steer, flat = Draw(how, [5], 2), torch.zeros((1, 1000))
    ids = [torch.zeros((1, 2 + step), dtype=torch.long) for step in range(64)]
    drawn = [int(steer(step, flat).argmax()) for step in ids]
    assert len(set(drawn)) > 50
    again = Draw(how, [4, 5], 2)
    pairs = [again(step.expand(2, -1), flat.expand(2, -1))[1].argmax() for step in ids]
    assert drawn == [int(token) for token in pairs]
    np.testing.assert_allclose(np.mean(drawn), 500, atol=150)


def test_logits_that_are_no_numbers_draw_some_token_and_change_no_other_row() -> None:
    logits = torch.tensor([[0.0, 9.0, -3.0], [torch.nan] * 3])
    for seed in range(20):
        steer = Draw(Generation(temperature=1e-3), [seed, seed], 0)
        drawn = steer(torch.zeros((2, 0), dtype=torch.long), logits)
        assert drawn.argmax(dim=-1)[0] == 1
        assert drawn.isfinite().sum(dim=-1).tolist() == [1, 1]
