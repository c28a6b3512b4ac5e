"""SocioReasoner: think and answer tags, a list of objects with `bbox_2d`, in stage 2 `points`.

Released (AMAP-ML/SocioReasoner 7ba0c65): the first closed answer part, standard JSON; an item
without a list of four as `bbox_2d` is left out, and so is one with a broken point; of a point the
first two numbers count; the kinds of numbers are not looked at; one parser serves both stages.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer
from socioseg.models.answers.released import first_list, released_box, released_points
from socioseg.models.answers.schemas import (
    MAX_POINTS,
    box_schema,
    list_schema,
    object_schema,
    plain,
    point_schema,
    to_json,
)
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.values import Json


def _strict(text: str, thinking: bool) -> Answer:  # noqa: FBT001 - one signature for all grammars
    return exact.exact_answer(text, _exact, thinking=thinking)


def _exact(value: Json) -> Answer:
    return exact.items_answer(exact.a_list(value), _exact_item)


def _exact_item(value: Json) -> Item:
    found = exact.keys_are(value, {"bbox_2d"}, {"bbox_2d", "points"})
    points = exact.exact_points(found.get("points", []))
    return Item(exact.exact_box(found["bbox_2d"]), points, (1,) * len(points))


def _released(text: str) -> Answer:
    return first_list(text, _released_item)


def _released_item(value: Json) -> Item:
    if not isinstance(value, dict):
        raise exact.Wrong("not an object")
    points = released_points(value.get("points", []))
    return Item(released_box(value.get("bbox_2d")), points, (1,) * len(points))


def _write(items: Sequence[Item], stage: int) -> str:
    found: list[dict[str, Json]] = [
        {"bbox_2d": plain(item.box)}
        | ({"points": [plain(point) for point in item.points]} if stage > 1 else {})
        for item in items
        if item.box
    ]
    return to_json(found)


def _schema(stage: int, limit: int) -> dict[str, Json]:
    keys = {"bbox_2d": box_schema(limit)}
    if stage > 1:
        keys["points"] = list_schema(point_schema(limit), most=MAX_POINTS, least=1)
    return list_schema(object_schema(**keys))


SOCIOREASONER = Grammar(_strict, partial(loose_answer, rules=Rules()), _released, _write, _schema)
