"""Families: what models trained alike share, apart from weights and prompts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from socioseg.models.frames import Frame, frame_of, shown_of
from socioseg.models.reason.render import PEN, Pen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from socioseg.models.answers import Answer, Item

MAX_PIXELS = 768 * 768
"""To which the released code of SocioReasoner shrinks what its model sees (its fallback value)."""


@dataclass(frozen=True)
class Family:
    """How to talk to a kind of model: see `socioseg.models.reason.families` for those there are.

    Attributes
    ----------
    grammars
        Of the answer of each stage: names of `socioseg.models.answers`.
    prompts
        Name of its prompts.
    frame, frame_options
        Rule of the pixels in which it gives coordinates: see `socioseg.models.frames`.
    images
        Which images it is shown, in their order.
    numbered
        Whether the boxes of the first answer are drawn with their numbers.
    """

    name: str
    grammars: tuple[str, ...]
    prompts: str
    frame: str = "resized"
    frame_options: Mapping[str, int] = field(default_factory=lambda: {"max_pixels": MAX_PIXELS})
    images: tuple[str, ...] = ("map", "sat")
    numbered: bool = False
    pen: Pen = PEN

    def answers_in(self, size: tuple[int, int]) -> Frame:
        """The frame of the answers about a sample of `size`, height and width."""
        return frame_of(self.frame, size, **self.frame_options)

    def sees(self, size: tuple[int, int]) -> Frame:
        """The frame of the images that the model is shown."""
        return shown_of(self.frame, size, **self.frame_options)

    def pointed(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """What of an answer goes to the segmenter: here, all that points at something."""
        return tuple(item for item in items if item.box or item.points)

    def settled(self, first: Answer, second: Answer) -> Answer:  # noqa: ARG002 - others look at it
        """The answer after the second look: here, the second one."""
        return second
