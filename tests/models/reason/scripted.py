"""Parts of a reasoning model that do as they are told, and queries to ask them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from socioseg.instances import instance_boxes
from socioseg.models.chat.engine import Prompt, Reply
from socioseg.models.reason.reasoner import Reasoner
from socioseg.models.segmenters import Fill, Segments
from socioseg.sample import Level, Query, Truth

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from socioseg.models.base import Prediction

SIZE = 112
"""A multiple of 28, so that the model sees it as it is; a size of 96 is seen as 84."""


def query(*boxes: tuple[int, int, int, int], size: int = SIZE, number: int = 0) -> Query:
    """Grey images with bright blocks, which are what is asked for."""
    sat = np.full((size, size, 3), 90, dtype=np.uint8)
    mask = np.zeros((size, size), dtype=np.bool_)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = True
    sat[mask] = (230, 220, 40)
    drawn = np.full((size, size, 3), 240, dtype=np.uint8)
    truth = Truth(mask, tuple(instance_boxes(mask)))
    return Query(f"class_{number}", Level.CLASS, "school", sat, drawn, number, truth)


def said(*boxes: Sequence[float], points: Sequence[Sequence[Sequence[float]]] = ()) -> str:
    """An answer in SocioReasoner's form."""
    items: list[dict[str, Any]] = [{"bbox_2d": list(box)} for box in boxes]
    for item, some in zip(items, points, strict=False):
        item["points"] = [list(point) for point in some]
    return f"<think>so</think><answer>{json.dumps(items)}</answer>"


class Chat:
    """Answers each prompt with `answer(prompt)`, and keeps what it was asked."""

    revision = "scripted"

    def __init__(self, answer: Callable[[Prompt], str | Reply]) -> None:
        self._answer = answer
        self.asked: list[Prompt] = []

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """Replies."""
        self.asked += prompts
        answers = [self._answer(prompt) for prompt in prompts]
        return [Reply(each, tokens=7) if isinstance(each, str) else each for each in answers]


class Counting(Fill):
    """Fills boxes, with scores as told, and counts the images that it embeds."""

    def __init__(self, scores: Sequence[float] = ()) -> None:
        self.images, self._scores = 0, list(scores)

    def embed(self, images: Sequence[Any]) -> list[tuple[int, int]]:
        """Count."""
        self.images += len(images)
        return super().embed(images)

    def segment(self, embedded: Any, targets: Any) -> list[Segments]:  # noqa: ANN401
        """Fill; each call takes the next of the scores."""
        found = super().segment(embedded, targets)
        score = self._scores.pop(0) if self._scores else 1.0
        return [Segments(each.masks, np.full(len(each.scores), score)) for each in found]


def stages(first: str | Reply, second: str | Reply) -> Chat:
    """A chat that answers by stage."""
    return Chat(lambda prompt: first if prompt.about and prompt.about.stage == 1 else second)


def ask(
    chat: object,
    samples: Sequence[Query],
    cutter: object = None,
    **settings: Any,  # noqa: ANN401
) -> list[Prediction]:
    """The predictions of a SocioReasoner made of these parts."""
    return reasoner(chat, cutter, **settings).predict(samples)


def reasoner(chat: object, cutter: object = None, **settings: Any) -> Reasoner:  # noqa: ANN401
    """A SocioReasoner made of these parts."""
    Parts.chat, Parts.cutter = chat, cutter or Counting()
    here = __name__
    return Reasoner({"name": f"{here}:told_chat"}, {"name": f"{here}:told_cutter"}, **settings)


class Parts:
    """What the recipe's `package.module:Class` of the tests finds."""

    chat: object = None
    cutter: object = None


def told_chat() -> object:
    """The chat of the test."""
    return Parts.chat


def told_cutter() -> object:
    """The segmenter of the test."""
    return Parts.cutter
