"""A tiny policy for the coloured dataset, and its warm start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from socioseg.train.methods import TrainRequest, train

if TYPE_CHECKING:
    from pathlib import Path

SHAPE = {
    "side": 32,
    "patch": 8,
    "width": 32,
    "heads": 2,
    "inner": 64,
    "tower_layers": 1,
    "layers": 3,
}
RECIPE: dict[str, Any] = {
    "model": "socioseg.models.reason.reasoner:Reasoner",
    "options": {
        "family": "socioreasoner",
        "prompts": {"locate": "find $query", "refine": "again $query $boxes"},
        "frame": "relative",
        "frame_options": {"scale": 16, "factor": 32, "min_pixels": 1024, "max_pixels": 1024},
        "chat": {"name": "local", "weights": "none", "max_tokens": 60, "temperature": 0},
        "segmenter": "fill",
    },
    "train": {
        "warm": {
            "shape": SHAPE,
            "tower_steps": 0,
            "steps": 10,
            "batch_size": 8,
            "level": "class",
            "checkpoint": 3,
        },
        "sft": {
            "level": "class",
            "lessons": {"thinking": "$count", "points": 1, "spread": "deep"},
            "batch_size": 4,
            "accumulate": 1,
            "learning_rate": 3e-3,
            "steps": 6,
            "evaluations": 2,
            "policy": {"checkpointing": False},
        },
    },
}


def recipe(folder: Path, **options: Any) -> Path:  # noqa: ANN401 - of the model
    """Write the recipe, with `options` in place of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "tiny.yaml"
    path.write_text(yaml.safe_dump({**RECIPE, "options": {**RECIPE["options"], **options}}))
    return path


def warm(
    data: Path,
    folder: Path,
    *,
    limit_minutes: float | None = None,
    options: dict[str, Any] | None = None,
    **settings: Any,  # noqa: ANN401 - of TinySettings
) -> dict[str, Any]:
    """Make a policy in `folder / "warm"` and warm it up on `data`."""
    return train(
        TrainRequest(
            str(recipe(folder, **options or {})),
            str(data),
            folder / "warm",
            method="warm",
            settings=settings,
            limit_minutes=limit_minutes,
            device="cpu",
        )
    )
