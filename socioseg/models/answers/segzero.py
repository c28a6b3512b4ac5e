"""Seg-Zero: think and answer tags, one object with `bbox`, `points_1` and `points_2`.

Released (dvlab-research/Seg-Zero 42a3345): the first brace to the next closing one, wherever they
stand, even in the think part; a key with "bbox" in it and the first two with "point".
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer
from socioseg.models.answers.released import released_box, released_point, thought
from socioseg.models.answers.schemas import (
    box_schema,
    centre,
    object_schema,
    plain,
    point_schema,
    to_json,
)
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.values import Json

_KEYS = {"bbox", "points_1", "points_2"}


def _strict(text: str, thinking: bool) -> Answer:  # noqa: FBT001 - one signature for all grammars
    return exact.exact_answer(text, _exact, thinking=thinking)


def _exact(value: Json) -> Answer:
    return exact.items_answer([exact.an_object(value)], _exact_item)


def _exact_item(value: Json) -> Item:
    found = exact.keys_are(value, _KEYS)
    points = exact.exact_points([found["points_1"], found["points_2"]])
    return Item(exact.exact_box(found["bbox"]), points, (1, 1))


def _released(text: str) -> Answer:
    answer = exact.read_or_say(lambda: exact.items_answer([_first_object(text)], _released_item))
    return answer._replace(thinking=thought(text))


def _first_object(text: str) -> Json:
    start = text.find("{")
    while text.startswith("{}", start):
        start = text.find("{", start + 1)
    end = text.find("}", start)
    if start < 0 or end < 0:
        raise exact.Wrong("no_answer")
    return exact.load(text[start : end + 1])


def _released_item(value: Json) -> Item:
    found = exact.an_object(value)
    boxes = [found[key] for key in found if "bbox" in key.lower()]
    points = [found[key] for key in found if "point" in key.lower()][:2]
    if not boxes or len(points) < 2:
        raise exact.Wrong("no box, or fewer than 2 points")
    return Item(released_box(boxes[0]), tuple(released_point(point) for point in points), (1, 1))


def _write(items: Sequence[Item], _stage: int) -> str:
    for item in items:
        if item.box:
            first, second = [*item.points, centre(item.box), centre(item.box)][:2]
            return to_json(
                {"bbox": plain(item.box), "points_1": plain(first), "points_2": plain(second)}
            )
    return "{}"


def _schema(_stage: int, limit: int) -> dict[str, Json]:
    point = point_schema(limit)
    return object_schema(bbox=box_schema(limit), points_1=point, points_2=point)


SEGZERO = Grammar(
    _strict, partial(loose_answer, rules=Rules(one_object=True)), _released, _write, _schema
)
