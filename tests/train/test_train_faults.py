"""What `socioseg train` says when something is wrong: one sentence each."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import torch
from commands import refused, say
from train.colours import learn, request

from socioseg.errors import OutputError, RecipeError, UsageError
from socioseg.train.methods import override, train
from socioseg.train.record import METRICS, RECORD, read_log

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epoch": 3}, r"unknown key 'epoch'; did you mean epochs"),
        (
            {"setting": "multi-class"},
            "key train: multi-class needs `level: class` or",
        ),
        ({"network.encoder": "resnet19"}, "network.encoder = 'resnet19'"),
        ({"network.kind": "unett"}, "unet"),
        ({"size": 36}, "needs a multiple of 8"),
        ({"size": 16}, "size = 16"),
        ({"network": {"kind": "segformer", "config": {"deeps": 3}}}, "SegFormer has no 'deeps'"),
        ({"steps.more": 3}, "steps is a value, not a group of keys"),
        ({"learning_rate": 1e30}, "is no number at step"),
    ],
)
def test_a_wrong_setting(
    colours: Path, tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence) as caught:
        learn(colours, tmp_path / "out", **settings)
    assert "\n" not in str(caught.value)


def test_what_cannot_be_trained(colours: Path, tmp_path: Path) -> None:
    wanted = request(colours, tmp_path / "out")
    with pytest.raises(UsageError, match="centre has nothing to train"):
        train(replace(wanted, model="centre"))
    with pytest.raises(UsageError, match=r"'supervise'; did you mean supervised\?$"):
        train(replace(wanted, method="supervise"))
    with pytest.raises(UsageError, match="'nowhere' is not to be had"):
        train(replace(wanted, device="nowhere"))
    assert not (tmp_path / "out").exists()


def test_several_processes_are_refused_where_one_trains(
    colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UsageError, match="supervised runs in one process: run it without"):
        learn(colours, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_trainings_folder_is_refused(colours: Path, tmp_path: Path) -> None:
    learn(colours, tmp_path / "out")
    before = (tmp_path / "out" / RECORD).read_bytes()
    with pytest.raises(OutputError, match=r"another training \(steps = 8, not 9\); choose"):
        learn(colours, tmp_path / "out", steps=9)
    other = shutil.copytree(colours, tmp_path / "other")
    report = json.loads((other / "report.json").read_text())
    report["files"][0]["sha256"] = "0" * 64
    (other / "report.json").write_text(json.dumps(report))
    with pytest.raises(OutputError, match=r"another training \(other samples\)"):
        learn(other, tmp_path / "out")
    assert (tmp_path / "out" / RECORD).read_bytes() == before


def test_a_folder_of_other_things_is_refused(colours: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(OutputError, match="no training; choose another --out"):
        learn(colours, tmp_path)
    with pytest.raises(OutputError, match="no training; choose another --out"):
        learn(colours, tmp_path / "thesis.tex")


def test_a_setting_put_right_is_no_other_training(colours: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="resnet19"):
        learn(colours, tmp_path / "out", **{"network.encoder": "resnet19"})
    assert learn(colours, tmp_path / "out", steps=1)["steps"] == "1 of 1"


def test_too_little_memory_is_said(
    colours: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.\nTried to allocate 20 GiB")

    monkeypatch.setattr("socioseg.train.trainer.mask_loss", full)
    sentence = r"^A batch does not fit into the GPU's memory: lower batch_size or size\.$"
    with pytest.raises(UsageError, match=sentence):
        learn(colours, tmp_path / "out")


def test_what_a_killed_start_leaves_is_no_hindrance(colours: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".train.json.0123.part").touch()
    assert learn(colours, tmp_path / "out", steps=1)["steps"] == "1 of 1"


def test_a_damaged_record_is_named(colours: Path, tmp_path: Path) -> None:
    learn(colours, tmp_path / "out")
    (tmp_path / "out" / RECORD).write_text('{"format": 1')
    with pytest.raises(OutputError, match=r"train\.json is damaged"):
        learn(colours, tmp_path / "out")


def test_a_torn_log_is_read_to_the_tear(tmp_path: Path) -> None:
    (tmp_path / METRICS).write_text('{"step": 1}\n{"step": 2}\n{"st')
    assert [line["step"] for line in read_log(tmp_path)] == [1, 2]


def test_override_changes_neither() -> None:
    recipe = {"network": {"kind": "unet", "encoder": "resnet34"}, "size": 512}
    found = override(recipe, {"network.encoder": "resnet18", "augment.jitter": 0, "size": 64})
    assert found == {
        "network": {"kind": "unet", "encoder": "resnet18"},
        "size": 64,
        "augment": {"jitter": 0},
    }
    assert recipe["network"] == {"kind": "unet", "encoder": "resnet34"}


def test_a_recipes_wrong_key_is_a_recipe_error(colours: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="unet, key train: "):
        learn(colours, tmp_path / "out", patients=3)


def test_the_command_line(
    colours: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    network = "network={kind: unet, encoder: resnet18, decoder: [16, 16, 16]}"
    on = ("--dataset", str(colours))
    words = ("train", *on, "--steps", "2", "--set", "size=32", "--set", network)
    refused(say(capfd, *words, "--model", "unit", "--out", "out"), 2, "did you mean unet")
    said = say(capfd, *words, "--model", "unet", "--out", "ckpt", "--device", "cpu", "--json")
    assert said.code == 0, said.err
    assert json.loads(said.out)["steps"] == "2 of 2"
    refused(say(capfd, "bench", "--model", "unet", *on, "--out", "out"), 2, "train it with")
    said = say(capfd, "bench", "--model", "ckpt", *on, "--out", "runs/a", "--json")
    assert json.loads(said.out)["status"] == {"ok": 12}
