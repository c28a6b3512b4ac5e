"""Several processes are fine-tuned as one is, weights divided or not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
import yaml
from models.tinymodels import tiny_qwen
from safetensors.torch import load_file
from train.launch import FSDP, PLAIN, curve, run

from socioseg.bench.run import BenchRequest, bench
from socioseg.train.methods import TrainRequest
from socioseg.train.record import read_log

if TYPE_CHECKING:
    from collections.abc import Sequence

PROCESS = Path(__file__).with_name("process.py")
SETTINGS = {
    "steps": 4,
    "evaluations": 4,
    "batch_size": 1,
    "accumulate": 4,
    "level": "class",
    "validation_limit": 3,
    "learning_rate": 0.003,
}


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a recipe of a tiny random Qwen2.5-VL."""
    folder = tmp_path_factory.mktemp("recipe")
    weights = tiny_qwen(folder / "qwen")
    chat = {"name": "local", "weights": str(weights), "max_tokens": 8, "temperature": 0}
    model = {
        "model": "socioseg.models.reason.reasoner:Reasoner",
        "options": {"prompts": "light", "chat": chat, "segmenter": "fill"},
        "train": {"method": "sft"},
    }
    path = folder / "qwen.yaml"
    path.write_text(yaml.safe_dump(model))
    return str(path)


def request(recipe: str, data: Path, out: Path, **settings: Any) -> TrainRequest:  # noqa: ANN401
    return TrainRequest(recipe, str(data), out, method="sft", settings={**SETTINGS, **settings})


@pytest.fixture(scope="module")
def one(recipe: str, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainRequest:
    """Give the request of a fine-tuning that one process went through."""
    found = request(recipe, colours, tmp_path_factory.mktemp("one") / "one")
    run(PROCESS, found)
    return found


def weights(out: Path) -> dict[str, torch.Tensor]:
    return dict(load_file(next(out.glob("weights-*/model.safetensors"))))


def assert_like(out: Path, other: Path) -> None:
    assert len(curve(out)) == len(curve(other)) == SETTINGS["steps"]
    for line, wanted in zip(curve(out), curve(other), strict=True):
        assert line == pytest.approx(wanted, rel=2e-3, abs=1e-4)
    found = weights(out)
    for name, value in weights(other).items():
        assert torch.allclose(found[name], value, atol=1e-4), name


@pytest.mark.slow
@pytest.mark.parametrize("start", [PLAIN, FSDP], ids=["whole", "divided"])
def test_two_processes_are_tuned_as_one(
    one: TrainRequest, tmp_path: Path, start: Sequence[str]
) -> None:
    two = replace(one, out=tmp_path / "two")
    run(PROCESS, two, start)
    assert_like(two.out, one.out)
    bench(BenchRequest(str(two.out), one.dataset, tmp_path / "run", level="class", limit=1))


@pytest.mark.slow
def test_adapters_are_divided_too(recipe: str, colours: Path, tmp_path: Path) -> None:
    settings = {"policy": {"lora": {"rank": 4}, "checkpointing": False}}
    for name, start in (("one", ()), ("two", FSDP)):
        run(PROCESS, request(recipe, colours, tmp_path / name, **settings), start)
    assert_like(tmp_path / "two", tmp_path / "one")


@pytest.mark.slow
def test_another_number_of_processes_goes_on(one: TrainRequest, tmp_path: Path) -> None:
    mixed = replace(one, out=tmp_path / "mixed")
    for start, steps in ((FSDP, 1), ((), 2), (FSDP, 4)):
        limit = 0 if steps < SETTINGS["steps"] else None
        run(PROCESS, replace(mixed, limit_minutes=limit), start)
        assert read_log(mixed.out)[-1]["step"] == steps
    assert_like(mixed.out, one.out)


@pytest.mark.slow
def test_batches_that_cannot_be_shared_are_refused(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match=r"accumulate = 3 cannot be shared by 2 processes"):
        run(PROCESS, request(recipe, colours, tmp_path / "out", accumulate=3), PLAIN)
