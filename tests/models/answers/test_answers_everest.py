"""EVEREST's answers: instances with ids over two stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socioseg.models.answers import Item, parse, write

if TYPE_CHECKING:
    from socioseg.models.answers.grammar import Mode

BOX = (10.0, 20.0, 30.0, 40.0)
STAGE_1 = (
    '<think>def scan(): pass</think><answer>{"target": "school", "declared_count": 1, "instances": '
    '[{"id": 3, "bbox_2d": [10, 20, 30, 40], "center_point": [20, 30], "evidence": "map_label", '
    '"confidence": "high"}]}</answer>'
)


@pytest.mark.parametrize("mode", ["strict", "lenient", "released"])
def test_stage_1(mode: Mode) -> None:
    read = parse(STAGE_1, "everest", mode)
    assert read.items == (Item(BOX, id=3, confidence="high"),)
    assert read.facts["declared_count"] == 1
    assert not read.repairs


def test_the_last_of_two_objects_counts() -> None:
    _, _, answer = STAGE_1.partition("</think>")
    read = parse(f'<answer>{{"instances": [{{"id": 1}}]}} {answer[8:]}', "everest")
    assert read.items == (Item(BOX, id=3, confidence="high"),)


def test_what_stage_1_says_beside_its_instances() -> None:
    assert parse(STAGE_1, "everest").facts == {"target": "school", "declared_count": 1}


@pytest.mark.parametrize(
    ("instance", "item"),
    [
        ('{"id": 1, "action": "drop"}', Item(id=1, action="drop")),
        ('{"id": 1, "action": "keep", "bbox_2d": [1, 2]}', Item(id=1, action="keep")),
        (
            '{"id": 1.0, "action": "split", "bbox_2d": [10, 20, 30, 40]}',
            Item(BOX, (), (), 1, "keep"),
        ),
        ('{"id": "x", "action": 3, "bbox_2d": [10, 20, 30, 40]}', Item(BOX, action="keep")),
        ('{"bbox_2d": [10, 20, 30, 40]}', Item(BOX)),
        ('{"id": 2, "bbox_2d": [30.4, 39.6, 9.6, 20.4]}', Item((9.6, 20.4, 30.4, 39.6), id=2)),
    ],
)
def test_an_instance_that_lacks_something(instance: str, item: Item) -> None:
    for text in (f'{{"instances": [{instance}]}}', f"[{instance}]", f"[{instance}, 5]"):
        assert parse(f"<answer>{text}</answer>", "everest").items == (item,)


def test_an_instance_without_action_and_box_is_dropped() -> None:
    read = parse('<answer>[{"id": 1, "bbox_2d": [1, 2]}]</answer>', "everest")
    assert (read.items, read.problem) == ((), "no_items")


def test_the_released_code_mends_quotes_and_rounds() -> None:
    text = "<answer>[{'id': 2, 'bbox_2d': [30.4, 39.6, 9.6, 20.4]}, {'id': 3}]</answer>"
    read = parse(text, "everest", "released")
    assert read.items == (Item(BOX, id=2),)
    assert parse("<answer>[{'id': 2,}]</answer>", "everest", "released").problem == "bad_json"
    assert parse("[]", "everest", "released").problem == "no_answer"
    assert parse("<answer>3</answer>", "everest", "released").problem == "not_an_object"


def test_what_is_dropped_needs_no_box_and_is_not_counted() -> None:
    items = (Item(BOX, id=1, action="keep"), Item(id=2, action="drop"))
    read = parse(write(items, "everest", stage=2), "everest")
    assert (read.items, read.facts) == (items, {"verified_count": 1})
