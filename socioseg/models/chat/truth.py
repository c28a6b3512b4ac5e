"""A chat engine that knows the answer: what a pipeline loses on its way from perfect words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from socioseg.models.chat.engine import Prompt, Reply
from socioseg.models.truepoints import true_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.chat.engine import About
    from socioseg.sample import Box, Truth


class TruthChat:
    """Answers with the true boxes, and with points on the true mask, as SocioReasoner would.

    The coordinates are those of the model's frame, unrounded, so that whatever is lost is lost
    after the words.

    Parameters
    ----------
    points
        How many go with each box.
    from_stage
        The first stage whose answers hold points.
    """

    needs_truth = True
    revision = "truth"

    def __init__(self, points: int = 3, from_stage: int = 2) -> None:
        self._points, self._from_stage = points, from_stage

    def ask(self, prompts: Sequence[Prompt]) -> list[Reply]:
        """The truth about each of `prompts`."""
        return [Reply(self._text(prompt)) for prompt in prompts]

    def _text(self, prompt: Prompt) -> str:
        about = prompt.about
        truth = about.look.query.truth if about else None
        if about is None or truth is None:
            raise ValueError("the engine that knows the truth was not told of what it is asked")
        items = [self._item(about, truth, box) for box in truth.boxes]
        return f"<think>It is given.</think><answer>{json.dumps(items)}</answer>"

    def _item(self, about: About, truth: Truth, box: Box) -> dict[str, Any]:
        size, frame = about.look.query.size, about.look.frame
        item: dict[str, Any] = {"bbox_2d": frame.from_sample(box, size)}
        if about.stage >= self._from_stage:
            points = true_points(truth.mask, box, self._points)
            item["points"] = [frame.from_sample(point, size) for point in points]
        return item
