"""Lenient mode: what was meant is read, and what was mended or left out is said."""

from __future__ import annotations

import pytest

from socioseg.models.answers import Item, parse

BOX = (10.0, 20.0, 30.0, 40.0)
ONE = (Item(BOX),)
POINTED = (Item(BOX, ((11.0, 22.0), (13.0, 24.0)), (1, 1)),)


@pytest.mark.parametrize(
    ("answer", "repair"),
    [
        ('[{"bbox_2d": [10, 20, 30, 40]}]', ""),
        ('[{"bbox_2d": [10.0, 2e1, 30, 40]}]', ""),
        ("[{'bbox_2d': [10, 20, 30, 40]}]", "single quotes"),
        ("[{“bbox_2d”: [10, 20, 30, 40]}]", "curly quotes"),
        ("[{bbox_2d: [10, 20, 30, 40]}]", "bare word"),
        ('[{"bbox_2d": [10, 20, 30, 40,],},]', "trailing comma"),
        ('[{"bbox_2d": [10 20 30 40]}]', "missing comma"),
        ('[{"bbox_2d": [10, 20, 30, 40}]', "missing bracket"),
        ('[{"bbox_2d": [10, 20, 30, 40]', "cut off"),
        ('[{"bbox_2d": [10, 20, 30, 40]}}]', "stray bracket"),
        ('[{"bbox_2d": (10, 20, 30, 40)}]', "tuple"),
        ('[{"bbox_2d" [10, 20, 30, 40]}]', "missing colon"),
        ('```json\n[{"bbox_2d": [10, 20, 30, 40]}]\n```', "code fence"),
        ('[{"bbox_2d": [10, 20, 30, 40], "note": "```"}]', ""),
        ('{"bbox_2d": [10, 20, 30, 40]}', "an object without a list"),
        ('{"objects": [{"bbox_2d": [10, 20, 30, 40]}]}', ""),
        ('{"boxes": [{"bbox_2d": [10, 20, 30, 40]}]}', ""),
        ('{"boxes": [[10, 20, 30, 40]]}', "a bare box"),
        ('[{"bbox": [10, 20, 30, 40]}]', ""),
        ('[{"bbox_2d": ["10", "20px", 30, 40]}]', "a number in quotes"),
        ('[{"bbox_2d": [30, 40, 10, 20]}]', "swapped corners"),
        ('[{"bbox_2d": [[10, 20], [30, 40]]}]', "a box of two corners"),
        ("[[10, 20, 30, 40]]", "a bare box"),
        ("[10, 20, 30, 40]", "a bare box"),
        ('[{"bbox_2d": [10, 20, 30, 40]}] // done', ""),
    ],
)
def test_one_box_however_it_is_written(answer: str, repair: str) -> None:
    read = parse(f"<think>why</think><answer>{answer}</answer>", "socioreasoner")
    assert (read.items, read.problem, read.thinking) == (ONE, "", "why")
    assert read.repairs == ((repair,) if repair else ())


@pytest.mark.parametrize(
    ("text", "repair"),
    [
        ('<answer>[{"bbox_2d": [10, 20, 30, 40]}]', "open answer tag"),
        ('<ANSWER>[{"bbox_2d": [10, 20, 30, 40]}]</Answer>', ""),
        ('[{"bbox_2d": [10, 20, 30, 40]}]', "no answer tags"),
        ('why</think>[{"bbox_2d": [10, 20, 30, 40]}]', "no answer tags"),
        ('Boxes are [x0, y0]: {"bbox_2d": [10, 20, 30, 40]} as of [now].', "no answer tags"),
        ('<think>[{"bbox_2d": [1, 2, 3, 4]}]</think>{"bbox": [10, 20, 30, 40]}', "no answer tags"),
        ('<answer>[]</answer> No: <answer>[{"bbox_2d": [10, 20, 30, 40]}]</answer>', ""),
        ('<answer>[{"bbox_2d": [10, 20, 30, 40]}]</answer><answer>nothing', "several answer parts"),
        ('<answer>[{"bbox_2d": [10, 20, 30, 40]}]</answer><answer>[]', "several answer parts"),
        ('<answer>[[1, 1, 2, 2]]</answer><answer>[{"bbox": [10, 20, 30, 40]}]</answer>', ""),
        ('<think><answer>[1]</answer></think><answer>[{"bbox": [10, 20, 30, 40]}]</answer>', ""),
        ('<think><answer>[{"bbox_2d": [10, 20, 30, 40]}]</answer></think>', ""),
    ],
)
def test_one_box_wherever_it_stands(text: str, repair: str) -> None:
    read = parse(text, "socioreasoner")
    assert (read.items, read.problem) == (ONE, "")
    assert not repair or repair in read.repairs


@pytest.mark.parametrize(
    "points",
    [
        '"points": [[11, 22], [13, 24]]',
        '"points": [[11, 22, 1], [13, 24]]',
        '"points_1": [11, 22], "points_2": [13, 24]',
        '"positive_points": [[11, 22], [13, 24]], "center_point": [20, 30]',
        '"points": [[11, 22], [13, 24]], "labels": [1, 1]',
        '"points": [[11, 22], [5], ["a", 3], null, [13, 24]]',
    ],
)
def test_points_however_they_are_written(points: str) -> None:
    text = f'<answer>[{{"bbox_2d": [10, 20, 30, 40], {points}}}]</answer>'
    assert parse(text, "socioreasoner").items == POINTED


def test_a_box_in_a_list_of_its_own_keeps_its_points() -> None:
    text = '{"bbox": [[10, 20, 30, 40]], "points": [[11, 22], [13, 24]]}'
    assert parse(text, "socioreasoner").items == POINTED


def test_objects_without_a_list_around_them() -> None:
    read = parse('{"box": [10, 20, 30, 40]} and {"box": [10, 20, 30, 40]}', "plain")
    assert (read.items, read.repairs) == (ONE * 2, ("objects without a list",))


def test_a_list_that_was_not_closed_before_the_next_key() -> None:
    text = '<answer>[{"bbox_2d": [10, 20, 30, 40, "points": [[11, 22], [13, 24]]}]</answer>'
    assert parse(text, "socioreasoner").items == POINTED


def test_an_object_that_was_not_closed_before_the_next() -> None:
    text = '<answer>[{"bbox_2d": [10, 20, 30, 40], {"bbox_2d": [10, 20, 30, 40]}]</answer>'
    assert parse(text, "socioreasoner").items == ONE * 2


@pytest.mark.parametrize(
    ("cut", "items"),
    [
        ('<answer>[{"bbox_2d": [10, 20, 30, 40], "points": [[11, 22], [13, 24]]', POINTED),
        ('<answer>[{"bbox_2d": [10, 20, 30, 40]}, {"bbox_2d": [10, 20, 30, 4', ONE),
        ('<answer>[{"bbox_2d": [10, 20, 30, 40]}, {"bbox', ONE),
        ('<answer>[{"bbox_2d": [10, 20, 30, 40', ()),
    ],
)
def test_a_number_at_the_cut_may_be_half_a_number(cut: str, items: tuple[Item, ...]) -> None:
    read = parse(cut, "socioreasoner")
    assert read.items == items
    assert "cut off" in read.repairs


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ("[1, 2, 3]", "4 numbers"),
        ("[1, 2, 3, 4, 5]", "4 numbers"),
        ("[1, 2, NaN, 4]", "nan"),
        ("[1, 2, Infinity, 4]", "inf"),
        ("[1, 2, 1e400, 4]", "inf"),
        ("[1, 2, 1e7, 4]", "10000000"),
        (f"[1, 2, {'9' * 5000}, 4]", "no coordinate"),
        ("[1, 2, true, 4]", "True"),
        ("[1, 2, null, 4]", "None"),
        ('[1, 2, "three", 4]', "three"),
        ("[1, 2, {}, 4]", "dict"),
        ("[5, 2, 5, 4]", "empty"),
        ('"1, 2, 3, 4"', "no list"),
        ("null", "no list"),
    ],
)
def test_a_box_that_is_none_is_dropped_with_its_place(box: str, why: str) -> None:
    text = f'<answer>[{{"bbox_2d": [10, 20, 30, 40]}}, {{"bbox_2d": {box}}}]</answer>'
    read = parse(text, "socioreasoner")
    assert (read.items, read.problem) == (ONE, "")
    (reason,) = read.dropped
    assert reason.startswith("item 2")
    assert why in reason


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no_answer"),
        ("<answer></answer>", "no_answer"),
        ("<answer>null</answer>", "bad_json"),
        ("There is no school here.", "no_answer"),
        ("<answer>{}</answer>", "not_a_list"),
        ("<answer>[1, 2]</answer>", "no_items"),
        ("<answer>[", "cut_off"),
        ("[" * 2**19, "too_long"),
    ],
)
def test_a_text_without_items_says_why(text: str, problem: str) -> None:
    read = parse(text, "socioreasoner")
    assert (read.items, read.problem) == ((), problem)


@pytest.mark.parametrize("text", ["<answer>[]</answer>", "[]", "<answer>\n[ ]"])
def test_nothing_is_an_answer(text: str) -> None:
    assert parse(text, "socioreasoner")[:3] == ((), "", ())


def test_many_bad_items_are_counted_not_told() -> None:
    read = parse(f"<answer>{[1] * 5000}</answer>", "socioreasoner")
    assert read.dropped[0] == "item 1: 1 is not an object"
    assert (len(read.dropped), read.dropped[-1]) == (101, "and 4900 more")


def test_brackets_deeper_than_any_answer_are_passed_over() -> None:
    read = parse("[" * 500 + "]" * 500 + '[{"bbox_2d": [10, 20, 30, 40]}]', "socioreasoner")
    assert read.items == ONE
    assert "nested too deeply" in read.repairs
