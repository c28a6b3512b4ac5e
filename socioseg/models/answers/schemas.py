"""JSON schemas of answers, and answers as JSON: the parts that grammars share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from socioseg.models.answers.values import Json

MAX_ITEMS = 120
"""Objects that a constrained answer may hold; the released rewards look at no more either."""
MAX_POINTS = 8
"""Points of one object: without a bound, a model may go on until its budget ends."""


def box_schema(limit: int) -> dict[str, Json]:
    """Four whole numbers from 0 to `limit`."""
    return _numbers(4, limit)


def point_schema(limit: int) -> dict[str, Json]:
    """Two whole numbers from 0 to `limit`."""
    return _numbers(2, limit)


def list_schema(of: dict[str, Json], *, most: int = MAX_ITEMS, least: int = 0) -> dict[str, Json]:
    """A list of values that are alike."""
    return {"type": "array", "items": of, "minItems": least, "maxItems": most}


def object_schema(**properties: dict[str, Json]) -> dict[str, Json]:
    """An object that has exactly these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def whole(limit: int, least: int = 0) -> dict[str, Json]:
    """A whole number."""
    return {"type": "integer", "minimum": least, "maximum": limit}


def one_of(words: Sequence[str]) -> dict[str, Json]:
    """One of these texts."""
    return {"type": "string", "enum": list(words)}


def tuple_schema(*of: dict[str, Json]) -> dict[str, Json]:
    """A list of these values in this order."""
    return {
        "type": "array",
        "prefixItems": list(of),
        "items": False,
        "minItems": len(of),
        "maxItems": len(of),
    }


def centre(box: Sequence[float]) -> tuple[float, float]:
    """The middle of a box, for a format that wants a point where there is none."""
    x0, y0, x1, y1 = box
    return (x0 + x1) / 2, (y0 + y1) / 2


def plain(numbers: Sequence[float]) -> list[float]:
    """Numbers as an answer writes them: whole where they are."""
    return [int(v) if float(v).is_integer() else v for v in numbers]


def to_json(value: Json) -> str:
    """`value` as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _numbers(count: int, limit: int) -> dict[str, Json]:
    return list_schema(whole(limit), most=count, least=count)
