"""What must hold of any text at all, for the tests and for the fuzzer."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, get_args

from socioseg.models.answers import Answer, parse, write
from socioseg.models.answers.grammar import Mode

if TYPE_CHECKING:
    from socioseg.models.answers import Item

MODES: tuple[Mode, ...] = get_args(Mode)
PROBLEMS = {
    *("", "too_long", "no_answer", "bad_tags", "bad_json", "not_a_list", "not_an_object"),
    *("wrong_keys", "bad_value", "no_items", "cut_off"),
}


def check(text: str, grammar: str) -> Answer:
    """Read `text` in each mode, and assert what holds of every answer; the lenient one."""
    lenient, exact, released = (parse(text, grammar, mode) for mode in MODES)
    for answer in (lenient, exact, released):
        check_answer(answer, text)
    if not exact.problem and not exact.dropped and all(map(_in_order, exact.items)):
        assert lenient.items == exact.items, (lenient, exact)
    return lenient


def check_answer(answer: Answer, text: str) -> None:
    """Assert what holds of each answer, read out of `text`."""
    assert answer.problem in PROBLEMS
    assert not (answer.items and answer.problem)
    assert answer.problem != "no_items" or answer.dropped
    assert len(answer.items) <= len(text)
    assert answer.thinking in text
    assert len(answer.dropped) <= 101
    assert all(len(reason) < 200 for reason in answer.dropped)
    json.dumps([answer.items, dict(answer.facts)], allow_nan=False)
    for item in answer.items:
        assert item.box is not None or item.points or item.action
        assert len(item.points) == len(item.labels)
        assert set(item.labels) <= {0, 1}
        numbers = [*(item.box or ()), *(v for point in item.points for v in point)]
        assert all(type(v) is float and math.isfinite(v) for v in numbers)


def check_written(answer: Answer, grammar: str) -> None:
    """Assert that what is written is read again as it was, in strict and in lenient mode."""
    for stage in (1, 2):
        first = parse(write(answer.items, grammar, stage), grammar)
        text = write(first.items, grammar, stage, "why")
        again = parse(text, grammar)
        assert (again.items, again.dropped, again.repairs) == (
            first.items,
            (),
            (),
        ) or not again.items
        if all(item.box for item in again.items):
            assert parse(text, grammar, "strict").items == again.items


def _in_order(item: Item) -> bool:
    x0, y0, x1, y1 = item.box or (0, 0, 1, 1)
    return x0 < x1 and y0 < y1
