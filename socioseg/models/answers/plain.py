"""Plain JSON, bare or in one code fence, as a general model writes it when asked for boxes.

A list of objects, one object, or an object that holds one list; a box under `bbox_2d`, `bbox` or
`box`, and, where they were asked for, `points` and `label`; a think part may stand first. No code
was released for it: released reads as strict does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.blocks import THINK, THINK_END
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer
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

_BOX_KEYS = ("bbox_2d", "bbox", "box")
_KEYS = [{key, *more} for key in _BOX_KEYS for more in ((), ("points",))]
_FENCE = "```"


def _strict(text: str, _thinking: bool = False) -> Answer:  # noqa: FBT001, FBT002 - as all grammars
    rest, thought = text.strip(), ""
    if rest.startswith(THINK):
        thought, _, rest = rest.removeprefix(THINK).partition(THINK_END)
    answer = exact.read_or_say(lambda: _exact(exact.load(_unfenced(rest))))
    return answer._replace(thinking=thought)


def _unfenced(text: str) -> str:
    """What stands in the one code fence that is the whole text; else the text."""
    found = text.strip()
    if found.startswith(_FENCE) and found.endswith(_FENCE) and found.count(_FENCE) == 2:
        found = found.removeprefix(_FENCE).removeprefix("json").removesuffix(_FENCE)
    return found


def _exact(value: Json) -> Answer:
    if isinstance(value, dict) and not value.keys() & set(_BOX_KEYS):
        lists = [found for found in value.values() if isinstance(found, list)]
        value = lists[0] if len(lists) == len(value) == 1 else None
    values = [value] if isinstance(value, dict) else exact.a_list(value)
    return exact.items_answer(values, _exact_item)


def _exact_item(value: Json) -> Item:
    labelled = isinstance(value, dict) and isinstance(value.get("label"), str)
    found = exact.keys_are(
        {key: v for key, v in value.items() if key != "label"} if labelled else value, *_KEYS
    )
    points = exact.exact_points(found.get("points", []))
    box = next(found[key] for key in _BOX_KEYS if key in found)
    return Item(
        exact.exact_box(box), points, (1,) * len(points), label=value["label"] if labelled else ""
    )


def _write(items: Sequence[Item], _stage: int) -> str:
    found = [
        {"bbox_2d": plain(item.box), "points": [plain(point) for point in item.points]}
        | ({"label": item.label} if item.label else {})
        for item in items
        if item.box
    ]
    return to_json({"objects": found})


def _schema(_stage: int, limit: int) -> dict[str, Json]:
    points = list_schema(point_schema(limit), most=MAX_POINTS)
    item = object_schema(bbox_2d=box_schema(limit), points=points)
    return object_schema(objects=list_schema(item))  # servers want an object at the root


PLAIN = Grammar(
    _strict,
    partial(loose_answer, rules=Rules(box_needed=False, tags=False)),
    _strict,
    _write,
    _schema,
    tags=False,
)
