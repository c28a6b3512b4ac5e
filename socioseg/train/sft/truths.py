"""What the true answer to a question is, and what a wrong first answer may look like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from socioseg.models.answers import Item, write
from socioseg.models.reason.prompts import fill
from socioseg.models.truepoints import true_points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from socioseg.models.answers.values import FloatBox
    from socioseg.models.base import Point
    from socioseg.models.chat.engine import About
    from socioseg.models.frames import Frame
    from socioseg.models.reason.look import Look
    from socioseg.sample import Box, Truth
    from socioseg.train.sft.settings import LessonSettings

_STRAYS = 10_000
"""Number of the first box that is one too many, where boxes are numbered."""


def true_answer(about: About, settings: LessonSettings, random: np.random.Generator) -> str:
    """The true places of a question, in the form of its stage.

    Boxes come the largest first. Where the first answer's boxes are numbered, each keeps its
    number, and those of no true place are dropped by name.
    """
    look, truth = about.look, truth_of(about.look)
    boxes = largest(truth, settings.most)
    items = [_true_item(number, box, look, settings, random) for number, box in enumerate(boxes, 1)]
    strays = [item for item in about.first if (item.id or 0) >= _STRAYS]
    gone = [item._replace(action="drop", points=(), labels=()) for item in strays]
    return _written([*items, *gone], about, settings, len(items))


def first_answer(about: About, settings: LessonSettings, random: np.random.Generator) -> str:
    """An answer of the first stage as a model might give it that is nearly right."""
    look, truth = about.look, truth_of(about.look)
    boxes = [(number, box) for number, box in enumerate(largest(truth, settings.most), 1)]
    found = [(number, look.frame.from_sample(box, look.query.size)) for number, box in boxes]
    if random.random() >= settings.right:
        found = [
            (number, _shifted(box, look.frame, settings.shift, random))
            for number, box in found
            if random.random() >= settings.drop
        ]
        if random.random() < settings.extra:
            found.append((_STRAYS, _anywhere(look.frame, random)))
    items = [
        Item(_rounded(box, look.frame, settings), id=number, action="adjust")
        for number, box in found
    ]
    return _written(items, about, settings, len(items))


def truth_of(look: Look) -> Truth:
    """What the query of `look` means.

    Raises
    ------
    ValueError
        If the query does not hold it.
    """
    if look.query.truth is None:
        raise ValueError(f"the sample {look.query.id} does not hold its truth")
    return look.query.truth


def largest(truth: Truth, most: int) -> list[Box]:
    """The true boxes, the largest first, up to `most` of them."""

    def key(box: Box) -> tuple[int, ...]:
        return (-(box[2] - box[0]) * (box[3] - box[1]), *box)

    return sorted(truth.boxes, key=key)[:most]


def _written(items: list[Item], about: About, settings: LessonSettings, count: int) -> str:
    places = {"query": about.look.query.text, "count": str(count)}
    thought = None if settings.thinking is None else fill(settings.thinking, places)
    return write(items, about.grammar, about.stage, thought)


def _true_item(
    number: int, box: Box, look: Look, settings: LessonSettings, random: np.random.Generator
) -> Item:
    size, frame = look.query.size, look.frame
    inside = _rounded(frame.from_sample(box, size), frame, settings)
    drawn = _points(truth_of(look), box, settings, random)
    points = tuple(
        _rounded_point(frame.from_sample(point, size), inside, settings) for point in drawn
    )
    return Item(inside, points, (1,) * len(points), number, "adjust")


def _points(
    truth: Truth, box: Box, settings: LessonSettings, random: np.random.Generator
) -> list[Point]:
    if settings.spread == "deep":
        return true_points(truth.mask, box, settings.points)
    x0, y0, x1, y1 = box
    rows, columns = np.nonzero(truth.mask[y0:y1, x0:x1])
    chosen = random.choice(rows.size, min(settings.points, rows.size), replace=False)
    return [(float(columns[i] + x0 + 0.5), float(rows[i] + y0 + 0.5)) for i in chosen]


def _shifted(box: FloatBox, frame: Frame, shift: float, random: np.random.Generator) -> FloatBox:
    x0, y0, x1, y1 = box
    off = random.normal(0, shift, 4) * ((x1 - x0), (y1 - y0), (x1 - x0), (y1 - y0))
    return _ordered(np.add(box, off).tolist(), frame)


def _anywhere(frame: Frame, random: np.random.Generator) -> FloatBox:
    xs, ys = random.uniform(0, frame.width, 2), random.uniform(0, frame.height, 2)
    return _ordered([xs[0], ys[0], xs[1], ys[1]], frame)


def _ordered(values: Iterable[float], frame: Frame) -> FloatBox:
    x0, y0, x1, y1 = values
    across = sorted(min(max(x, 0.0), float(frame.width)) for x in (x0, x1))
    down = sorted(min(max(y, 0.0), float(frame.height)) for y in (y0, y1))
    return across[0], down[0], across[1], down[1]


def _rounded(box: FloatBox, frame: Frame, settings: LessonSettings) -> FloatBox:
    """In whole numbers, at least one wide and high."""
    if not settings.whole:
        return box
    x0, y0, x1, y1 = map(round, box)
    if x0 == x1:
        x0, x1 = (x0, x0 + 1) if x0 < frame.width else (x0 - 1, x0)
    if y0 == y1:
        y0, y1 = (y0, y0 + 1) if y0 < frame.height else (y0 - 1, y0)
    return float(x0), float(y0), float(x1), float(y1)


def _rounded_point(point: Point, box: FloatBox, settings: LessonSettings) -> Point:
    """In whole numbers, strictly inside `box` where its size allows."""
    if not settings.whole:
        return point
    x, y = (
        float(max(round(low) + 1, min(round(value), round(high) - 1)))
        if high - low > 1
        else float(round(value))
        for value, low, high in zip(point, box[:2], box[2:], strict=True)
    )
    return x, y
