"""A chat model as what is trained: its log-probabilities are those of what it writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from models.chat.pictures import PROMPTS, picture

from socioseg.errors import UsageError
from socioseg.models.chat import alike
from socioseg.models.chat.engine import Prompt
from socioseg.models.chat.local import LocalChat
from socioseg.train.grpo.sampler import Sampler
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.settings import LoraSettings, PolicySettings
from socioseg.train.tinypolicy.make import make_policy
from socioseg.train.tinypolicy.settings import Shape

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from socioseg.train.policy.batch import Batch

LORA = PolicySettings(lora=LoraSettings(rank=4))
REPLIES = ["<answer>[]</answer>", "The school", "", "no", '[{"bbox_2d": [1, 2, 3, 4]}]']


def a_policy(folder: Path, settings: PolicySettings | None = None, **options: Any) -> Policy:  # noqa: ANN401
    return Policy(LocalChat(str(folder), max_tokens=20), folder, settings, **options)


def likelihood(policy: Policy, batch: Batch) -> Tensor:
    with torch.no_grad():
        return policy.logprobs(batch)


def a_step(policy: Policy, batch: Batch) -> None:
    optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
    with policy.training():
        (-policy.logprobs(batch).mean()).backward()
    optimizer.step()
    optimizer.zero_grad()


def test_a_batch_gives_each_reply_what_it_gets_alone(qwen: Path) -> None:
    policy = a_policy(qwen)
    batch = policy.encode(PROMPTS, REPLIES)
    together = likelihood(policy, batch)
    assert together.shape == batch.mask.shape
    assert (together[~batch.mask] == 0).all()
    for row, (prompt, reply) in enumerate(zip(PROMPTS, REPLIES, strict=True)):
        alone = likelihood(policy, policy.encode([prompt], [reply]))[0]
        assert len(alone) == batch.mask[row].sum() == len(policy.tokens(reply))
        assert torch.allclose(together[row, : len(alone)], alone, atol=1e-5)


def test_log_probs_are_those_of_a_plain_forward_pass(qwen: Path) -> None:
    policy = a_policy(qwen)
    chat = LocalChat(str(qwen))
    reply = policy.tokens(REPLIES[0])
    inputs = chat.encode(PROMPTS[:1])
    more = torch.tensor([reply])
    whole = torch.cat([inputs["input_ids"], more], dim=1)
    inputs |= {
        "input_ids": whole,
        "attention_mask": torch.ones_like(whole),
        "mm_token_type_ids": torch.cat(
            [inputs["mm_token_type_ids"], torch.zeros_like(more)], dim=1
        ),
    }
    with torch.no_grad():
        logits = chat.model(**inputs).logits[0, -len(reply) - 1 : -1]
    logits[:, list(chat.unwritten)] = -torch.inf
    wanted = logits.log_softmax(-1)[torch.arange(len(reply)), more[0]]
    found = likelihood(policy, policy.encode(PROMPTS[:1], [reply]))[0]
    assert torch.allclose(found, wanted, atol=1e-5)


def test_one_prompt_for_many_replies_is_encoded_once(
    qwen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy, calls = a_policy(qwen), []
    encode = alike.encode
    monkeypatch.setattr(alike, "encode", lambda *args, **_: calls.append(args) or encode(*args))
    many = [replace(PROMPTS[0], seed=seed) for seed in range(5)]
    same = [replace(PROMPTS[0], images=tuple(map(np.copy, PROMPTS[0].images))) for _ in range(5)]
    one = policy.encode(many, REPLIES)
    assert len(calls) == 1
    other = policy.encode(same, REPLIES)
    assert len(calls) == 6
    assert all(torch.equal(value, other.inputs[name]) for name, value in one.inputs.items())


def test_another_shape_of_model_is_a_policy_too(tmp_path: Path) -> None:
    """A LLaVA counts positions otherwise than a Qwen, and does not heed padding by itself."""
    make_policy(tmp_path, Shape(side=32, width=16, inner=16, layers=2), ["school"], seed=0)
    chat = Sampler(str(tmp_path), max_tokens=9, temperature=1.0)
    policy = Policy(chat, tmp_path)
    texts = ("find school", "find the school in the park", "where")
    prompts = [Prompt(text, (picture(32, 32),) * 2, seed=i) for i, text in enumerate(texts)]
    with chat.keeping() as written:
        chat.ask(prompts)
    found = likelihood(policy, policy.encode(prompts, [each.tokens for each in written]))
    for row, each in zip(found.tolist(), written, strict=True):
        assert row[: len(each.tokens)] == pytest.approx(each.logprobs, abs=1e-4)


@pytest.mark.parametrize("settings", [None, LORA], ids=["full", "lora"])
def test_a_step_makes_replies_likelier_and_leaves_the_reference(
    qwen: Path, settings: PolicySettings | None
) -> None:
    policy = a_policy(qwen, settings, reference=True)
    batch = policy.encode(PROMPTS, REPLIES)
    before = likelihood(policy, batch)
    assert torch.equal(policy.reference(batch), before)
    for _ in range(3):
        a_step(policy, batch)
    after = likelihood(policy, batch)
    assert after.mean() > before.mean()
    assert torch.allclose(policy.reference(batch), before, atol=1e-6)


@pytest.mark.parametrize("settings", [None, LORA], ids=["full", "lora"])
def test_what_is_saved_answers_as_the_policy_does(
    qwen: Path, tmp_path: Path, settings: PolicySettings | None
) -> None:
    chat = LocalChat(str(qwen), max_tokens=20)
    policy = Policy(chat, qwen, settings)
    a_step(policy, policy.encode(PROMPTS, REPLIES))
    policy.save(tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        path.name for path in qwen.iterdir()
    }
    saved = LocalChat(str(tmp_path / "out"), max_tokens=20)
    batch = policy.encode(PROMPTS, REPLIES)
    again = likelihood(Policy(saved, tmp_path / "out"), batch)
    assert torch.allclose(again, likelihood(policy, batch), atol=1e-5)
    texts = [reply.text for reply in chat.ask(PROMPTS)]
    assert [reply.text for reply in saved.ask(PROMPTS)] == texts
    assert texts != [reply.text for reply in LocalChat(str(qwen), max_tokens=20).ask(PROMPTS)]


def test_recomputed_activations_give_the_same_gradients(qwen: Path) -> None:
    found = []
    for checkpointing in (True, False):
        policy = a_policy(qwen, PolicySettings(checkpointing=checkpointing))
        with policy.training():
            policy.logprobs(policy.encode(PROMPTS, REPLIES)).sum().backward()
        found.append([value.grad for value in policy.parameters()])
    for one, other in zip(*found, strict=True):
        assert (one is None) == (other is None)
        assert one is None or torch.allclose(one, other, atol=1e-5)


def test_layers_that_are_not_there_get_no_adapter(qwen: Path) -> None:
    settings = PolicySettings(lora=LoraSettings(targets=["nowhere"]))
    with pytest.raises(UsageError, match=r"policy\.lora: .*nowhere"):
        a_policy(qwen, settings)
