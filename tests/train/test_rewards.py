"""SocioReasoner's rewards: by hand, by golden values, and whatever the text."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from train.texts import answers, any_text, responses

from socioseg.errors import UsageError
from socioseg.train.rewards import stage1, stage2

GOLDEN = Path(__file__).resolve().parents[3] / "shared" / "golden"
TRUTH = [[10, 10, 60, 60], [100, 100, 200, 180]]
MASK = np.zeros((32, 32), dtype=bool)
MASK[4:20, 4:20] = True
HALF = MASK.copy()
HALF[4:12] = False
NOTHING = np.zeros_like(MASK)


def _say(value: object, before: str = "<think>by the river</think>", after: str = "") -> str:
    return f"{before}<answer>{json.dumps(value)}</answer>{after}"


def _boxes(*boxes: list[float]) -> str:
    return _say([{"bbox_2d": box} for box in boxes])


def _golden(name: str) -> list[dict[str, Any]]:
    if not GOLDEN.is_dir():
        pytest.skip(f"the golden values are not at {GOLDEN}")
    return [json.loads(line) for line in (GOLDEN / name).read_text("utf-8").splitlines()]


def test_released_stage1_gives_the_golden_values() -> None:
    for row in _golden("released_stage1.jsonl"):
        found = stage1(row["response"], row["gt_boxes"], "released")
        for name in ("format", "accuracy", "length"):
            assert getattr(found, name) == pytest.approx(row[name], abs=1e-9), row
        assert found.total == pytest.approx(row["format"] + row["accuracy"] + row["length"])


def test_released_stage2_gives_the_golden_values() -> None:
    for row in _golden("released_stage2.jsonl"):
        found = stage2(row["response"], row["stage1_boxes"], None, MASK, "released")
        assert found.format == pytest.approx(row["format"], abs=1e-9), row
        assert found.length == pytest.approx(row["length"], abs=1e-9), row
        assert found.accuracy == 0
        assert found.total == pytest.approx(row["format"] + row["length"])


@pytest.mark.parametrize(
    ("response", "accuracy", "length"),
    [
        (_boxes(*TRUTH), 1.0, 1.0),
        (_boxes(*TRUTH[::-1]), 1.0, 1.0),
        (_boxes(TRUTH[0]), 1 / 2, math.exp(-1)),
        (_boxes(*TRUTH, [0, 0, 5, 5]), 2 / 3, math.exp(-1)),
        (_boxes([10, 10, 60, 35]), 0.0, math.exp(-1)),  # an IoU of just 0.5 is no match
        (_boxes([10, 10, 60, 36]), 1 / 2, math.exp(-1)),
        (_boxes(TRUTH[0], TRUTH[0]), 1 / 2, 1.0),  # one true box is matched once
        (_boxes(), 0.0, math.exp(-2)),
    ],
)
def test_stage1_of_the_paper(response: str, accuracy: float, length: float) -> None:
    found = stage1(response, TRUTH)
    assert (found.format, found.accuracy) == (1.0, pytest.approx(accuracy))
    assert found.length == pytest.approx(length)
    assert found.total == pytest.approx(1 + accuracy + length)


def test_where_there_is_no_true_box_nothing_is_right() -> None:
    assert stage1(_boxes(), []).total == 3
    assert stage1(_boxes(TRUTH[0]), []).total == 1
    assert (stage1(_boxes(), [], "released").length, stage1(_boxes(), [], "released").accuracy) == (
        1,
        0,
    )


@pytest.mark.parametrize(
    "response",
    [
        "",
        "no tags",
        _say([{"bbox_2d": TRUTH[0]}], before=""),
        _say([{"bbox_2d": TRUTH[0]}], after=" done"),
        _say({"bbox_2d": TRUTH[0]}),
        _say([{"bbox_2d": TRUTH[0]}, {"bbox": TRUTH[1]}]),
        _say([{"bbox_2d": ["10", 10, 60, 60]}]),
        _say([{"bbox_2d": TRUTH[0][:3]}]),
    ],
)
def test_a_wrong_format_makes_all_of_the_papers_reward_0(response: str) -> None:
    assert stage1(response, TRUTH).total == 0
    assert stage2(response, TRUTH, MASK, MASK).total == 0


def test_each_stage_has_keys_of_its_own() -> None:
    assert stage1(_points(1), TRUTH).format == stage2(_boxes(TRUTH[0]), TRUTH, MASK, MASK).format
    assert stage1(_points(1), TRUTH).format == 0


def _points(*counts: int) -> str:
    items = [{"bbox_2d": TRUTH[0], "points": [[20, 20]] * count} for count in counts]
    return _say(items)


@pytest.mark.parametrize(
    ("response", "mask", "accuracy", "length"),
    [
        (_points(2), MASK, 1.0, 1.0),
        (_points(2), HALF, 0.5, 1.0),
        (_points(2), None, 0.0, 1.0),
        (_points(2, 0), MASK, 1.0, (1 + math.exp(-0.5)) / 2),
        (_points(3, 1), MASK, 1.0, math.exp(-1 / 8)),
        (_points(), NOTHING, 0.0, 0.0),
    ],
)
def test_stage2_of_the_paper(
    response: str, mask: np.ndarray | None, accuracy: float, length: float
) -> None:
    found = stage2(response, TRUTH, mask, MASK)
    assert (found.format, found.accuracy) == (1.0, pytest.approx(accuracy))
    assert found.length == pytest.approx(length)
    assert found.total == pytest.approx(1 + accuracy + length)


def test_two_empty_masks() -> None:
    assert stage2(_points(), [], NOTHING, NOTHING).total == 3
    assert stage2(_points(), [], NOTHING, NOTHING, "released").accuracy == 0
    assert stage2(_points(), [], None, NOTHING).accuracy == 0


def test_thoughts_may_hold_tags() -> None:
    thought = "<think>not <answer>5</answer></think>"
    assert stage1(_say([{"bbox_2d": TRUTH[0]}], before=thought), TRUTH).format == 1


def test_released_stage2_asks_for_the_boxes_of_stage1() -> None:
    def say(box: list[int], *points: list[int]) -> float:
        response = _say([{"bbox_2d": box, "points": list(points), "note": "any"}])
        return stage2(response, [(10, 10, 60, 60)], MASK, MASK, "released").parts["schema"]

    assert say([10, 10, 60, 60], [20, 20]) == say([10, 10, 60, 60]) == 1
    assert say([10, 10, 60, 61], [20, 20]) == 0
    assert say([10, 10, 60, 60], [10, 20]) == say([10, 10, 60, 60], [20, 20, 1]) == 0


def test_released_takes_masks_of_two_sizes_for_nothing() -> None:
    assert stage2(_points(2), TRUTH, MASK, MASK[:-1], "released").accuracy == 0
    with pytest.raises(UsageError, match="size"):
        stage2(_points(2), TRUTH, MASK, MASK[:-1])


def test_there_are_two_variants() -> None:
    with pytest.raises(UsageError, match="not 'best'"):
        stage1("", [], "best")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="not 'best'"):
        stage2("", [], None, MASK, "best")  # type: ignore[arg-type]


BOXES = st.lists(st.lists(st.integers(0, 60), min_size=4, max_size=4), max_size=5)


@given(answers | any_text, BOXES, st.sampled_from([None, MASK, HALF, NOTHING]))
def test_no_text_raises_and_all_is_within_bounds(
    response: str, truth: list[list[int]], mask: np.ndarray | None
) -> None:
    first, second = stage1(response, truth), stage2(response, truth, mask, MASK)
    for found in (first, second):
        assert found.format in (0, 1)
        assert 0 <= found.accuracy <= 1
        assert 0 <= found.length <= 1
        assert found.total in (0, pytest.approx(found.format + found.accuracy + found.length))
    released = stage1(response, truth, "released")
    assert 0 <= released.format <= 2
    assert -1 <= released.accuracy <= 1
    assert 0 <= released.length <= 1
    released = stage2(response, truth, mask, MASK, "released")
    assert 0 <= released.format <= 2
    assert 0 <= released.accuracy <= 1
    assert 0 <= released.length <= 1


@given(st.data(), BOXES, BOXES)
def test_the_order_of_boxes_does_not_matter(
    data: st.DataObject, found: list[list[int]], truth: list[list[int]]
) -> None:
    mixed = data.draw(st.permutations(found)), data.draw(st.permutations(truth))
    for variant in ("paper", "released"):
        one, other = (
            stage1(_boxes(*found), truth, variant),
            stage1(_boxes(*mixed[0]), mixed[1], variant),
        )
        assert other.total == pytest.approx(one.total)


@given(responses)
def test_what_is_repeated_of_the_truth_earns_all(boxes: list[list[int]]) -> None:
    assert stage1(_boxes(*boxes), boxes).total == pytest.approx(3)
    assert stage1(_boxes(*boxes), boxes, "released").total == pytest.approx(4)
