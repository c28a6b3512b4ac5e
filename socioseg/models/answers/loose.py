"""Items out of whatever was meant: any of the usual keys, any of the usual shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from socioseg.models.answers.blocks import find_parts
from socioseg.models.answers.coordinates import loose_box, loose_points, number
from socioseg.models.answers.exact import is_coordinate
from socioseg.models.answers.notes import Notes, shown
from socioseg.models.answers.reader import read_values
from socioseg.models.answers.values import Answer, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from socioseg.models.answers.blocks import Block, Parts
    from socioseg.models.answers.values import Json

_MAX_LABEL = 200
_MAX_FACTS = 20


class Rules(NamedTuple):
    """What a grammar asks of an item beyond the common.

    Attributes
    ----------
    box_needed
        Whether an item without a box is none.
    labelled
        Whether the third number of a point is its label, 1 or 0.
    one_object
        Whether the published format is one object, not a list of them.
    tags
        Whether the published format has answer tags.
    bare
        Whether the published format is boxes alone, without keys.
    finish
        Makes the item out of its object and of what was read; None to leave it out.
    """

    box_needed: bool = True
    labelled: bool = False
    one_object: bool = False
    tags: bool = True
    bare: bool = False
    finish: Callable[[dict[str, Json], Item, str, Notes], Item | None] | None = None


def loose_answer(text: str, rules: Rules) -> Answer:
    """The last answer part that holds an item; else the last that is empty on purpose."""
    parts = find_parts(text)
    answer = _best(_block_answer(block, rules, parts) for block in reversed(parts.blocks))
    if len(parts.blocks) > 1:
        answer = answer._replace(repairs=(*answer.repairs, "several answer parts"))
    return answer


def _best(answers: Iterable[Answer]) -> Answer:
    """The first that holds an item; else the first without a problem; else the first."""
    found = []
    for answer in answers:
        if answer.items:
            return answer
        found.append(answer)
    return next((answer for answer in found if not answer.problem), found[0])


def _block_answer(block: Block, rules: Rules, parts: Parts) -> Answer:
    """The last value of a block that holds an item; else the last that is empty on purpose."""
    notes = Notes()
    values = read_values(block.text, notes, closed=block.closed)
    if not values:
        problem = "bad_json" if parts.tagged and block.text.strip() else "no_answer"
        return Answer(problem=problem, thinking=parts.thinking)
    if len(values) > 1 and all(isinstance(value, dict) and _box_key(value) for value in values):
        notes.repair("objects without a list")
        values = [values]
    if parts.tagged and not block.closed:
        notes.repair("open answer tag")
    elif rules.tags and not parts.tagged:
        notes.repair("no answer tags")
    return _best(value_answer(value, rules, notes, parts.thinking) for value in reversed(values))


def value_answer(value: Json, rules: Rules, read: Notes, thinking: str) -> Answer:
    """The items of one value; `read` says what was mended to read it."""
    notes = Notes()
    for words in read.repairs:
        notes.repair(words)
    facts = _facts(value)
    records = _records(value, rules, notes)
    if records is None:
        return Answer((), "not_a_list", (), thinking, facts, notes.repairs)
    items = list(_items(records, rules, notes))
    problem = ""
    if not items:
        problem = "no_items" if records else "cut_off" if "cut off" in notes.repairs else ""
    return Answer(tuple(items), problem, notes.dropped, thinking, facts, notes.repairs)


def _records(value: Json, rules: Rules, notes: Notes) -> list[Json] | None:
    """The objects that `value` lists, in whichever way it does."""
    if isinstance(value, dict):
        return _records_of_object(value, rules, notes)
    if len(value) == 4 and all(number(v) is not None for v in value):
        return [value]
    return list(value)


def _records_of_object(value: dict[str, Json], rules: Rules, notes: Notes) -> list[Json] | None:
    """The list that an object holds, such as `instances` or `boxes`; else the object itself."""
    lists = [found for found in value.values() if isinstance(found, list)]
    pointed = any("point" in key.lower() for key in value)
    for found in lists:
        if found and (isinstance(found[0], dict) or (_is_box(found[0]) and not pointed)):
            return found
    if _box_key(value) or pointed:
        if not rules.one_object:
            notes.repair("an object without a list")
        return [value]
    if not value and rules.one_object:
        return []
    return next((found for found in lists if not found), None)


def _is_box(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 4


def _facts(value: Json) -> dict[str, int | str]:
    """Whole numbers and short texts that stand beside the list of an object."""
    if not isinstance(value, dict):
        return {}
    first = list(value.items())[:_MAX_FACTS]
    return {key: found for key, found in first if len(key) <= _MAX_LABEL and _is_fact(found)}


def _is_fact(value: Json) -> bool:
    if isinstance(value, str):
        return len(value) <= _MAX_LABEL
    return isinstance(value, int) and is_coordinate(value)


def _items(records: list[Json], rules: Rules, notes: Notes) -> Iterator[Item]:
    for i, record in enumerate(records):
        place = f"item {i + 1}"
        item = _item(record, place, rules, notes)
        if item is not None:
            yield item


def _item(record: Json, place: str, rules: Rules, notes: Notes) -> Item | None:
    if isinstance(record, list):
        if not rules.bare:
            notes.repair("a bare box")
        record = {"bbox_2d": record}
    if not isinstance(record, dict):
        notes.drop(place, f"{shown(record)} is not an object")
        return None
    key = _box_key(record)
    box = loose_box(record[key], place, notes) if key else None
    points, labels = loose_points(record, place, notes, labelled=rules.labelled)
    label = record.get("label", "")
    item = Item(box, points, labels, label=label[:_MAX_LABEL] if isinstance(label, str) else "")
    if rules.finish:
        return rules.finish(record, item, place, notes)
    if box is None and (rules.box_needed or not points):
        if not key:
            notes.drop(place, "it has no box")
        return None
    return item


def _box_key(record: dict[str, Json]) -> str:
    return next((key for key in record if "box" in key.lower()), "")
