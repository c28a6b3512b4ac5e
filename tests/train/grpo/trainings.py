"""GRPO trainings of seconds: a tiny random model, boxes filled, and a reward that is easy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from socioseg.train.methods import TrainRequest
from socioseg.train.rewards import Reward

if TYPE_CHECKING:
    from pathlib import Path

    from socioseg.train.rewards import Case

TINY = {
    "reward": "letters",
    "level": "class",
    "validation_limit": 3,
    "queries": 2,
    "group": 4,
    "steps": 3,
    "evaluations": 3,
    "checkpoint": 1,
    "learning_rate": 0.003,
    "trackers": [],
    "pictures": 0,
    "policy": {"checkpointing": False, "tokens": 600},
}
"""Settings of a training of seconds."""


def letters(case: Case) -> Reward:
    """Share of a text's letters that are small ones: what a model with no idea can learn."""
    share = sum(letter.islower() for letter in case.response) / max(1, len(case.response))
    return Reward(0.0, share, 0.0, share, {"letters": share})


def a_recipe(folder: Path, weights: Path, **options: Any) -> str:  # noqa: ANN401 - the Reasoner's
    """A file for a SocioReasoner of these weights."""
    chat = {"name": "local", "weights": str(weights), "max_tokens": 12}
    recipe = {
        "model": "socioseg.models.reason.reasoner:Reasoner",
        "options": {"chat": chat, "segmenter": "fill", **options},
        "train": {"method": "grpo", "grpo": {}},
    }
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump(recipe))
    return str(path)


def a_request(recipe: str, data: Path, out: Path, **changes: Any) -> TrainRequest:  # noqa: ANN401
    """A tiny training on `data`; `settings` are added to `TINY`."""
    settings = {**TINY, **changes.pop("settings", {})}
    return TrainRequest(recipe, str(data), out, settings=settings, device="cpu", **changes)
