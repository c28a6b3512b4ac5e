"""Every baseline runs: on tiny random weights in the real formats, through one command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from commands import say
from models.tinymodels import tiny_qwen, tiny_sam2

from socioseg.bench.log import read_log
from socioseg.models.registry import find_model
from socioseg.recipe import recipe_files

if TYPE_CHECKING:
    from pathlib import Path

REASONERS = [name for name in recipe_files("baselines") if "chat" in find_model(name)[1].options]
OTHERS = {"gpt", "o3", "tiny"}
"""Baselines whose pixels are not Qwen's, as those of the tiny model are."""
AS_QWEN = ("--set", "frame=resized", "--set", "frame_options={}")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """Words of the command that put tiny weights in the place of the published ones."""
    root = tmp_path_factory.mktemp("tiny")
    chat, cutter = tiny_qwen(root / "qwen"), tiny_sam2(root / "sam2")
    return (
        *("--engine", "local", "--weights", str(chat), "--prompts", "socioreasoner"),
        *("--set", "chat.max_tokens=12"),
        *("--set", f"segmenter={{name: sam2, weights: {cutter}}}"),
    )


@pytest.mark.parametrize("name", REASONERS)
def test_every_reasoning_baseline_runs_on_tiny_weights(
    name: str,
    tiny: tuple[str, ...],
    data: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "run"
    told = "truth" in str(find_model(name)[1].options["chat"])
    words = (() if told else tiny) + (AS_QWEN if name in OTHERS else ())
    ran = say(
        capfd, "bench", "--model", name, "--dataset", str(data), "--out", str(out),
        "--limit", "1", *words, "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert json.loads(ran.out.splitlines()[-1])["samples"] == 1
    (line,) = read_log(out)
    assert len(line.texts) == len(line.stages) >= 1
    assert line.usage["tokens"] > 0 or told
    assert say(capfd, "score", str(out)).code == 0


@pytest.mark.slow
def test_a_run_on_tiny_weights_goes_on_where_it_was(
    tiny: tuple[str, ...], data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    words = ("bench", "--model", "socioreasoner", "--dataset", str(data), *tiny)
    assert say(capfd, *words, "--out", str(whole)).code == 0
    assert say(capfd, *words, "--out", str(parts), "--limit", "4").code == 0
    log = (parts / "predictions.jsonl").read_bytes()
    (parts / "predictions.jsonl").write_bytes(log[:-20])  # as a crash tears it
    assert say(capfd, *words, "--out", str(parts)).code == 0
    first, second = ({line.id: line for line in read_log(run)} for run in (whole, parts))
    assert first.keys() == second.keys()
    for name, line in first.items():
        assert (line.mask, line.texts) == (second[name].mask, second[name].texts)
