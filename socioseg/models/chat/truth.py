"""A chat engine that knows the answer: what a pipeline loses on its way from perfect words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from socioseg.models.answers import Item, write
from socioseg.models.chat.engine import Prompt, Reply
from socioseg.models.truepoints import true_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.chat.engine import About
    from socioseg.sample import Box, Truth


class TruthChat:
    """Answers with the true boxes and points on the true mask, in the form that is asked for.

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
        items = [self._item(about, truth, box, number) for number, box in enumerate(truth.boxes, 1)]
        stage = 1 if about.stage < self._from_stage else 2
        return write(items, about.grammar, stage, "It is given.")

    def _item(self, about: About, truth: Truth, box: Box, number: int) -> Item:
        size, frame = about.look.query.size, about.look.frame
        count = self._points if about.stage >= self._from_stage else 0
        points = [frame.from_sample(point, size) for point in true_points(truth.mask, box, count)]
        labels = (1,) * len(points)
        return Item(frame.from_sample(box, size), tuple(points), labels, number, "adjust")
