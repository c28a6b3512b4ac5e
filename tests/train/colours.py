"""A dataset that is easy to learn: schools are red squares, banks are blue, on green ground."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dataset.tiny import SIZE, encode, make_dataset, make_row

from socioseg.sample import Level
from socioseg.train.methods import TrainRequest, train

if TYPE_CHECKING:
    from pathlib import Path

    from dataset.tiny import Row

COLOURS = {"school": (230, 30, 30), "bank": (30, 30, 230)}
FUNCTIONS = {"school": "Educational", "bank": "Commercial service"}
COUNTS = {"train": 8, "validation": 4, "test": 4}
UNET = {"kind": "unet", "encoder": "resnet18", "decoder": [16, 16, 16]}
SEGFORMER = {
    "kind": "segformer",
    "config": {
        "hidden_sizes": [16, 16, 24, 32],
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 1, 2, 2],
        "decoder_hidden_size": 32,
    },
}
TINY = {
    "network": UNET,
    "size": 32,
    "batch_size": 4,
    "learning_rate": 0.003,
    "evaluations": 2,
    "steps": 8,
    "augment": {"scale": 1.0, "jitter": 0.0},
}
"""Settings of a training of seconds."""


def make_colours(root: Path) -> None:
    """Eight samples to train on at each level, half of them schools; every image shows both."""
    rows = [
        _row(level, split, number)
        for level in Level
        for split, count in COUNTS.items()
        for number in range(count)
    ]
    make_dataset(root, rows)


def _row(level: Level, split: str, number: int) -> Row:
    random = np.random.default_rng([number, len(split)])
    image = np.full((SIZE, SIZE, 3), (40, 120, 40), dtype=np.uint8)
    image += random.integers(0, 20, image.shape, dtype=np.uint8)
    kinds = list(COLOURS)
    asked, masks = kinds[number % 2], {}
    for kind, left in zip(kinds, random.permutation([4, 36]).tolist(), strict=True):
        top = int(random.integers(4, 36))
        masks[kind] = np.zeros((SIZE, SIZE), dtype=np.uint8)
        masks[kind][top : top + 24, left : left + 24] = 255
        image[masks[kind] > 0] = COLOURS[kind]
    texts = {"name": f"{asked} {split} {number}", "class": asked, "function": FUNCTIONS[asked]}
    changes = {
        "problem": texts[level],
        "sat_image": encode(image),
        "map_image": encode(image[..., ::-1].copy()),
        "socio_class": "" if level is Level.FUNCTION else asked,
        "socio_function": FUNCTIONS[asked],
    }
    return split, make_row(level, split, number, masks[asked], **changes)


def request(data: Path, out: Path, model: str = "unet", **changes: Any) -> TrainRequest:  # noqa: ANN401 - as the fields of TrainRequest
    """A tiny training on `data`; `settings` are added to `TINY`."""
    settings = {**TINY, **changes.pop("settings", {})}
    return TrainRequest(model, str(data), out, settings=settings, device="cpu", **changes)


def learn(data: Path, out: Path, **settings: Any) -> dict[str, Any]:  # noqa: ANN401 - as the recipe's
    """Train with `TINY` and `settings`."""
    return train(request(data, out, settings=settings))
