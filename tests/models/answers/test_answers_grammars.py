"""Each family's own format, read strictly, leniently and as its authors' code reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from socioseg.errors import UsageError
from socioseg.models.answers import GRAMMARS, Item, parse, schema_of, write

if TYPE_CHECKING:
    from socioseg.models.answers.grammar import Mode

BOX, FAR = (10.0, 20.0, 30.0, 40.0), (50.0, 60.0, 70.0, 80.0)
POINTS = ((11.0, 22.0), (13.0, 24.0))
_INSTANCE = (
    '{"id": 4, "action": "adjust", "bbox_2d": [10, 20, 30, 40], '
    '"positive_points": [[11, 22], [13, 24]]}'
)
_POINTS = "<points>[[11, 22], [13, 24]]</points>"
PUBLISHED = {
    "socioreasoner": (
        '<answer>[{"bbox_2d": [10, 20, 30, 40], "points": [[11, 22], [13, 24]]}]</answer>',
        (Item(BOX, POINTS, (1, 1)),),
    ),
    "visionreasoner": (
        '<answer>[{"bbox_2d": [10, 20, 30, 40], "point_2d": [11, 22]}]</answer>',
        (Item(BOX, POINTS[:1], (1,)),),
    ),
    "segzero": (
        '<answer>{"bbox": [10, 20, 30, 40], "points_1": [11, 22], "points_2": [13, 24]}</answer>',
        (Item(BOX, POINTS, (1, 1)),),
    ),
    "segr1": (
        f"<bbox>[10, 20, 30, 40]</bbox>, {_POINTS}, <labels>[1, 0]</labels>",
        (Item(BOX, POINTS, (1, 0)),),
    ),
    "samr1": (
        '<answer>{"bbox": [10, 20, 30, 40], "points": [[11, 22, 1], [13, 24, 0]]}</answer>',
        (Item(BOX, POINTS, (1, 0)),),
    ),
    "remotereasoner": (
        "<answer>[[10, 20, 30, 40], [50, 60, 70, 80]]</answer>",
        (Item(BOX), Item(FAR)),
    ),
    "everest": (
        f'<answer>{{"verified_count": 1, "instances": [{_INSTANCE}]}}</answer>',
        (Item(BOX, POINTS, (1, 1), 4, "adjust"),),
    ),
    "plain": (
        '{"objects": [{"bbox_2d": [10, 20, 30, 40], "points": [[11, 22], [13, 24]]}]}',
        (Item(BOX, POINTS, (1, 1)),),
    ),
}
_TWO = "<points>[[51, 62], [11, 22]]</points><labels>[0, 1]</labels>"
MODES: list[Mode] = ["strict", "lenient", "released"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("grammar", GRAMMARS)
def test_what_is_published_is_read_in_every_mode(grammar: str, mode: Mode) -> None:
    text, items = PUBLISHED[grammar]
    answer = parse(f"<think>why</think>\n{text}", grammar, mode)
    assert (answer.items, answer.problem, answer.dropped) == (items, "", ())
    assert (answer.thinking, answer.repairs) == ("why", ())


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_what_is_written_is_what_is_published(grammar: str) -> None:
    text, items = PUBLISHED[grammar]
    assert write(items, grammar, stage=2) == text
    assert write(items, grammar, stage=2, thinking="why") == f"<think>why</think>{text}"


@pytest.mark.parametrize("grammar", sorted(set(GRAMMARS) - {"plain"}))
def test_strict_wants_a_think_part_unless_told(grammar: str) -> None:
    text, items = PUBLISHED[grammar]
    assert parse(text, grammar, "strict").problem == "bad_tags"
    assert parse(text, grammar, "strict", thinking=False).items == items
    assert parse(text, grammar).items == items


@pytest.mark.parametrize(
    ("grammar", "answer", "problem"),
    [
        ("socioreasoner", '[{"bbox_2d": [1, 2, 3, 4], "label": "x"}]', "no_items"),
        ("socioreasoner", "[{'bbox_2d': [1, 2, 3, 4]}]", "bad_json"),
        ("socioreasoner", '{"bbox_2d": [1, 2, 3, 4]}', "not_a_list"),
        ("socioreasoner", "[]</answer><answer>[]", "bad_tags"),
        ("socioreasoner", "[" * 40 + "]" * 40, "bad_json"),
        ("visionreasoner", '[{"bbox_2d": [1, 2, 3, 4]}]', "no_items"),
        ("visionreasoner", '[{"bbox_2d": [1, 2, 3, 4], "point_2d": [[1, 2]]}]', "no_items"),
        ("segzero", '[{"bbox": [1, 2, 3, 4]}]', "not_an_object"),
        ("segzero", '{"bbox": [1, 2, 3, 4], "points_1": [1, 2]}', "no_items"),
        ("samr1", '{"bbox": [1, 2, 3, 4], "points": [[1, 2, 3]]}', "no_items"),
        ("samr1", '{"bbox": [1, 2, 3, 4], "points": [[1, 2]]}', "no_items"),
        ("remotereasoner", "[[1, 2, 3]]", "no_items"),
        ("remotereasoner", "[(1, 2, 3, 4)]", "bad_json"),
        ("everest", '{"instances": []}', "wrong_keys"),
        ("everest", '{"verified_count": 0.5, "instances": []}', "bad_value"),
    ],
)
def test_strict_takes_nothing_else(grammar: str, answer: str, problem: str) -> None:
    read = parse(f"<think></think><answer>{answer}</answer>", grammar, "strict")
    assert (read.items, read.problem) == ((), problem)


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("<bbox>[10, 20, 30, 40]</bbox>", (Item(BOX),)),
        (
            "<BBOX>[10,20,30,40]</BBOX><points>[[11,22],[13,24]]<labels>[1,0]</labels>",
            (Item(BOX, POINTS, (1, 0)),),
        ),
        (
            f"<bbox>{[*BOX]}</bbox><bbox>{[*FAR]}</bbox>{_TWO}",
            (Item(BOX, POINTS[:1], (1,)), Item(FAR, ((51.0, 62.0),), (0,))),
        ),
        ("<bbox>[10, 20, 30, 40]</bbox><points>[[1, 2]]</points><labels>[]</labels>", (Item(BOX),)),
        ('[{"bbox_2d": [10, 20, 30, 40]}]', (Item(BOX),)),
    ],
)
def test_tags_of_seg_r1(text: str, items: tuple[Item, ...]) -> None:
    assert parse(f"<think><bbox>[1, 1, 2, 2]</bbox></think>{text}", "segr1").items == items


def test_a_box_of_seg_r1_is_written_with_all_pixels_that_it_touches() -> None:
    items = [Item((10.2, 0.0, 30.7, 0.4)), Item((-5.0, 1.0, -2.0, 3.0))]
    assert [item.box for item in parse(write(items, "segr1"), "segr1").items] == [(10, 0, 31, 1)]


def test_one_missing_key_loses_the_whole_answer_of_visionreasoner() -> None:
    whole = '{"bbox_2d": [1, 2, 3, 4], "point_2d": [1, 2]}'
    text = f'<answer>[{whole}, {{"bbox_2d": [1, 2, 3, 4]}}]</answer>'
    assert len(parse(text, "visionreasoner").items) == 2
    released = parse(text, "visionreasoner", "released")
    assert (released.items, released.problem) == ((), "no_items")


def test_seg_zero_takes_the_first_braces_even_of_the_think_part() -> None:
    text = (
        '<think>{} {"my_bbox": [1, 2, 3, 4], "point": [1, 2], "Points_b": [2, 3]}</think>'
        f"{PUBLISHED['segzero'][0]}"
    )
    (item,) = parse(text, "segzero", "released").items
    assert item == Item((1.0, 2.0, 3.0, 4.0), ((1.0, 2.0), (2.0, 3.0)), (1, 1))
    assert parse(text, "segzero").items == PUBLISHED["segzero"][1]


def test_the_released_seg_r1_reads_whole_numbers_and_one_box() -> None:
    text = PUBLISHED["segr1"][0]
    assert len(parse(f"{text}, {text}", "segr1").items) == 2
    assert parse(f"{text}, {text}", "segr1", "released").items == PUBLISHED["segr1"][1]
    assert parse(text.replace("10", "10.5"), "segr1", "released").items == ()
    assert parse(text.replace("[1, 0]", "[1]"), "segr1", "released").problem == "no_items"


@pytest.mark.parametrize(
    ("answer", "items"),
    [
        ('{"bbox": [10, 20, 30, 40]}', (Item(BOX),)),
        ('{"points": [[11, 22, 1], [13, 24, 0]]}', (Item(None, POINTS, (1, 0)),)),
        ("{}", ()),
    ],
)
def test_either_key_of_sam_r1_may_be_missing(answer: str, items: tuple[Item, ...]) -> None:
    for mode in ("lenient", "released"):
        read = parse(f"<answer>{answer}</answer>", "samr1", mode)  # type: ignore[arg-type]
        assert (read.items, read.problem) == (items, "")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("[[10, 20, 30, 40], (10, 20, 30, 40),]", 2),
        ("<think>x</think><answer>[10, 20, 30, 40]</answer>", 1),
        ("[['a', 2, 3, 4], [10, 20, 30, 40]]", 1),
        ("[]", 0),
    ],
)
def test_the_released_remotereasoner_reads_python_literals(text: str, count: int) -> None:
    read = parse(text, "remotereasoner", "released")
    assert (read.items, read.problem) == ((Item(BOX),) * count, "")


@pytest.mark.parametrize("text", ["[[10, 20, 30", "[[10 20 30 40]]", "__import__('os')", "nothing"])
def test_what_is_no_literal_is_no_answer(text: str) -> None:
    assert parse(text, "remotereasoner", "released").problem == "bad_json"


def test_plain_json_in_its_usual_clothes() -> None:
    for text in (
        '```json\n[{"bbox_2d": [10, 20, 30, 40], "label": "school"}]\n```',
        '{"box": [10, 20, 30, 40], "label": "school"}',
        '[{"bbox": [10, 20, 30, 40], "label": "school"}]',
    ):
        for mode in MODES:
            assert parse(text, "plain", mode).items == (Item(BOX, label="school"),)


def test_what_is_unknown_is_said() -> None:
    with pytest.raises(UsageError, match="socioreasoner"):
        parse("[]", "socioreasoning")
    with pytest.raises(UsageError, match="lenient, strict or released"):
        parse("[]", "plain", "loose")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="segr1 are not JSON"):
        schema_of("segr1")
