"""Where the log goes besides its own file, with a stand-in for Weights & Biases."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from socioseg.errors import UsageError
from socioseg.train.grpo.log import Log
from socioseg.train.grpo.settings import GrpoSettings

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = GrpoSettings(trackers=("wandb",))


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
        log = Log(place, SETTINGS, 0)
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
        Log(tmp_path, SETTINGS, 0)
    assert "\n" not in str(it.value)
