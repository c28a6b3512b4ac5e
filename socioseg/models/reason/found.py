"""What a model found in one stage: its text, what was read from it, and what was cut out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.base import Stage
from socioseg.models.reason.render import fit_mask
from socioseg.models.segmenters import Segments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.models.answers import Answer, Item
    from socioseg.models.reason.look import Look


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """One stage of one look.

    Attributes
    ----------
    text
        What the model wrote.
    answer
        What was read from it.
    items
        Of the answer, what was pointed at; in the model's frame.
    segments
        A mask and a score for each of `items`, on the look's canvas.
    status, detail
        "ok", or why there is no answer.
    seconds, usage
        What it took.
    """

    look: Look
    text: str
    answer: Answer
    items: tuple[Item, ...]
    segments: Segments
    status: str = "ok"
    detail: str = ""
    notes: tuple[str, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    usage: dict[str, float] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the model's text could be read."""
        return self.status == "ok"

    @property
    def mask(self) -> NDArray[np.bool_]:
        """All that was cut out, in pixels of the sample."""
        return fit_mask(self.segments.union(), self.look.query.size)

    @property
    def score(self) -> float:
        """The segmenter's own score, weighted by area; 0 where nothing was cut out."""
        areas = self.segments.masks.sum(axis=(1, 2))
        if not areas.sum():
            return 0.0
        return float(np.average(np.clip(self.segments.scores, 0, 1), weights=areas))

    def stage(self, name: str) -> Stage:
        """For the log."""
        return Stage(
            name=name,
            mask=self.mask,
            boxes=self.look.boxes(self.items),
            points=self.look.points(self.items),
            notes=(*self.answer.repairs, *self.answer.dropped, *self.notes),
        )


def merged(one: Found, other: Found, keep: Sequence[bool]) -> Found:
    """`one` with those of the things in `other` that `keep` marks, and what both took."""
    kept = [index for index, wanted in enumerate(keep) if wanted]
    items = tuple(other.items[index] for index in kept)
    pairs = zip(one.segments, other.segments, strict=True)
    return replace(
        one,
        items=one.items + items,
        answer=one.answer._replace(items=one.answer.items + items),
        segments=Segments(*(np.concatenate([mine, theirs[kept]]) for mine, theirs in pairs)),
        seconds=total([one.seconds, other.seconds]),
        usage=total([one.usage, other.usage]),
    )


def total(parts: Sequence[dict[str, float]]) -> dict[str, float]:
    """The sums of several counts, by name."""
    names = dict.fromkeys(name for part in parts for name in part)
    return {name: sum(part.get(name, 0.0) for part in parts) for name in names}
