"""A tiny random model, a recipe for it, and the reward of the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from models.tinymodels import tiny_qwen
from train.grpo.trainings import a_recipe, letters

from socioseg.train.rewards import REWARDS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a tiny random Qwen2.5-VL."""
    pytest.importorskip("transformers")
    return tiny_qwen(tmp_path_factory.mktemp("qwen"))


@pytest.fixture
def recipe(qwen: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a recipe whose two stages the released behaviour goes through, whatever is written."""
    monkeypatch.setitem(REWARDS, "letters", letters)
    return a_recipe(tmp_path, qwen, behaviour="released")
