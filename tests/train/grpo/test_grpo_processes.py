"""Several processes learn what one does, weights divided or not; one that is killed goes on."""

from __future__ import annotations

import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import load_file
from train.grpo.trainings import a_recipe, a_request
from train.launch import ENVIRONMENT, FSDP, PLAIN, curve, ended, run, words

from socioseg.train.record import read_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.train.methods import TrainRequest

PROCESS = Path(__file__).with_name("process.py")
SETTINGS = {
    "steps": 3,
    "queries": 3,  # two and one
    "group": 2,
    "sequences": 4,
    "evaluations": 1,
    "checkpoint": 1,
    "policy": {"checkpointing": True, "tokens": 1},  # as many passes as completions
}
ROUNDING = {"rel": 2e-3, "abs": 1e-4}


def weights(out: Path) -> dict[str, torch.Tensor]:
    return dict(load_file(next(out.glob("weights-*/model.safetensors"))))


@pytest.fixture(scope="module")
def one(qwen: Path, colours: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainRequest:
    """Give the request of a training that one process went through."""
    folder = tmp_path_factory.mktemp("one")
    recipe = a_recipe(folder, qwen, behaviour="released")
    request = a_request(recipe, colours, folder / "one", settings=SETTINGS)
    run(PROCESS, request)
    return request


def assert_like(out: Path, other: Path) -> None:
    assert len(curve(out)) == len(curve(other)) > 2
    for line, wanted in zip(curve(out), curve(other), strict=True):
        assert line == pytest.approx(wanted, **ROUNDING)
    found = weights(out)
    for name, value in weights(other).items():
        assert torch.allclose(found[name], value, atol=1e-4), name


@pytest.mark.slow
@pytest.mark.parametrize("start", [PLAIN, FSDP], ids=["whole", "divided"])
def test_two_processes_take_the_steps_of_one(
    one: TrainRequest,
    tmp_path: Path,
    start: Sequence[str],
) -> None:
    two = replace(one, out=tmp_path / "two")
    run(PROCESS, two, start)
    assert_like(two.out, one.out)


@pytest.mark.slow
def test_a_process_without_a_query_goes_along(qwen: Path, colours: Path, tmp_path: Path) -> None:
    settings = {**SETTINGS, "queries": 1, "steps": 2, "policy": {"lora": {"rank": 4}}}
    recipe = a_recipe(tmp_path, qwen, behaviour="released")
    for name, start in (("one", ()), ("two", FSDP)):
        run(PROCESS, a_request(recipe, colours, tmp_path / name, settings=settings), start)
    assert_like(tmp_path / "two", tmp_path / "one")


@pytest.mark.slow
def test_another_number_of_processes_goes_on(one: TrainRequest, tmp_path: Path) -> None:
    mixed = replace(one, out=tmp_path / "mixed")
    for start, steps in ((FSDP, 1), ((), 2), (FSDP, 3)):
        run(PROCESS, replace(mixed, limit_minutes=0 if steps < 3 else None), start)
        assert read_log(mixed.out)[-1]["step"] == steps
    assert_like(mixed.out, one.out)


@pytest.mark.slow
def test_all_processes_are_told_of_a_refusal(one: TrainRequest) -> None:
    found = ended(words(PROCESS, replace(one, settings={**SETTINGS, "group": 3}), PLAIN))
    assert found.returncode != 0
    told = [line for line in found.stderr.splitlines() if line.startswith("[rank")]
    last = [line for line in told if "Error: " in line]
    assert last
    assert all("OutputError: " in line and "holds another training" in line for line in last)


@pytest.mark.slow
def test_a_kill_changes_nothing(qwen: Path, colours: Path, tmp_path: Path) -> None:
    recipe = a_recipe(tmp_path, qwen, behaviour="released")
    settings = {"steps": 6, "queries": 4, "group": 2, "evaluations": 1, "checkpoint": 2}
    for name in ("whole", "broken"):
        request = a_request(recipe, colours, tmp_path / name, settings=settings)
        if name == "broken":
            process = subprocess.Popen(words(PROCESS, request), env=ENVIRONMENT)
            while len(read_log(request.out)) < 5 and process.poll() is None:
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        run(PROCESS, request)
    assert curve(tmp_path / "broken") == curve(tmp_path / "whole")
