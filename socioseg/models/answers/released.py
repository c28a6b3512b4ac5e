"""What the released parsers have in common: the first answer part, standard JSON, few checks."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from socioseg.models.answers.blocks import THINK, THINK_END, first_block
from socioseg.models.answers.exact import Wrong, a_list, items_answer, load, read_or_say
from socioseg.models.answers.notes import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from socioseg.models.answers.values import Answer, FloatBox, Item, Json, Point


def first_list(text: str, one: Callable[[Json], Item]) -> Answer:
    """The items of the JSON list in the first closed answer part; `one` reads an item."""
    answer = read_or_say(lambda: items_answer(a_list(first_value(text)), one))
    return answer._replace(thinking=thought(text))


def first_value(text: str) -> Json:
    """The JSON value of the first closed answer part.

    Raises
    ------
    Wrong
        "no_answer" or "bad_json".
    """
    block = first_block(text)
    if block is None:
        raise Wrong("no_answer")
    return load(block.strip())


def thought(text: str) -> str:
    """What stands between the first think tags."""
    return text.partition(THINK)[2].partition(THINK_END)[0]


def all_or_nothing(answer: Answer) -> Answer:
    """The answer, or none of its items where one of them was dropped."""
    return answer._replace(items=(), problem="no_items") if answer.dropped else answer


def released_box(value: Json) -> FloatBox:
    """A list of four; corners and their order as they are."""
    if not isinstance(value, list) or len(value) != 4:
        raise Wrong("no list of 4 as its box")
    x0, y0, x1, y1 = (_float(v) for v in value)
    return x0, y0, x1, y1


def released_points(value: Json) -> tuple[Point, ...]:
    """The first two numbers of each point."""
    if not isinstance(value, list):
        raise Wrong(f"its points are {shown(value)}")
    return tuple(released_point(point) for point in value)


def released_point(value: Json) -> Point:
    """The first two numbers of a list."""
    if not isinstance(value, list) or len(value) < 2:
        raise Wrong("a broken point")
    return _float(value[0]), _float(value[1])


def _float(value: Json) -> float:
    """A number as an array would hold it.

    The originals hand a text or NaN on to SAM, which fails or not; here the object is left out.
    """
    try:
        found = float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        found = math.nan
    if not math.isfinite(found):
        raise Wrong(f"{shown(value)} is no coordinate")
    return found
