"""The published format and nothing else: standard JSON, exact keys, numbers that are numbers."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

from socioseg.models.answers.blocks import exact_parts
from socioseg.models.answers.notes import Notes, shown
from socioseg.models.answers.reader import MAX_DEPTH
from socioseg.models.answers.values import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from socioseg.models.answers.values import FloatBox, Item, Json, Point

MAX_COORDINATE = 1e6
"""Greater numbers are no coordinates of an image."""


class Wrong(Exception):  # noqa: N818 - never leaves this package
    """An answer, or one item of it, is not as published; the text says how, in a few words."""


def load(text: str) -> Json:
    """The value of a JSON text.

    Raises
    ------
    Wrong
        "bad_json", or nested more than 32 deep.
    """
    if _depth(text) > MAX_DEPTH:
        raise Wrong("bad_json")
    try:
        return json.loads(text)
    except ValueError as error:  # among them an int of more digits than Python reads
        raise Wrong("bad_json") from error


def exact_answer(text: str, read: Callable[[Json], Answer], *, thinking: bool) -> Answer:
    """Read a text of a think part and an answer part of JSON.

    Parameters
    ----------
    read
        Reads the JSON value, or raises `Wrong` with the word for the problem.
    thinking
        Whether there must be a think part.
    """
    parts = exact_parts(text, thinking=thinking)
    if parts is None:
        return Answer(problem="bad_tags")
    return read_or_say(lambda: read(load(parts[1])))._replace(thinking=parts[0])


def read_or_say(read: Callable[[], Answer]) -> Answer:
    """The answer that `read` gives, or the problem that it raises."""
    try:
        return read()
    except Wrong as wrong:
        return Answer(problem=str(wrong))


def items_answer(
    values: Sequence[Json],
    one: Callable[[Json], Item],
    facts: Mapping[str, int | str] | None = None,
) -> Answer:
    """The answer of those of `values` that `one` can read; the rest is dropped."""
    notes, items = Notes(), []
    for i, value in enumerate(values):
        try:
            items.append(one(value))
        except Wrong as wrong:
            notes.drop(f"item {i + 1}", str(wrong))
    problem = "no_items" if values and not items else ""
    return Answer(tuple(items), problem, notes.dropped, facts=facts or {})


def a_list(value: Json) -> list[Json]:
    """`value`, if it is a list."""
    if not isinstance(value, list):
        raise Wrong("not_a_list")
    return value


def an_object(value: Json) -> dict[str, Json]:
    """`value`, if it is an object."""
    if not isinstance(value, dict):
        raise Wrong("not_an_object")
    return value


def keys_are(value: Json, *choices: set[str]) -> dict[str, Json]:
    """`value`, if it is an object whose keys are exactly those of one of `choices`."""
    if not isinstance(value, dict):
        raise Wrong(f"{shown(value)} is not an object")
    if not any(value.keys() == keys for keys in choices):
        raise Wrong(f"its keys are not {' or '.join(', '.join(sorted(c)) for c in choices)}")
    return value


def exact_box(value: Json) -> FloatBox:
    """A list of four numbers."""
    x0, y0, x1, y1 = _numbers(value, 4, "box")
    return x0, y0, x1, y1


def exact_point(value: Json) -> Point:
    """A list of two numbers."""
    x, y = _numbers(value, 2, "point")
    return x, y


def exact_points(value: Json) -> tuple[Point, ...]:
    """A list of points, which may be empty."""
    if not isinstance(value, list):
        raise Wrong(f"its points are {shown(value)}")
    return tuple(exact_point(point) for point in value)


def _numbers(value: Json, count: int, what: str) -> list[float]:
    if not isinstance(value, list) or len(value) != count:
        raise Wrong(f"its {what} is {shown(value)}, not {count} numbers")
    bad = [v for v in value if not is_coordinate(v)]
    if bad:
        raise Wrong(f"its {what} holds {shown(bad[0])}")
    return [float(v) for v in value]


def exact_list(value: Json, count: int, what: str) -> list[list[Json]]:
    """A list of lists of `count` values each."""
    if not isinstance(value, list):
        raise Wrong(f"its {what} are {shown(value)}")
    for one in value:
        if not isinstance(one, list) or len(one) != count:
            raise Wrong(f"one of its {what} is {shown(one)}, not {count} numbers")
    return value


def exact_label(value: Json) -> int:
    """1 or 0."""
    if not is_coordinate(value) or value not in (0, 1):
        raise Wrong(f"{shown(value)} is no label")
    return int(value)


def exact_word(value: Json, words: Sequence[str]) -> str:
    """One of `words`."""
    if not isinstance(value, str) or value not in words:
        raise Wrong(f"{shown(value)} is not {' or '.join(words)}")
    return value


def exact_whole(value: Json) -> int:
    """A whole number, as JSON may also write it with a fraction of 0."""
    if not is_coordinate(value) or value != int(value):
        raise Wrong(f"{shown(value)} is not a whole number")
    return int(value)


def is_coordinate(value: object) -> bool:
    """Whether `value` is a number, finite and of a size that an image may have."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and -MAX_COORDINATE <= value <= MAX_COORDINATE
        and not math.isnan(value)
    )


def _depth(text: str) -> int:
    """How deep brackets lie within brackets; counted outside strings where it may matter."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    inside = escaped = False
    for char in text:
        if inside:
            inside, escaped = char != '"' or escaped, char == "\\" and not escaped
        elif char == '"':
            inside = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest
