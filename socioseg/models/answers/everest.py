"""EVEREST: think and answer tags, one object whose `instances` keep an id over both stages.

Stage 1 lists them (`declared_count`), stage 2 says for each id whether to keep, adjust or drop it
(`verified_count`) and gives points. Released (TechCloud-x/EVEREST 802e585): single quotes are
mended, corners put in order, numbers rounded, a bare list is taken; a broken item is left out.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.blocks import first_block
from socioseg.models.answers.coordinates import number
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer, value_answer
from socioseg.models.answers.notes import Notes, shown
from socioseg.models.answers.released import thought
from socioseg.models.answers.schemas import (
    box_schema,
    centre,
    list_schema,
    object_schema,
    one_of,
    plain,
    point_schema,
    to_json,
    whole,
)
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.values import FloatBox, Json

ACTIONS = ("keep", "adjust", "drop")
CONFIDENCES = ("high", "medium", "low")
_EVIDENCE = ("map_label", "sat_shape", "both")
_FIRST = {"target", "declared_count", "instances"}
_SECOND = {"verified_count", "instances"}
_FIRST_ITEM = {"id", "bbox_2d", "center_point", "evidence", "confidence"}
_SECOND_ITEM = {"id", "action", "bbox_2d", "positive_points"}
_MAX_POINTS = 3


def _strict(text: str, thinking: bool) -> Answer:  # noqa: FBT001 - one signature for all grammars
    return exact.exact_answer(text, _exact, thinking=thinking)


def _exact(value: Json) -> Answer:
    found = exact.an_object(value)
    if found.keys() not in (_FIRST, _SECOND):
        raise exact.Wrong("wrong_keys")
    facts = {key: found[key] for key in found if key.endswith("_count")}
    if not all(exact.is_coordinate(v) and v == int(v) for v in facts.values()):
        raise exact.Wrong("bad_value")
    facts = {key: int(v) for key, v in facts.items()}
    one = _exact_first if found.keys() == _FIRST else _exact_second
    return exact.items_answer(exact.a_list(found["instances"]), one, facts)


def _exact_first(value: Json) -> Item:
    found = exact.keys_are(value, _FIRST_ITEM)
    exact.exact_point(found["center_point"])
    exact.exact_word(found["evidence"], _EVIDENCE)
    confidence = exact.exact_word(found["confidence"], CONFIDENCES)
    box = exact.exact_box(found["bbox_2d"])
    return Item(box, id=exact.exact_whole(found["id"]), confidence=confidence)


def _exact_second(value: Json) -> Item:
    found = exact.keys_are(value, _SECOND_ITEM)
    points = exact.exact_points(found["positive_points"])
    return Item(
        exact.exact_box(found["bbox_2d"]),
        points,
        (1,) * len(points),
        exact.exact_whole(found["id"]),
        exact.exact_word(found["action"], ACTIONS),
    )


def _finish(record: dict[str, Json], item: Item, place: str, notes: Notes) -> Item | None:
    """Add id, action and confidence; an item that has an action may do without a box."""
    given = number(record.get("id"))
    id_ = int(given) if given is not None and given.is_integer() else None
    if id_ is None:
        notes.repair("an instance without an id")
    action = _action(record.get("action"), notes)
    if item.box is None and not action:
        notes.drop(place, f"it has no box that can be used: {shown(record.get('bbox_2d'))}")
        return None
    confidence = record.get("confidence")
    confidence = confidence if confidence in CONFIDENCES else ""
    return item._replace(id=id_, action=action, confidence=confidence)


def _action(value: Json, notes: Notes) -> str:
    """What to do with an instance: nothing is said of it in stage 1."""
    if value is None or value in ACTIONS:
        return value or ""
    notes.repair("an unknown action is to keep")
    return "keep"


_RULES = Rules(box_needed=False, one_object=True, finish=_finish)


def _released(text: str) -> Answer:
    answer = exact.read_or_say(lambda: _released_value(first_block(text)))
    items = tuple(_rounded(item) for item in answer.items)
    return answer._replace(items=items, thinking=thought(text))


def _released_value(text: str | None) -> Answer:
    if text is None:
        raise exact.Wrong("no_answer")
    try:
        value = exact.load(text)
    except exact.Wrong:
        value = exact.load(text.replace("'", '"'))
    if not isinstance(value, dict | list):
        raise exact.Wrong("not_an_object")
    return value_answer(value, _RULES, Notes(), "")


def _rounded(item: Item) -> Item:
    x0, y0, x1, y1 = item.box or (0, 0, 0, 0)
    box = (float(round(x0)), float(round(y0)), float(round(x1)), float(round(y1)))
    points = tuple((float(round(x)), float(round(y))) for x, y in item.points)
    return item._replace(box=box if item.box else None, points=points)


def _write(items: Sequence[Item], stage: int) -> str:
    if stage > 1:
        kept = sum(item.action != "drop" for item in items)
        return to_json(
            {"verified_count": kept, "instances": [_second(i, v) for i, v in enumerate(items)]}
        )
    instances = [_first(i, item.box, item) for i, item in enumerate(items) if item.box]
    return to_json({"target": "", "declared_count": len(instances), "instances": instances})


def _first(place: int, box: FloatBox, item: Item) -> dict[str, Json]:
    return {
        "id": place + 1 if item.id is None else item.id,
        "bbox_2d": plain(box),
        "center_point": plain(centre(box)),
        "evidence": "both",
        "confidence": item.confidence or "medium",
    }


def _second(place: int, item: Item) -> dict[str, Json]:
    head = {"id": place + 1 if item.id is None else item.id, "action": item.action or "keep"}
    box = {"bbox_2d": plain(item.box)} if item.box else {}
    points = [plain(point) for point in item.points[:_MAX_POINTS]]
    return {**head, **box, "positive_points": points}


def _schema(stage: int, limit: int) -> dict[str, Json]:
    count, box, point = whole(999), box_schema(limit), point_schema(limit)
    if stage > 1:
        points = list_schema(point, most=_MAX_POINTS)
        item = object_schema(id=count, action=one_of(ACTIONS), bbox_2d=box, positive_points=points)
        return object_schema(verified_count=count, instances=list_schema(item))
    item = object_schema(
        id=count,
        bbox_2d=box,
        center_point=point,
        evidence=one_of(_EVIDENCE),
        confidence=one_of(CONFIDENCES),
    )
    target = {"type": "string", "maxLength": 200}
    return object_schema(target=target, declared_count=count, instances=list_schema(item))


EVEREST = Grammar(_strict, partial(loose_answer, rules=_RULES), _released, _write, _schema)
