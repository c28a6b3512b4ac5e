"""VisionReasoner: think and answer tags, a list of objects with `bbox_2d` and one `point_2d`.

Released (JIA-Lab-research/VisionReasoner c013132): the first closed answer part, standard JSON;
where one item lacks a key or is broken, the whole answer is lost.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer
from socioseg.models.answers.released import (
    all_or_nothing,
    first_list,
    released_box,
    released_point,
)
from socioseg.models.answers.schemas import (
    box_schema,
    centre,
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
    found = exact.keys_are(value, {"bbox_2d", "point_2d"})
    return Item(exact.exact_box(found["bbox_2d"]), (exact.exact_point(found["point_2d"]),), (1,))


def _released(text: str) -> Answer:
    return all_or_nothing(first_list(text, _released_item))


def _released_item(value: Json) -> Item:
    found = exact.an_object(value)
    box, point = released_box(found.get("bbox_2d")), released_point(found.get("point_2d"))
    return Item(box, (point,), (1,))


def _write(items: Sequence[Item], _stage: int) -> str:
    return to_json(
        [
            {
                "bbox_2d": plain(item.box),
                "point_2d": plain(item.points[0] if item.points else centre(item.box)),
            }
            for item in items
            if item.box
        ]
    )


def _schema(_stage: int, limit: int) -> dict[str, Json]:
    return list_schema(object_schema(bbox_2d=box_schema(limit), point_2d=point_schema(limit)))


VISIONREASONER = Grammar(_strict, partial(loose_answer, rules=Rules()), _released, _write, _schema)
