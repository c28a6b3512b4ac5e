"""Memory that is too small ends a training with one sentence: what did not fit, what to lower."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from models.tinymodels import tiny_qwen
from train.grpo.trainings import a_recipe, a_request, letters

from socioseg.errors import UsageError
from socioseg.models.segmenters import Fill
from socioseg.train.grpo.sampler import Sampler
from socioseg.train.memory import room
from socioseg.train.methods import TrainRequest, train
from socioseg.train.policy.policy import Policy
from socioseg.train.record import read_log
from socioseg.train.rewards import REWARDS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GB = 10**9
SIZES = r"the GPU's memory \(80 GB, 71 GB used at most, 2 GB free now\): "
PASSES = "lower policy.tokens or max_tokens, .*adapters with policy.lora.rank=16"
WEIGHTS = "set kl=0 or policy.optimizer=adamw8bit, train adapters .* by FSDP"
SEGMENTER = "lower batch_size and targets of the segmenter in the model's recipe"


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    pytest.importorskip("transformers")
    monkeypatch.setitem(REWARDS, "letters", letters)
    return a_recipe(tmp_path, tiny_qwen(tmp_path / "qwen"), behaviour="released")


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`fill(owner, name, when)` has no memory for calls of `owner.name` that `when` is true of."""

    def full(owner: Any, name: str, when: Callable[..., bool]) -> None:  # noqa: ANN401
        plain = getattr(owner, name)

        def called(*args: Any, **options: Any) -> Any:  # noqa: ANN401
            if when(*args, **options):
                raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 GiB")
            return plain(*args, **options)

        monkeypatch.setattr(owner, name, called)

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2 * GB, 80 * GB))
    monkeypatch.setattr(torch.cuda, "max_memory_allocated", lambda: 71 * GB)
    return full


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it when the training has begun: it then believes to be on a GPU."""
    return lambda: monkeypatch.setattr(
        "socioseg.train.memory.torch.cuda.is_available", lambda: True
    )


SAID = [
    (torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 GiB"), "GPU"),
    (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate`"), "GPU"),
    (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "GPU"),
    (torch.distributed.DistBackendError("NCCL error\nFailed to CUDA calloc 64 bytes"), "GPU"),
    (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "machine"),
    (MemoryError(), "machine"),
]


@pytest.mark.parametrize(("error", "place"), SAID)
def test_each_way_to_say_it_becomes_one_sentence(error: Exception, place: str) -> None:
    with pytest.raises(UsageError) as caught, room("All of it", "take less"):
        raise error
    assert str(caught.value) == f"All of it does not fit into the {place}'s memory: take less."
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: an illegal memory access was encountered"),
        RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"),
        UsageError("A batch does not fit into the GPU's memory."),
        ValueError("CUDA out of memory"),
    ],
)
def test_any_other_error_passes_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, room("All of it", "take less"):
        raise error
    assert caught.value is error


def test_a_gpu_too_full_to_be_asked_is_one_sentence_too(
    monkeypatch: pytest.MonkeyPatch, gpu: Callable[[], None]
) -> None:
    def ask() -> None:
        raise RuntimeError("CUDA error: out of memory")

    gpu()
    monkeypatch.setattr(torch.cuda, "mem_get_info", ask)
    with (
        pytest.raises(UsageError, match=r"the GPU's memory: take less\.$"),
        room("It", "take less"),
    ):
        raise RuntimeError("CUDA error: out of memory")


def always(*_: object, **__: object) -> bool:
    return True


def of_rollouts(_: object, many: list[Any], *__: object) -> bool:
    """Two queries with four answers each, where validation has three queries."""
    return len(many) in {2, 8}


def of_validation(_: object, many: list[Any], *__: object) -> bool:
    return len(many) == 3


GRPO = {
    "copies": (Policy, "parameters", always, f"What learns, .*{WEIGHTS}"),
    "a pass": (
        Policy,
        "logprobs",
        always,
        rf"A micro-batch of \d sequences of \d+ tokens .*{PASSES}",
    ),
    "the reference": (Policy, "reference", always, rf"A micro-batch of .*{PASSES}"),
    "backward": (torch.Tensor, "backward", always, rf"A micro-batch of .*{PASSES}"),
    "a step": (torch.optim.AdamW, "step", always, f"A step of the optimiser .*{WEIGHTS}"),
    "embedding": (Fill, "embed", of_rollouts, f"What the segmenter sees .*{SEGMENTER}, or queries"),
    "cutting out": (
        Fill,
        "segment",
        of_rollouts,
        f"What the segmenter cuts out .*{SEGMENTER}, or queries",
    ),
    "validation": (Fill, "segment", of_validation, f"What an evaluation cuts out .*{SEGMENTER}"),
}


@pytest.mark.parametrize("behaviour", ["paper", "released"])
@pytest.mark.parametrize("case", GRPO)
def test_each_part_of_grpo_says_what_did_not_fit(
    case: str,
    behaviour: str,
    recipe: str,
    colours: Path,
    tmp_path: Path,
    fill: Callable[..., None],
    gpu: Callable[[], None],
) -> None:
    owner, name, when, sentence = GRPO[case]

    def now(*args: Any, **options: Any) -> bool:  # noqa: ANN401
        if when(*args, **options):
            gpu()
            return True
        return False

    fill(owner, name, now)
    settings = {"steps": 1, "behaviour": behaviour, "hand_over": "own"}
    with pytest.raises(UsageError, match=sentence) as caught:
        train(a_request(recipe, colours, tmp_path / "out", settings=settings))
    assert caught.match(SIZES)
    assert "\n" not in str(caught.value)


def test_a_rollout_that_does_not_fit_is_halved(
    recipe: str,
    colours: Path,
    tmp_path: Path,
    fill: Callable[..., None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    fill(Sampler, "write", lambda _, prompts, *__: len(prompts) > 2)
    with caplog.at_level(logging.WARNING):
        train(a_request(recipe, colours, tmp_path / "out", settings={"steps": 1}))
    told = [record.getMessage() for record in caplog.records]
    assert told == ["3 prompts do not fit into the GPU: going on with 1."]
    assert len(read_log(tmp_path / "out")) == 2


def test_one_prompt_that_does_not_fit_is_the_end(
    recipe: str,
    colours: Path,
    tmp_path: Path,
    fill: Callable[..., None],
) -> None:
    fill(Sampler, "write", always)
    with pytest.raises(UsageError, match=r"One prompt alone does not fit .* lower max_tokens"):
        train(a_request(recipe, colours, tmp_path / "out"))


SFT = {
    "a pass": (
        Policy,
        "logprobs",
        always,
        "A batch, or the step along it, .*lower batch_size and raise",
    ),
    "a step": (
        torch.optim.AdamW,
        "step",
        always,
        "A batch, or the step along it, .*policy.lora.rank=16",
    ),
    "lessons": (Fill, "segment", always, f"What the segmenter cuts out .*{SEGMENTER}, or batch_s"),
    "evaluation": (Fill, "segment", of_validation, f"What an evaluation cuts out .*{SEGMENTER}"),
}


@pytest.mark.parametrize("case", SFT)
def test_each_part_of_sft_says_what_did_not_fit(
    case: str,
    recipe: str,
    colours: Path,
    tmp_path: Path,
    fill: Callable[..., None],
) -> None:
    owner, name, when, sentence = SFT[case]
    fill(owner, name, when)
    settings = {"level": "class", "steps": 1, "batch_size": 2, "validation_limit": 3}
    request = TrainRequest(
        recipe, str(colours), tmp_path / "out", method="sft", settings=settings, device="cpu"
    )
    with pytest.raises(UsageError, match=rf"^{sentence}") as caught:
        train(request)
    assert "\n" not in str(caught.value)


RESUMED = "The checkpoint to go on from does not fit .*: end what else runs there, or go on by the "


@pytest.mark.parametrize("owner", ["optimizer", "file"])
def test_a_checkpoint_of_grpo_that_does_not_fit_is_said(
    owner: str, recipe: str, colours: Path, tmp_path: Path, fill: Callable[..., None]
) -> None:
    begun = a_request(recipe, colours, tmp_path / "out", limit_minutes=0)
    train(begun)
    if owner == "optimizer":
        fill(torch.optim.AdamW, "load_state_dict", always)
    else:
        fill(torch, "load", lambda path, **_: str(path).endswith("state.pt"))
    with pytest.raises(UsageError, match=RESUMED):
        train(begun)


@pytest.mark.parametrize("name", ["learnt.pt", "optimizer.pt"])
def test_a_checkpoint_of_sft_that_does_not_fit_is_said(
    name: str, recipe: str, colours: Path, tmp_path: Path, fill: Callable[..., None]
) -> None:
    settings = {"level": "class", "steps": 2, "batch_size": 2, "validation_limit": 3}
    request = TrainRequest(
        recipe, str(colours), tmp_path / "out", method="sft", settings=settings, device="cpu"
    )
    train(replace(request, limit_minutes=0))
    fill(torch, "load", lambda path, **_: str(path).endswith(name))
    with pytest.raises(UsageError, match=RESUMED):
        train(request)
