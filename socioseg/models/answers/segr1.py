"""Seg-R1: a think tag, then triples of `bbox`, `points` and `labels` tags with commas between.

Released (Seg-R1, evaluation of reasoning, as forked at 50b897f): the first of each tag, unsigned
whole numbers only; points and labels must be as many.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from socioseg.models.answers import exact
from socioseg.models.answers.blocks import THINK, THINK_END
from socioseg.models.answers.grammar import Grammar
from socioseg.models.answers.loose import Rules, loose_answer, value_answer
from socioseg.models.answers.notes import Notes
from socioseg.models.answers.reader import read_values
from socioseg.models.answers.released import released_box, released_point, thought
from socioseg.models.answers.schemas import to_json
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from socioseg.models.answers.values import FloatBox, Json, Point

_TRIPLE = re.compile(
    r"[\s,]*+<bbox>([^<]*+)</bbox>,\s*+<points>([^<]*+)</points>,\s*+<labels>([^<]*+)</labels>"
)
_TAG = re.compile(r"<(/?)(bbox|points|labels)>", re.IGNORECASE | re.ASCII)
_DIGITS = set("0123456789[], \n\t\r")
_RULES = Rules(box_needed=False)


def _strict(text: str, thinking: bool) -> Answer:  # noqa: FBT001 - one signature for all grammars
    rest, thought_ = text.strip(), ""
    if rest.startswith(THINK):
        thought_, _, rest = rest.removeprefix(THINK).partition(THINK_END)
    elif thinking:
        return Answer(problem="bad_tags")
    triples, at = [], 0
    while found := _TRIPLE.match(rest, at):
        triples.append(found.groups())
        at = found.end()
    if rest[at:].strip() or not triples:
        return Answer(problem="bad_tags", thinking=thought_)
    return exact.items_answer(triples, _exact_item)._replace(thinking=thought_)


def _exact_item(triple: Json) -> Item:
    box, points, labels = (exact.load(text) for text in triple)
    read = exact.exact_points(points)
    marks = tuple(exact.exact_label(label) for label in exact.a_list(labels))
    if len(read) != len(marks):
        raise exact.Wrong(f"{len(read)} points, {len(marks)} labels")
    return Item(exact.exact_box(box), read, marks)


def _lenient(text: str) -> Answer:
    """Tags in any case and order; a `bbox` tag begins an object."""
    thought_, end, rest = text.rpartition(THINK_END)
    if not _TAG.search(rest):
        answer = loose_answer(text, _RULES)
        if answer.items or not _TAG.search(text):
            return answer
        rest = text
    notes = Notes()
    records = list(_records(rest, notes))
    if not records:
        return Answer(problem="no_answer")
    answer = value_answer(records, _RULES, notes, thought_.partition(THINK)[2] if end else "")
    if any("points" in record for record in records[:-1]):
        return answer
    return answer._replace(items=_shared_out(answer.items))


def _records(text: str, notes: Notes) -> Iterator[dict[str, Json]]:
    """For each object what stands in its tags."""
    record: dict[str, Json] = {}
    tags = [(tag[1], tag[2].lower(), tag.start(), tag.end()) for tag in _TAG.finditer(text)]
    stops = [start for _, _, start, _ in tags[1:]]
    for i, (slash, name, _, start) in enumerate(tags):
        if slash:
            continue
        closed = i < len(stops)
        part = text[start : stops[i] if closed else None]
        if record.keys() & {name} or (name == "bbox" and record):
            yield record
            record = {}
        values = read_values(part, notes, closed=closed)
        record[name] = values[0] if values else part.strip()
    if record:
        yield record


def _shared_out(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Where several boxes stand before one list of points, each gets those within it."""
    if len(items) < 2 or not items[-1].points or any(item.box is None for item in items):
        return items
    points = list(zip(items[-1].points, items[-1].labels, strict=True))
    return tuple(
        item._replace(points=tuple(p for p, _ in mine), labels=tuple(v for _, v in mine))
        for item in items
        for mine in [[pair for pair in points if _within(pair[0], item.box)]]
    )


def _within(point: Point, box: FloatBox | None) -> bool:
    x0, y0, x1, y1 = box or (0, 0, 0, 0)
    return x0 <= point[0] <= x1 and y0 <= point[1] <= y1


def _released(text: str) -> Answer:
    answer = exact.read_or_say(lambda: exact.items_answer([_first_of_each(text)], _released_item))
    return answer._replace(thinking=thought(text))


def _first_of_each(text: str) -> list[str]:
    found = [_first(text, name) for name in ("bbox", "points", "labels")]
    if not any(found):
        raise exact.Wrong("no_answer")
    return found


def _first(text: str, name: str) -> str:
    """What stands in the first closed tag; nothing where it holds more than whole numbers."""
    inner, tag, _ = text.partition(f"<{name}>")[2].partition(f"</{name}>")
    return inner if tag and not set(inner) - _DIGITS else ""


def _released_item(texts: Json) -> Item:
    box, points, labels = (exact.load(text or "[]") for text in texts)
    read = tuple(released_point(point) for point in exact.exact_list(points, 2, "points"))
    if len(read) != len(exact.a_list(labels)):
        raise exact.Wrong(f"{len(read)} points, {len(labels)} labels")
    return Item(released_box(box), read, tuple(exact.exact_label(label) for label in labels))


def _write(items: Sequence[Item], _stage: int) -> str:
    return ", ".join(
        f"<bbox>{to_json(box)}</bbox>, "
        f"<points>{to_json([_pixel(point) for point in item.points])}</points>, "
        f"<labels>{to_json(list(item.labels))}</labels>"
        for item in items
        if item.box and (box := _whole(item.box))
    )


def _pixel(point: Point) -> list[int]:
    return [max(0, round(v)) for v in point]


def _whole(box: FloatBox) -> list[int]:
    """The pixels that a box touches, so that a thin one stays; nothing outside the image."""
    x0, y0, x1, y1 = (max(0, v) for v in (*map(math.floor, box[:2]), *map(math.ceil, box[2:])))
    return [x0, y0, x1, y1] if x0 < x1 and y0 < y1 else []


SEGR1 = Grammar(_strict, _lenient, _released, _write, None, tags=False)
