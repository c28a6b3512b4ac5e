"""Micro-batches keep the replies to a prompt together, and the gradient is what it is apart."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from models.chat.pictures import PROMPTS
from train.grpo.updating import PACKED, Training

from socioseg.train.grpo.packs import Packs

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

GROUPS = [replace(PROMPTS[place], seed=seed) for seed in range(6) for place in (0, 1, 2)]
"""Six of each of three prompts, those of one group far apart."""


def a_training(qwen: Path, tokens: int, *, share: bool = True) -> Training:
    torch.manual_seed(0)
    training = Training(qwen, prompts=GROUPS)
    training.policy.settings = PACKED.model_copy(update={"tokens": tokens, "share": share})
    return training


@pytest.mark.parametrize("tokens", [100, 120, 200, 10_000])
def test_a_group_that_fits_is_in_one_row_of_one_pack(qwen: Path, tokens: int) -> None:
    training = a_training(qwen, tokens)
    whole = 0
    packs = list(Packs(training.policy, training.crew).of(training.turns, range(len(GROUPS))))
    assert sorted(index for pack in packs for index in pack.indices) == list(range(len(GROUPS)))
    for place in range(3):
        group = range(place, len(GROUPS), 3)
        written = [training.written[index] for index in group]
        if written[0].length + sum(len(each.tokens) for each in written) > tokens:
            continue
        (pack,) = (pack for pack in packs if not {*group}.isdisjoint(pack.indices))
        assert {*group} <= {*pack.indices}
        assert pack.batch.shared is not None
        rows = [pack.batch.shared.rows[pack.indices.index(index)] for index in group]
        assert len({int(row) for row in rows}) == 1
        whole += 1
    assert whole


def test_a_pack_keeps_to_its_tokens(qwen: Path) -> None:
    """Some replies are long, and leave holes in the rows."""
    training = a_training(qwen, 1)
    turns = [
        replace(turn, written=turn.written._replace(tokens=turn.written.tokens[:length]))
        for turn, length in zip(training.turns, [1, 2, 1, 9, 8, 9] * 3, strict=True)
    ]
    for tokens in range(20, 200, 4):
        training.policy.settings = PACKED.model_copy(update={"tokens": tokens})
        for pack in Packs(training.policy, training.crew).of(turns, range(len(turns))):
            assert len(pack.indices) == 1 or pack.batch.inputs["input_ids"].numel() <= tokens


def gradient(training: Training) -> Tensor:
    """All of the gradient of one step."""
    found: list[Tensor] = []
    step = training.optimizer.step

    def keep(rate: float, clip: float) -> float:
        found.extend(one.flatten().clone() for one in training.optimizer.gradients())
        return step(rate, clip)

    training.optimizer.step = keep  # type: ignore[method-assign]
    training.run()
    return torch.cat(found)


def test_the_gradient_is_that_of_each_reply_in_a_row_of_its_own(qwen: Path) -> None:
    alone = gradient(a_training(qwen, 1, share=False))
    assert alone.abs().max() > 1e-3
    for tokens, share in ((80, True), (120, True), (10_000, True), (120, False)):
        found = gradient(a_training(qwen, tokens, share=share))
        assert torch.allclose(found, alone, atol=1e-5, rtol=1e-3)
