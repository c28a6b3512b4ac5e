"""Prompts with images of sizes that Qwen sees as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.chat.engine import Prompt

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DICE = np.random.default_rng(0)


def picture(height: int, width: int) -> NDArray[np.uint8]:
    image = _DICE.integers(0, 255, (height, width, 3), dtype=np.uint8)
    image.setflags(write=False)  # as Pillow's and Parquet's are
    return image


PROMPTS = [
    Prompt("Where is it?", (picture(112, 84), picture(56, 56)), seed=1),
    Prompt("hi", seed=2),
    Prompt("Where is the school in the park?", (picture(28, 28),), "Be quick.", seed=3),
    Prompt("And now?", (picture(56, 84), picture(56, 84), picture(28, 56)), seed=4),
    Prompt("Where?", (picture(84, 84),), seed=5),
]
