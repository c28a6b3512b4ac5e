"""SAM-R1: think and answer tags, one object with `bbox` and `points`, each [x, y, label].

SAM-R1 has no public code. Released is the reader of such answers that SocioReasoner's code
(7ba0c65) holds: the first closed answer part, standard JSON, either key may be missing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer
from socioseg.models.answers.released import first_value, released_box, released_points, thought
from socioseg.models.answers.schemas import (
    MAX_POINTS,
    box_schema,
    list_schema,
    object_schema,
    plain,
    to_json,
    tuple_schema,
    whole,
)
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.values import Json


def _strict(text: str, thinking: bool) -> Answer:  # noqa: FBT001 - one signature for all grammars
    return exact.exact_answer(text, _exact, thinking=thinking)


def _exact(value: Json) -> Answer:
    return exact.items_answer([exact.an_object(value)], _exact_item)


def _exact_item(value: Json) -> Item:
    found = exact.keys_are(value, {"bbox", "points"})
    points = exact.exact_list(found["points"], 3, "points")
    return Item(
        exact.exact_box(found["bbox"]),
        tuple(exact.exact_point(point[:2]) for point in points),
        tuple(exact.exact_label(point[2]) for point in points),
    )


def _released(text: str) -> Answer:
    answer = exact.read_or_say(lambda: _released_value(exact.an_object(first_value(text))))
    return answer._replace(thinking=thought(text))


def _released_value(value: dict[str, Json]) -> Answer:
    return exact.items_answer([value] if value.keys() & {"bbox", "points"} else [], _released_item)


def _released_item(value: Json) -> Item:
    box = released_box(value["bbox"]) if "bbox" in value else None
    points = exact.exact_list(value.get("points", []), 3, "points")
    labels = tuple(exact.exact_label(point[2]) for point in points)
    if box is None and not points:
        raise exact.Wrong("neither a box nor a point")
    return Item(box, released_points(points), labels)


def _write(items: Sequence[Item], _stage: int) -> str:
    for item in items:
        points = zip(item.points, item.labels, strict=True)
        labelled = [[*plain(point), label] for point, label in points]
        return to_json(({"bbox": plain(item.box)} if item.box else {}) | {"points": labelled})
    return "{}"


def _schema(_stage: int, limit: int) -> dict[str, Json]:
    point = tuple_schema(whole(limit), whole(limit), whole(1))
    return object_schema(bbox=box_schema(limit), points=list_schema(point, most=MAX_POINTS))


SAMR1 = Grammar(
    _strict,
    partial(loose_answer, rules=Rules(box_needed=False, labelled=True, one_object=True)),
    _released,
    _write,
    _schema,
)
