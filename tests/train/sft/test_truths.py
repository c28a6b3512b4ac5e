"""True answers say what is true, in the family's form; wrong ones are as wrong as asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.instances import instance_boxes
from socioseg.models.answers import Answer, parse
from socioseg.models.chat.engine import About
from socioseg.models.reason.families import FAMILIES, find_family
from socioseg.models.reason.look import open_look
from socioseg.sample import Level, Query, Truth
from socioseg.train.sft.draws import turned
from socioseg.train.sft.settings import LessonSettings
from socioseg.train.sft.truths import first_answer, true_answer

SIDE = 96
TWO = ((8, 12, 40, 52), (50, 60, 90, 80))


def a_query(*boxes: tuple[int, int, int, int], seed: int = 0) -> Query:
    mask = np.zeros((SIDE, SIDE), dtype=np.bool_)
    for x0, y0, x1, y1 in boxes:
        mask[y0:y1, x0:x1] = True
    image = np.repeat(mask[..., None], 3, axis=2).astype(np.uint8) * 200
    truth = Truth(mask, tuple(instance_boxes(mask)))
    return Query("a", Level.CLASS, "school", image, image, seed, truth)


def about(query: Query, family: str = "socioreasoner", stage: int = 1, first: Any = ()) -> About:  # noqa: ANN401
    found = find_family(family)
    look = open_look(query, found, in_frame=False)
    return About(look, stage, found.grammars[stage - 1], first)


def told(asked: About, seed: int = 0, **changes: Any) -> Answer:  # noqa: ANN401 - of LessonSettings
    text = true_answer(asked, LessonSettings(**changes), np.random.default_rng(seed))
    return parse(text, asked.grammar, "strict", thinking="thinking" in changes)


def ious(answer: Answer, asked: About) -> list[float]:
    """Of each true box with the nearest that was told, in pixels of the sample."""
    truth = asked.look.query.truth
    assert truth is not None
    return [
        max((iou(box, found) for found in asked.look.boxes(answer.items)), default=0.0)
        for box in truth.boxes
    ]


def iou(one: Any, other: Any) -> float:  # noqa: ANN401 - boxes
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(0.0, width) * max(0.0, height)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(both / (sum(areas) - both))


@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_reads_the_truth_in_its_own_form(name: str) -> None:
    for stage in range(1, len(FAMILIES[name].grammars) + 1):
        asked = about(a_query(*TWO), name, stage)
        text = true_answer(asked, LessonSettings(points=2), np.random.default_rng(0))
        answer = parse(text, asked.grammar)
        assert not answer.problem
        assert not answer.repairs
        if asked.grammar not in {"segzero", "samr1"}:  # one object an answer
            assert min(ious(answer, asked)) > 0.9


def test_the_paper_s_form_is_read_strictly() -> None:
    asked = about(a_query(*TWO), stage=2)
    answer = told(asked)
    assert [len(item.points) for item in answer.items] == [3, 3]
    assert answer.thinking == ""
    assert told(asked, thinking="$count of $query").thinking == "2 of school"


def test_boxes_come_the_largest_first_and_no_more_than_asked() -> None:
    sizes = [(4, 4, 14, 14), (20, 20, 80, 50), (20, 60, 40, 90)]
    boxes = told(about(a_query(*sizes)), whole=False).items
    areas = [(i.box[2] - i.box[0]) * (i.box[3] - i.box[1]) for i in boxes if i.box]
    assert areas == sorted(areas, reverse=True)
    assert [item.box for item in told(about(a_query(*sizes)), most=2).items] == [
        tuple(map(round, item.box)) for item in boxes[:2] if item.box
    ]


@given(
    box=st.tuples(*[st.integers(0, SIDE - 6)] * 2, *[st.integers(5, 60)] * 2),
    spread=st.sampled_from(["deep", "random"]),
    points=st.integers(0, 4),
    seed=st.integers(0, 99),
)
@settings(deadline=None, max_examples=60)
def test_points_lie_inside_their_box(
    box: tuple[int, int, int, int], spread: str, points: int, seed: int
) -> None:
    x0, y0, wide, high = box
    place = (x0, y0, min(SIDE, x0 + wide), min(SIDE, y0 + high))
    for family in ("socioreasoner", "zero-shot-relative"):
        asked = about(a_query(place), family, len(FAMILIES[family].grammars))
        for item in told(asked, seed, spread=spread, points=points).items:
            assert item.box is not None
            assert item.box[0] < item.box[2]
            assert item.box[1] < item.box[3]
            assert all(value.is_integer() for value in item.box)
            for x, y in item.points:
                assert item.box[0] < x < item.box[2]
                assert item.box[1] < y < item.box[3]


def test_an_empty_mask_is_answered_with_an_empty_list() -> None:
    asked = about(a_query(), stage=2)
    assert told(asked) == Answer()
    wrong = first_answer(asked, LessonSettings(extra=1, right=0), np.random.default_rng(0))
    assert len(parse(wrong, asked.grammar).items) == 1


def test_a_first_answer_is_as_wrong_as_asked() -> None:
    asked = about(a_query(*TWO))
    rights, wrongs, counts = [], [], []
    for seed in range(200):
        random = np.random.default_rng(seed)
        right = LessonSettings(shift=0, drop=0, extra=0)
        rights += ious(parse(first_answer(asked, right, random), asked.grammar), asked)
        wrong = LessonSettings(shift=0.2, drop=0.5, extra=0.5, right=0)
        answer = parse(first_answer(asked, wrong, random), asked.grammar)
        wrongs += ious(answer, asked)
        counts.append(len(answer.items))
    assert min(rights) > 0.9
    assert 0.1 < np.mean(np.array(wrongs) < 0.3) < 0.7  # dropped
    assert max(wrongs) < 1
    assert 1.3 < np.mean(counts) < 1.7
    assert {0, 1, 2, 3} >= set(counts) > {1}


def test_boxes_that_are_always_right_stay_right() -> None:
    asked = about(a_query(*TWO))
    same = LessonSettings(shift=0.5, drop=0.9, extra=1, right=1)
    for seed in range(20):
        text = first_answer(asked, same, np.random.default_rng(seed))
        assert min(ious(parse(text, asked.grammar), asked)) > 0.9


def test_a_numbered_box_too_many_is_dropped_by_name() -> None:
    query = a_query(*TWO)
    lessons = LessonSettings(extra=1, right=0, drop=0)
    text = first_answer(about(query, "everest"), lessons, np.random.default_rng(0))
    first = parse(text, "everest").items
    assert len(first) == 3
    asked = about(query, "everest", 2, first)
    second = parse(true_answer(asked, lessons, np.random.default_rng(0)), "everest")
    assert [item.action for item in second.items] == ["adjust", "adjust", "drop"]
    settled = find_family("everest").settled(Answer(first), second)
    assert len(settled.items) == 2


@given(seed=st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_a_turned_sample_still_fits_its_truth(seed: int) -> None:
    query = turned(a_query(*TWO, seed=seed))
    assert query.truth is not None
    assert (query.truth.mask == (query.sat[..., 0] > 0)).all()
    assert sorted(query.truth.boxes) == sorted(instance_boxes(query.truth.mask))


def test_all_eight_ways_to_turn_a_sample_come_up() -> None:
    query = a_query((5, 10, 30, 80))
    assert query.truth is not None
    ways = {turned(a_query((5, 10, 30, 80), seed=seed)).sat.tobytes() for seed in range(60)}
    assert len(ways) == 8
