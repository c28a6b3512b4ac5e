"""What is shown of a training, and what is said when something is wrong."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from commands import refused, say
from PIL import Image
from train.grpo.trainings import TINY, a_recipe, a_request

from socioseg.errors import OutputError, UsageError
from socioseg.train.methods import train
from socioseg.train.record import read_log, read_record

SETS = [word for key, value in TINY.items() for word in ("--set", f"{key}={json.dumps(value)}")]
"""The settings of `a_request` on the command line."""


def test_the_log_goes_to_tensorboard_with_pictures(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    pytest.importorskip("tensorboard")
    settings = {"steps": 2, "evaluations": 1, "trackers": ["tensorboard"], "pictures": 2}
    wanted = a_request(recipe, colours, tmp_path / "out", settings=settings)
    train(wanted)
    pictures = sorted((wanted.out / "pictures").iterdir())
    assert [path.name for path in pictures] == [
        f"step-{step:06d}-{number}.png" for step in (0, 2) for number in (0, 1)
    ]
    shown = np.asarray(Image.open(pictures[0]))
    assert shown.shape[1] == 3 * shown.shape[0]  # truth and two stages
    (events,) = (wanted.out / "tensorboard").iterdir()
    assert events.stat().st_size > 10_000
    first, *_, last = read_log(wanted.out)
    assert {"giou", "giou_stage1"} <= set(first) & set(last)
    for stage in (1, 2):
        assert f"reward_stage{stage}" not in first  # before the first step there is no rollout
        assert f"validation/reward_stage{stage}" in set(first) & set(last)
        names = ("reward", "part/letters", "best", "equal", "invalid", "cut", "tokens", "kl")
        assert {f"{name}_stage{stage}" for name in (*names, "clip", "difference")} <= set(last)
    assert {"seconds/rollout", "seconds/segment", "seconds/reward", "seconds/update"} <= set(last)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"handover": "own"}, "did you mean hand_over"),
        ({"group": 1}, "group = 1"),
        ({"policy.lora": {"rank": 0}}, r"policy\.lora\.rank = 0"),
        ({"reward": "letter"}, "There is no reward 'letter'; did you mean letters"),
        ({"trackers": ["wandb"]}, "wandb is not installed"),
        ({"policy.optimizer": "adamw8bit"}, "needs bitsandbytes"),
    ],
)
def test_a_wrong_setting(
    recipe: str, colours: Path, tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        train(a_request(recipe, colours, tmp_path / "out", settings=settings))


def test_what_cannot_be_trained_by_rewards(recipe: str, colours: Path, tmp_path: Path) -> None:
    wanted = a_request(recipe, colours, tmp_path / "out")
    with pytest.raises(UsageError, match=r"unet cannot be trained by grpo: it is for supervised\."):
        train(replace(wanted, model="unet", method="grpo", settings={}))
    with pytest.raises(UsageError, match="by supervised: it is for warm, sft, grpo"):
        train(replace(wanted, method="supervised", settings={}))
    with pytest.raises(UsageError, match="grpo runs on cuda or cpu, not on 'mps'"):
        train(replace(wanted, device="mps"))
    assert not wanted.out.exists()


def test_another_trainings_folder_is_refused(recipe: str, colours: Path, tmp_path: Path) -> None:
    train(a_request(recipe, colours, tmp_path / "out", settings={"steps": 1}))
    with pytest.raises(OutputError, match=r"another training \(steps = 1, not 3\); choose"):
        train(a_request(recipe, colours, tmp_path / "out"))


def test_what_moves_no_weight_may_change_while_it_goes_on(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    wanted = a_request(recipe, colours, tmp_path / "out", limit_minutes=0)
    train(wanted)
    freed = {"rollout": 1, "checkpoint": 7, "policy": {"checkpointing": False, "tokens": 300}}
    found = train(a_request(recipe, colours, wanted.out, settings=freed))
    assert found["steps"] == "3 of 3"
    record = read_record(wanted.out)
    assert record is not None
    assert record.key.settings["policy"]["tokens"] == 300
    assert len(read_log(wanted.out)) == 4


@pytest.mark.parametrize(
    ("options", "settings", "sentence"),
    [
        ({}, {"policy.lora": {"rank": 4}}, r"\(policy\.lora\.rank = None, not 4\)"),
        ({"segmenter": "grabcut"}, {}, r"\(segmenter = 'fill', not 'grabcut'\)"),
        ({"stages": 1}, {}, r"\(stages = None, not 1\)"),
    ],
)
def test_what_moves_weights_is_of_another_training(
    qwen: Path,
    recipe: str,
    colours: Path,
    tmp_path: Path,
    options: dict[str, Any],
    settings: dict[str, Any],
    sentence: str,
) -> None:
    wanted = a_request(recipe, colours, tmp_path / "out", limit_minutes=0)
    train(wanted)
    a_recipe(tmp_path, qwen, **{"behaviour": "released", **options})
    with pytest.raises(OutputError, match=sentence):
        train(replace(wanted, settings={**wanted.settings, **settings}))


def test_the_command_line(
    recipe: str,
    colours: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    on = ("--dataset", str(colours))
    command = ("train", "--model", recipe, "--method", "grpo", *on, "--out", "ckpt", *SETS)
    said = say(capfd, *command, "--steps", "1", "--device", "cpu", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert found["steps"] == "1 of 1"
    assert "--level class" in found["next"]
    said = say(capfd, *shlex.split(found["next"])[1:], "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["run"] == "runs/ckpt"
    refused(say(capfd, *command, "--set", "clip=2"), 2, "clip = 2")


def test_other_parts_of_the_model(
    recipe: str,
    qwen: Path,
    colours: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    a_recipe(tmp_path, tmp_path / "nothing", behaviour="released", segmenter="sam2")
    on = ("--dataset", str(colours), "--device", "cpu", "--steps", "1")
    parts = ("--weights", str(qwen), "--segmenter", "fill")
    said = say(capfd, "train", "--model", recipe, *on, *SETS, *parts, "--out", "ckpt")
    assert said.code == 0, said.err
    kept = yaml.safe_load(Path("ckpt/model.yaml").read_text())["options"]
    assert kept["segmenter"] == "fill"
    assert kept["chat"] == {"name": "local", "weights": "weights-0", "max_tokens": 12}
    said = say(capfd, "train", "--model", "unet", *on, *parts, "--out", "out")
    refused(said, 2, "--weights: this model has no such part")


def test_weights_that_left_their_range_end_the_training(
    recipe: str, colours: Path, tmp_path: Path
) -> None:
    settings = {"learning_rate": 1e30, "steps": 4}
    with pytest.raises(UsageError, match=r"is no number at step .*lower learning_rate"):
        train(a_request(recipe, colours, tmp_path / "out", settings=settings))


@pytest.mark.parametrize("method", ["grpo", "sft"])
def test_an_evaluation_shows_how_far_it_is(
    recipe: str, colours: Path, tmp_path: Path, method: str
) -> None:
    told: list[tuple[str, int, int]] = []
    settings = {key: TINY[key] for key in ("level", "validation_limit", "policy")}
    wanted = a_request(recipe, colours, tmp_path / "out", limit_minutes=0)
    settings |= {"steps": 1, "evaluations": 1, "rollout": 2}
    settings |= {"queries": 1, "group": 2} if method == "grpo" else {"batch_size": 1}
    train(replace(wanted, method=method, settings=settings, progress=lambda *way: told.append(way)))
    assert {("validation", 3, 3), ("steps", 1, 1)} <= set(told)
