"""Weights that are divided, here among one process, learn and are written as whole ones."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from models.chat.pictures import PROMPTS
from train.launch import ENVIRONMENT, FSDP, launched

from socioseg.errors import UsageError
from socioseg.models.chat.local import LocalChat
from socioseg.train.policy.optimizer import Optimizer
from socioseg.train.policy.policy import Policy
from socioseg.train.policy.settings import LoraSettings, PolicySettings
from socioseg.train.policy.sharding import Sharding, sharding_asked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

LORA = PolicySettings(lora=LoraSettings(rank=4))
REPLIES = ["<answer>[]</answer>", "The school", "", "no", '[{"bbox_2d": [1, 2, 3, 4]}]']
TINY = 1e-7
"""A rate whose steps numbers of 16 bits do not show."""


@pytest.fixture
def _group() -> Iterator[None]:
    """A group of one process."""
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


class Learner:
    """A policy with its engine and optimizer."""

    def __init__(
        self,
        qwen: Path,
        settings: PolicySettings | None = None,
        *,
        divided: bool,
        **chat: Any,  # noqa: ANN401
    ) -> None:
        torch.manual_seed(0)  # of which adapters are drawn
        self.chat = LocalChat(str(qwen), max_tokens=20, **chat)
        sharding = Sharding() if divided else None
        self.policy = Policy(self.chat, qwen, settings, reference=True, sharding=sharding)
        self.optimizer = Optimizer(self.policy.parameters(), 0.01, 0.0)
        self.batch = self.policy.encode(PROMPTS, REPLIES)

    def step(self, rate: float = 0.01) -> float:
        """Learn the replies; gives the norm of the gradient."""
        with self.policy.training():
            (-self.policy.logprobs(self.batch).mean()).backward()
        return self.optimizer.step(rate, 1.0)

    def likelihood(self) -> Tensor:
        """Of the replies."""
        with torch.no_grad():
            return self.policy.logprobs(self.batch)

    def texts(self) -> list[str]:
        """What the engine answers."""
        with self.policy.answering():
            return [reply.text for reply in self.chat.ask(PROMPTS)]


def pair(qwen: Path, settings: PolicySettings | None = None, **chat: Any) -> tuple[Learner, ...]:  # noqa: ANN401
    """The same, divided and not."""
    return tuple(Learner(qwen, settings, divided=divided, **chat) for divided in (True, False))


@pytest.mark.usefixtures("_group")
@pytest.mark.parametrize("settings", [None, LORA], ids=["full", "lora"])
def test_divided_weights_learn_answer_and_are_saved_as_whole_ones(
    qwen: Path, tmp_path: Path, settings: PolicySettings | None
) -> None:
    divided, whole = pair(qwen, settings)
    assert divided.policy.divided
    first = divided.likelihood()
    assert torch.allclose(first, whole.likelihood(), atol=1e-5)
    for _ in range(3):
        assert divided.step() == pytest.approx(whole.step(), rel=1e-4)
    assert torch.allclose(divided.likelihood(), whole.likelihood(), atol=1e-4)
    assert not torch.allclose(divided.likelihood(), first, atol=1e-2)
    assert torch.allclose(divided.policy.reference(divided.batch), first, atol=1e-5)
    assert divided.texts() == whole.texts()
    with divided.policy.answering():
        divided.policy.save(tmp_path / "out")
    saved = Learner(tmp_path / "out", divided=False)
    assert torch.allclose(saved.likelihood(), whole.likelihood(), atol=1e-4)


@pytest.mark.usefixtures("_group")
def test_the_engine_has_weights_while_it_answers_alone(qwen: Path) -> None:
    learner = Learner(qwen, divided=True)
    assert sum(value.numel() for value in learner.chat.model.parameters()) == 0
    with learner.policy.answering():
        assert all(value.numel() for value in learner.chat.model.parameters())
    assert sum(value.numel() for value in learner.chat.model.parameters()) == 0


@pytest.mark.usefixtures("_group")
@pytest.mark.parametrize("divided", [True, False], ids=["from divided", "from whole"])
def test_what_is_kept_is_taken_up_however_weights_are_divided(qwen: Path, *, divided: bool) -> None:
    learner, other = (Learner(qwen, divided=each) for each in (divided, not divided))
    learner.step()
    assert {*learner.optimizer.state(keep=False)["weights"]} == {None}
    other.optimizer.restore(deepcopy(learner.optimizer.state()))
    assert torch.allclose(other.likelihood(), learner.likelihood(), atol=1e-4)
    for each in (learner, other):
        each.step()  # along the same moments
    assert torch.allclose(other.likelihood(), learner.likelihood(), atol=1e-4)


@pytest.mark.usefixtures("_group")
def test_weights_of_16_bits_are_kept_exactly(qwen: Path) -> None:
    divided, whole = pair(qwen, dtype="bfloat16")
    assert torch.allclose(divided.likelihood(), whole.likelihood(), atol=1e-6)
    before = [value.clone() for value in divided.optimizer.state()["weights"]]
    divided.step(TINY)
    after = divided.optimizer.state()["weights"]
    assert {value.dtype for value in after} == {torch.float32}
    assert any(not torch.equal(one, other) for one, other in zip(before, after, strict=True))
    with divided.policy.answering():
        shown = list(divided.chat.model.parameters())
        assert all(
            torch.equal(value, exact.bfloat16()) for value, exact in zip(shown, after, strict=True)
        )


@pytest.mark.usefixtures("_group")
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_replies_share_a_prompt_where_weights_are_divided(qwen: Path, dtype: str) -> None:
    found = []
    for learner in pair(qwen, dtype=dtype):
        batch = learner.policy.encode([PROMPTS[0]] * 2, REPLIES[:2], share=True)
        assert batch.shared
        with torch.no_grad():
            found.append(learner.policy.logprobs(batch))
    assert torch.allclose(*found, atol=1e-5)


@pytest.mark.usefixtures("_group")
def test_moments_of_8_bits_are_not_divided(qwen: Path) -> None:
    with pytest.raises(UsageError, match="adamw8bit does not step along divided weights"):
        Learner(qwen, PolicySettings(optimizer="adamw8bit"), divided=True)


ASKED = {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"ACCELERATE_USE_DEEPSPEED": "true"}, "not divided by DeepSpeed here: give .* FSDP"),
        ({**ASKED, "FSDP_VERSION": "1"}, "set fsdp_version: 2"),
        ({**ASKED, "FSDP_OFFLOAD_PARAMS": "true"}, "set fsdp_offload_params: false"),
    ],
)
def test_what_is_not_done_is_refused(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, str], sentence: str
) -> None:
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match=sentence):
        sharding_asked()


def test_nothing_is_divided_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sharding_asked() is None
    for name, value in ASKED.items():
        monkeypatch.setenv(name, value)
    assert isinstance(sharding_asked(), Sharding)


@pytest.mark.slow
def test_gradients_are_sums_or_means_over_the_processes(qwen: Path) -> None:
    script = str(Path(__file__).with_name("gradients.py"))
    command = [sys.executable, *launched(FSDP), script, str(qwen)]
    found = subprocess.run(
        command, check=True, env=ENVIRONMENT, timeout=300, capture_output=True, text=True
    )
    assert found.stdout.count("0.5: True, 1.0: True") == 2  # processes
