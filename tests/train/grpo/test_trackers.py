"""Where the log goes besides its own file, with a stand-in for Weights & Biases."""

from __future__ import annotations

import errno
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from socioseg.errors import OutputError, UsageError
from socioseg.train.grpo.log import Log
from socioseg.train.grpo.settings import GrpoSettings
from socioseg.train.key import TrainKey

if TYPE_CHECKING:
    from pathlib import Path


def key(*trackers: str) -> TrainKey:
    """The key of a training of these trackers, and of what else a recipe may hold."""
    given = {"trackers": trackers, "policy": {"lora": {"rank": 4, "targets": ["q", "v"]}}}
    settings = GrpoSettings.model_validate(given).model_dump(mode="json")
    known = {**settings, "max_tokens": None, "weights": "abc"}
    return TrainKey(model="tiny", method="grpo", settings=known, dataset="d41d8c")


class Run:
    """Keeps what it is told."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        self.options, self.told, self.finished = options, list[tuple[int, dict[str, Any]]](), False

    def log(self, values: dict[str, Any], step: int) -> None:
        self.told.append((step, values))

    def finish(self) -> None:
        self.finished = True


@pytest.fixture
def wandb(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401
    """Give a module with what is used of wandb; `runs` are those that were begun."""
    module: Any = ModuleType("wandb")
    module.runs, module.Error, module.Image = [], type("Error", (Exception,), {}), np.asarray

    def init(**options: Any) -> Run:  # noqa: ANN401
        module.runs.append(Run(**options))
        return module.runs[-1]

    module.init = init
    monkeypatch.setitem(sys.modules, "wandb", module)
    return module


def test_a_training_that_goes_on_is_one_run_and_another_folder_is_another(
    wandb: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    places = [tmp_path / name / "grpo #1" for name in ("one", "one", "other")]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        log = Log(place, key("wandb"), 0)
        log.step(3, {"giou": 0.5, "kl_stage1": float("nan")}, [])
        log.close()
    first, again, other = (run.options for run in wandb.runs)
    assert first["id"] == again["id"] != other["id"]
    assert first["id"].isalnum()
    assert first["name"] == other["name"] == "grpo #1"
    assert first["resume"] == "allow"
    assert all(run.told == [(3, {"giou": 0.5})] and run.finished for run in wandb.runs)


def test_a_run_that_cannot_begin_is_one_sentence(
    wandb: Any,  # noqa: ANN401
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def init(**_: object) -> None:
        raise wandb.Error("No API key configured. Use `wandb login` to log in.\nwandb: more")

    monkeypatch.setattr(wandb, "init", init)
    with pytest.raises(UsageError, match=r"does not begin \(No API key .*set WANDB_MODE=off") as it:
        Log(tmp_path, key("wandb"), 0)
    assert "\n" not in str(it.value)


def test_weights_and_biases_is_told_what_the_training_is_of(
    wandb: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    Log(tmp_path, key("wandb"), 0).close()
    (run,) = wandb.runs
    config = run.options["config"]
    assert config["model"] == "tiny"
    assert config["weights"] == "abc"
    assert config["policy.share"] is True
    assert config["policy.lora.targets"] == ["q", "v"]
    assert config["max_tokens"] is None
    assert config["learning_rate"] == GrpoSettings().learning_rate
    assert not any(isinstance(value, dict) for value in config.values())
    assert run.options["allow_val_change"]


def hparams(out: Path) -> tuple[dict[str, Any], list[str]]:
    """What TensorBoard's tab HPARAMS shows of a folder, and the names of its curves."""
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import metadata

    events = EventAccumulator(str(out / "tensorboard"))
    events.Reload()
    told = events.summary_metadata[metadata.SESSION_START_INFO_TAG].plugin_data.content
    start = metadata.parse_session_start_info_plugin_data(told)
    shown = {
        name: getattr(value, value.WhichOneof("kind")) for name, value in start.hparams.items()
    }
    return shown, events.Tags()["scalars"]


def test_tensorboard_is_told_what_the_training_is_of(tmp_path: Path) -> None:
    for step in (-1, 0, 1):  # begun, killed before its first checkpoint, gone on
        log = Log(tmp_path, key("tensorboard"), step)
        log.step(step + 1, {"giou": 0.5}, [])
        log.close()
    shown, curves = hparams(tmp_path)
    assert curves == ["giou"]
    assert shown["model"] == "tiny"
    assert shown["learning_rate"] == GrpoSettings().learning_rate
    assert shown["policy.lora.rank"] == 4
    assert shown["policy.share"] == "true"
    assert shown["policy.lora.targets"] == '["q", "v"]'
    assert shown["max_tokens"] == "null"
    assert shown.keys() >= GrpoSettings.model_fields.keys() - {"policy"}
    assert all(path.is_file() for path in (tmp_path / "tensorboard").iterdir())  # one run


def test_a_disk_that_tensorboard_finds_full_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboard")
    log = Log(tmp_path, key("tensorboard"), 0)
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*_: object) -> None:
        raise full

    with monkeypatch.context() as patch:
        patch.setattr("torch.utils.tensorboard.SummaryWriter.add_scalar", fail)
        with pytest.raises(OutputError, match=r"tensorboard \(No space left.*free some space"):
            log.step(1, {"reward": 0.5}, ())
    log.close()
