"""Where a training tells how it goes: `metrics.jsonl`, pictures, and what trackers it has."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from socioseg.files import atomic_path
from socioseg.models.reason.render import Pen, render
from socioseg.train.grpo.trackers import trackers
from socioseg.train.record import log_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from socioseg.models.reason.reasoner import Course
    from socioseg.train.key import TrainKey

_TRUTH = Pen(line=(0, 200, 0), fill=(0, 200, 0))


class Log:
    """The log of the process that leads.

    Parameters
    ----------
    key
        Of the training, for its trackers.
    step
        Those up to this one are told already.

    Raises
    ------
    UsageError
        If the package of a tracker is missing, or it does not begin.
    """

    def __init__(self, out: Path, key: TrainKey, step: int) -> None:
        self._out = out
        self._trackers = trackers(out, key, step)

    def step(self, step: int, values: Mapping[str, float], pictures: Sequence[Course]) -> None:
        """Tell of one step; what is no finite number is left out."""
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        log_line(self._out, {"step": step, **finite})
        for tracker in self._trackers:
            tracker.numbers(step, finite)
        for number, course in enumerate(pictures):
            self._picture(step, number, drawn(course))

    def close(self) -> None:
        """Write what is left."""
        for tracker in self._trackers:
            tracker.close()

    def _picture(self, step: int, number: int, pixels: NDArray[np.uint8]) -> None:
        path = self._out / "pictures" / f"step-{step:06d}-{number}.png"
        path.parent.mkdir(exist_ok=True)
        with atomic_path(path) as part:
            Image.fromarray(pixels).save(part, format="PNG")
        for tracker in self._trackers:
            tracker.picture(step, f"sample {number}", pixels)


def drawn(course: Course) -> NDArray[np.uint8]:
    """The truth, green, and what each stage pointed at and cut out, side by side: (H, W, 3)."""
    query = course.final.look.query
    truth = query.truth
    panels = [render(query.sat, truth.boxes, truth.mask, (), _TRUTH)] if truth else []
    panels += [render(query.sat, each.look.boxes(each.items), each.mask) for each in course.stages]
    return np.concatenate(panels, axis=1)
