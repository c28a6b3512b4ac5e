"""Every term of GRPO against numbers worked out by hand, and against a few plain lines."""

from __future__ import annotations

import math
import statistics

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from socioseg.errors import RecipeError
from socioseg.recipe import parse_recipe
from socioseg.train.grpo.settings import GrpoSettings
from socioseg.train.grpo.terms import advantages, divergence, of_sequences, surrogate

NUMBERS = st.floats(-20, 20, allow_nan=False, width=32)
GROUPS = st.integers(2, 8).flatmap(
    lambda size: st.lists(st.lists(NUMBERS, min_size=size, max_size=size), min_size=1, max_size=4)
)
LOGS = st.floats(-6, 0, allow_nan=False)


def test_an_advantage_is_the_distance_from_the_groups_mean() -> None:
    rewards = torch.tensor([[3.0, 1.0, 1.0, 3.0], [0.0, 0.0, 0.0, 4.0]])
    found = advantages(rewards)
    assert found.tolist() == [[1, -1, -1, 1], [-1, -1, -1, 3]]


def test_a_released_advantage_is_divided_by_the_samples_deviation() -> None:
    found = advantages(torch.tensor([[0.0, 0.0, 0.0, 4.0]]), std=True)  # mean 1, deviation 2
    assert found.tolist() == [pytest.approx([-0.5, -0.5, -0.5, 1.5], abs=1e-5)]
    assert advantages(torch.full((1, 8), 0.1), std=True).abs().max() < 0.1
    assert advantages(torch.tensor([[0.0, 40.0]]), clip=10).tolist() == [[-10, 10]]
    assert advantages(torch.tensor([[0.0, 40.0]]), reward_clip=10).tolist() == [[-5, 5]]


@given(rewards=GROUPS, std=st.booleans(), clip=st.sampled_from([0.0, 1.5]))
def test_advantages_are_those_of_a_few_plain_lines(
    rewards: list[list[float]], *, std: bool, clip: float
) -> None:
    found = advantages(torch.tensor(rewards, dtype=torch.float64), std=std, clip=clip)
    for group, row in zip(rewards, found.tolist(), strict=True):
        mean = statistics.fmean(group)
        scale = statistics.stdev(group) + 1e-6 if std else 1
        wanted = [(reward - mean) / scale for reward in group]
        if clip:
            wanted = [max(-clip, min(clip, value)) for value in wanted]
        assert row == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize(
    ("ratio", "advantage", "clip", "loss", "held"),
    [
        (1.0, 2.0, 0.5, -2.0, False),
        (1.4, 2.0, 0.5, -2.8, False),
        (1.6, 2.0, 0.5, -3.0, True),  # better, and likely enough by now
        (1.6, -2.0, 0.5, 3.2, False),  # worse, and still to be made less likely
        (0.4, -2.0, 0.5, 1.0, True),
        (0.4, 2.0, 0.5, -0.8, False),
        (1.3, 1.0, 0.2, -1.2, True),
    ],
)
def test_the_ratio_is_clipped(
    ratio: float, advantage: float, clip: float, loss: float, *, held: bool
) -> None:
    new = torch.tensor([[math.log(ratio)]], dtype=torch.float64, requires_grad=True)
    old = torch.zeros(1, 1, dtype=torch.float64)
    found, bound = surrogate(new, old, torch.tensor([advantage], dtype=torch.float64), clip)
    assert (found.item(), bound.item()) == (pytest.approx(loss), held)
    found.sum().backward()
    assert new.grad is not None
    assert new.grad.item() == pytest.approx(0.0 if held else -advantage * ratio)


@given(st.lists(st.tuples(LOGS, LOGS), min_size=1, max_size=9))
def test_the_divergence_is_that_of_plain_lines(pairs: list[tuple[float, float]]) -> None:
    new, reference = torch.tensor(pairs, dtype=torch.float64).T[:, None]
    found = {name: divergence(new, reference, name)[0] for name in ("k1", "k2", "k3")}
    assert (found["k3"] >= -1e-12).all()
    for index, (ours, theirs) in enumerate(pairs):
        d = theirs - ours
        assert found["k1"][index].item() == pytest.approx(ours - theirs, abs=1e-9)
        assert found["k2"][index].item() == pytest.approx(d * d / 2, abs=1e-9)
        assert found["k3"][index].item() == pytest.approx(math.exp(d) - d - 1, abs=1e-9)
    assert divergence(new - 9, reference, "k3", 10).max() <= 10


def test_k3_has_the_mean_of_the_true_divergence() -> None:
    policy, reference = torch.tensor([0.5, 0.3, 0.2]), torch.tensor([0.2, 0.2, 0.6])
    true = (policy * (policy / reference).log()).sum()
    found = divergence(policy.log()[None], reference.log()[None], "k3")[0]
    assert (policy * found).sum() == pytest.approx(true.item(), abs=1e-6)


def test_tokens_are_summed_or_averaged_where_they_were_written() -> None:
    values = torch.tensor([[1.0, 2.0, 99.0], [3.0, 4.0, 5.0], [7.0, 7.0, 7.0]])
    mask = torch.tensor([[True, True, False], [True, True, True], [False, False, False]])
    assert of_sequences(values, mask, "token_sum").tolist() == [3, 12, 0]
    assert of_sequences(values, mask, "token_mean").tolist() == [1.5, 4, 0]


def test_behaviour_sets_what_the_released_code_does_and_each_key_can_be_set_alone() -> None:
    paper, released = GrpoSettings(), GrpoSettings.model_validate({"behaviour": "released"})
    assert (paper.clip, paper.hand_over, paper.order, paper.loss) == (
        0.5,
        "best",
        "apart",
        "token_sum",
    )
    assert (released.clip, released.hand_over, released.order, released.loss) == (
        0.2,
        "own",
        "together",
        "token_mean",
    )
    assert (paper.divide_by_std, released.divide_by_std) == (False, True)
    assert (paper.kl, paper.kl_clamp, released.kl, released.kl_clamp) == (0.005, 0, 0.005, 10)
    mixed = parse_recipe({"behaviour": "released", "clip": 0.3}, GrpoSettings, "test")
    assert (mixed.clip, mixed.divide_by_std) == (0.3, True)
    with pytest.raises(RecipeError, match="did you mean hand_over"):
        parse_recipe({"handover": "own"}, GrpoSettings, "test")


def test_the_rate_is_constant_or_falls() -> None:
    falling = GrpoSettings(steps=4, learning_rate=1.0, schedule="linear")
    assert [falling.rate(step) for step in (1, 2, 3, 4)] == [1, 0.75, 0.5, 0.25]
    assert GrpoSettings(steps=4).rate(4) == 1e-6
    assert [GrpoSettings(steps=n, evaluations=25).every for n in (1, 25, 26, 250)] == [1, 1, 2, 10]
