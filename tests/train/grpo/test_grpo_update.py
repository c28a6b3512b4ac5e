"""What an update does to the policy, and what the log says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from train.grpo.updating import PACKED, Training

from socioseg.errors import UsageError
from socioseg.train.policy.optimizer import Optimizer

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.train.grpo.sampler import Written


def sums(written: list[Written]) -> list[float]:
    return [sum(each.logprobs) for each in written]


def test_what_was_heard_while_writing_is_what_training_reckons(qwen: Path) -> None:
    training = Training(qwen)
    assert sums(training.written) == pytest.approx(training.likelihoods(), abs=1e-4)
    assert all(len(each.logprobs) == len(each.tokens) for each in training.written)
    assert training.run()["difference"] < 1e-5


def test_in_16_bits_both_are_the_same_to_their_rounding(qwen: Path) -> None:
    training = Training(qwen, "bfloat16")
    eps = torch.finfo(torch.bfloat16).eps
    assert sums(training.written) == pytest.approx(training.likelihoods(), rel=eps)
    assert 0 < training.run()["difference"] < eps


def test_good_replies_become_likelier_and_bad_ones_less(qwen: Path) -> None:
    training = Training(qwen)
    before = training.likelihoods()
    found = training.run()
    assert found["clip"] == found["kl"] == 0
    assert found["gradient"] > 0
    moved = [new - old for new, old in zip(training.likelihoods(), before, strict=True)]
    assert all(
        change * turn.advantage > 0 for change, turn in zip(moved, training.turns, strict=True)
    )


@pytest.mark.parametrize("tokens", [1, 10_000])
def test_how_sequences_are_packed_changes_nothing(qwen: Path, tokens: int) -> None:
    found = []
    for size in (PACKED.tokens, tokens):
        training = Training(qwen, kl=0.1)
        training.policy.settings = PACKED.model_copy(update={"tokens": size})
        training.run()
        found.append(training.likelihoods())
    assert found[0] == pytest.approx(found[1], abs=1e-3)


def test_the_gradient_is_that_of_the_plain_loss(qwen: Path) -> None:
    training = Training(qwen, loss="token_mean")
    written = training.written
    losses = []
    for each, turn in zip(written, training.turns, strict=True):
        row = training.policy.logprobs(training.policy.encode([each.prompt], [each.tokens]))
        losses.append(-turn.advantage * row.mean())
    torch.stack(losses).mean().backward()
    wanted = torch.stack([grad.norm() for grad in training.optimizer.gradients()]).norm().item()
    training.optimizer.step(0.0, 1.0)
    assert training.run()["gradient"] == pytest.approx(wanted, rel=1e-3)


def test_many_steps_of_a_stage_move_the_ratio_and_meet_the_clip(qwen: Path) -> None:
    training = Training(qwen, sequences=1, clip=0.01, kl=0.01)
    found = training.run()
    assert found["clip"] > 0
    assert found["kl"] > 0


def test_weights_of_16_bits_are_trained_through_exact_copies(qwen: Path) -> None:
    training = Training(qwen, "bfloat16")
    before = [value.detach().clone() for value in training.policy.parameters()]
    exact = [value.clone() for value in training.optimizer.state()["weights"]]
    old = training.update.before(training.turns)
    training.update.run(training.turns, old, 1e-7, seed=0)  # too small a step for 16 bits
    moved = training.optimizer.state()["weights"]
    assert any(not torch.equal(one, other) for one, other in zip(exact, moved, strict=True))
    for value, copy in zip(training.policy.parameters(), moved, strict=True):
        assert value.dtype == torch.bfloat16
        assert torch.equal(value, copy.bfloat16())
    for _ in range(20):
        training.update.run(training.turns, old, 1e-3, seed=0)
    after = training.policy.parameters()
    assert any(not torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_a_gradient_that_is_no_number_changes_nothing(qwen: Path) -> None:
    training = Training(qwen)
    before = [value.detach().clone() for value in training.policy.parameters()]
    training.optimizer.gradients()[0].fill_(torch.nan)
    training.optimizer.step(1e-3, 1.0)
    after = training.policy.parameters()
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_an_optimizer_of_8_bits_needs_its_package() -> None:
    value = torch.nn.Parameter(torch.zeros(2))
    with pytest.raises(UsageError, match="needs bitsandbytes: pip install it, or take adamw"):
        Optimizer([value], 1e-3, 0.0, "adamw8bit")
