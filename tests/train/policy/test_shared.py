"""Replies that share a prompt's row are worth what they are worth alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import torch
from models.chat.pictures import PROMPTS, picture

from socioseg.models.chat.engine import Prompt
from socioseg.models.chat.local import LocalChat
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.settings import LoraSettings, PolicySettings
from socioseg.train.tinypolicy.make import make_policy
from socioseg.train.tinypolicy.settings import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

REPLIES = ["<answer>[]</answer>", "The school", "", "no", "of them all"]
LORA = PolicySettings(lora=LoraSettings(rank=4))


@pytest.fixture
def llava(tmp_path: Path) -> Path:
    make_policy(tmp_path, Shape(side=32, width=16, inner=16, layers=2), ["school"], seed=0)
    return tmp_path


def prompts_of(count: int) -> list[Prompt]:
    """Prompts of two lengths in turn, so that one is padded and replies of a row lie apart."""
    return [replace(PROMPTS[i % 2], seed=i) for i in range(count)]


def gradients(policy: Policy, prompts: list[Prompt], replies: list[str], *, share: bool) -> Tensor:
    with policy.training():
        found = policy.logprobs(policy.encode(prompts, replies, share=share))
        (found * torch.arange(1.0, found.shape[1] + 1)).sum().backward()
    values = [value.grad for value in policy.parameters() if value.grad is not None]
    return torch.cat([value.flatten() for value in values])


@pytest.mark.parametrize("settings", [None, LORA], ids=["full", "lora"])
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_a_shared_row_gives_each_reply_what_it_gets_alone(
    qwen: Path, settings: PolicySettings | None, attention: str
) -> None:
    policy = Policy(LocalChat(str(qwen), attention=attention), qwen, settings, reference=True)
    prompts = prompts_of(len(REPLIES))
    apart, together = (policy.encode(prompts, REPLIES, share=share) for share in (False, True))
    assert len(together.inputs["input_ids"]) == 2
    assert torch.equal(together.replies, apart.replies)
    assert torch.equal(together.mask, apart.mask)
    with torch.no_grad():
        assert torch.allclose(policy.logprobs(together), policy.logprobs(apart), atol=1e-5)
    assert torch.allclose(policy.reference(together), policy.reference(apart), atol=1e-5)


def test_gradients_are_those_of_rows_of_their_own(qwen: Path) -> None:
    found = [
        gradients(Policy(LocalChat(str(qwen)), qwen), prompts_of(5), REPLIES, share=share)
        for share in (False, True)
    ]
    assert found[0].abs().max() > 1e-3
    assert torch.allclose(*found, atol=1e-4, rtol=1e-4)


def test_a_model_that_counts_positions_in_one_way_shares_too(llava: Path) -> None:
    policy = Policy(LocalChat(str(llava)), llava)
    images = (picture(32, 32),) * 2
    texts = ["find school", "find the school in the park"] * 3
    prompts = [Prompt(text, images) for text in texts]
    replies = ["school", "", "the park", "is", "not there", "no"]
    with torch.no_grad():
        apart = policy.logprobs(policy.encode(prompts, replies))
        together = policy.logprobs(policy.encode(prompts, replies, share=True))
    assert torch.allclose(together, apart, atol=1e-5)


def test_prompts_that_are_all_different_have_rows_of_their_own(qwen: Path) -> None:
    policy = Policy(LocalChat(str(qwen)), qwen)
    assert policy.encode(PROMPTS, REPLIES[: len(PROMPTS)], share=True).shared is None


def test_attention_that_takes_no_mask_shares_nothing(qwen: Path) -> None:
    chat = LocalChat(str(qwen))
    chat.model.config.get_text_config()._attn_implementation = "flash_attention_2"
    policy = Policy(chat, qwen)
    assert policy.encode(prompts_of(5), REPLIES, share=True).shared is None
