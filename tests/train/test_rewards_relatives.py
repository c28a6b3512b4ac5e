"""The rewards of SocioReasoner's relatives, term by term."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from train.texts import answers, any_text

from socioseg.errors import UsageError
from socioseg.train.rewards import REWARDS, Case, find_reward
from socioseg.train.rewards.everest import everest_stage1, everest_stage2
from socioseg.train.rewards.samr1 import samr1
from socioseg.train.rewards.segr1 import segr1
from socioseg.train.rewards.segzero import segzero
from socioseg.train.rewards.visionreasoner import visionreasoner

MASK = np.zeros((40, 40), dtype=bool)
MASK[10:30, 10:30] = True
NOTHING = np.zeros_like(MASK)
BOXES, POINTS = [[10, 10, 60, 60], [100, 100, 200, 180]], [[20, 20], [150, 150]]


def _say(value: object, thought: str = "by the river") -> str:
    return f"<think>{thought}</think><answer>{json.dumps(value)}</answer>"


def _part(share: float) -> np.ndarray:
    """A mask whose IoU with MASK is `share`."""
    mask = NOTHING.copy()
    mask[10 : 10 + round(20 * share), 10:30] = True
    return mask


def _objects(*pairs: tuple[list[float], list[float]]) -> str:
    return _say([{"bbox_2d": box, "point_2d": point} for box, point in pairs])


@pytest.mark.parametrize(
    ("response", "schema", "accuracy"),
    [
        (_objects((BOXES[0], POINTS[0]), (BOXES[1], POINTS[1])), 2, 3),
        (_objects((BOXES[1], POINTS[1]), (BOXES[0], POINTS[0])), 2, 3),
        (_objects((BOXES[0], POINTS[0])), 2, 3 / 2),
        (_objects((BOXES[0], POINTS[0]), (BOXES[1], [150, 181])), 2, (3 + 2) / 2),  # outside
        (_objects((BOXES[0], POINTS[0]), (BOXES[1], [120, 150])), 2, (3 + 2) / 2),  # 30 away
        (_objects((BOXES[0], POINTS[0]), ([80, 80, 200, 180], [150, 150])), 2, (3 + 2) / 2),
        (_objects((BOXES[0], POINTS[0]), ([0, 0, 1, 1], [0, 0])), 2, 3 / 2),
        (_say([{"bbox_2d": BOXES[0]}]), 1, 0),
        (_say([]), 0, 0),
    ],
)
def test_visionreasoner(response: str, schema: float, accuracy: float) -> None:
    found = visionreasoner(response, BOXES, POINTS)
    assert found.parts["schema"] == schema
    assert found.accuracy == pytest.approx(accuracy)
    assert found.total == pytest.approx(1 + schema + 1 + accuracy)


@pytest.mark.parametrize(("thought", "earned"), [("a. b. a", 1), ("a. a. a.", 0), ("a.b.a.b.", 0)])
def test_visionreasoner_punishes_repetition(thought: str, earned: float) -> None:
    answer = f"{thought}</think><answer>[]</answer>"
    assert visionreasoner(f"<think>. {answer}", BOXES, POINTS).parts["no_repeat"] == earned


def _one(box: list[float], first: list[float], second: list[float]) -> str:
    return _say({"bbox": box, "points_1": first, "points_2": second})


@pytest.mark.parametrize(
    ("response", "parts"),
    [
        (_one(BOXES[0], [20, 20], [50, 50]), (1, 1, 1, 1, 1)),
        (_one(BOXES[0], [50, 50], [20, 20]), (1, 1, 1, 1, 1)),
        (_one(BOXES[0], [20, 20], [61, 50]), (1, 1, 1, 1, 0)),
        (_one([10, 10, 60, 100], [20, 20], [50, 50]), (1, 1, 1, 0, 1)),
        (_one([300, 300, 400, 400], [350, 350], [350, 350]), (1, 1, 0, 0, 0)),
        ("<think>" + json.dumps({"my_bbox": BOXES[0], "point_a": [20, 20], "b_points": [50, 50]}),
         (0, 0, 1, 1, 1)),
        ("", (0, 0, 0, 0, 0)),
    ],
)  # fmt: skip
def test_segzero(response: str, parts: tuple[int, ...]) -> None:
    found = segzero(response, BOXES[0], [[20, 20], [50, 50]])
    assert tuple(found.parts.values()) == parts
    assert found.total == sum(parts)


SEGR1 = "<think>t</think><bbox>[1,2,3,4]</bbox>, <points>[[2,3]]</points>, <labels>[1]</labels>"


def test_segr1() -> None:
    assert segr1(SEGR1, MASK, MASK).total == pytest.approx(2)
    assert segr1(SEGR1, None, MASK).total == 1
    assert segr1("<think>t</think>" + SEGR1.replace("[1]<", "[1,0]<"), None, MASK).total == 0
    half = segr1("", _part(0.5), MASK)
    assert half.parts["iou"] == pytest.approx(0.7 * 0.5)
    assert 0 < half.parts["structure"] < 0.3


def test_segr1_as_released_favours_small_masks() -> None:
    whole, none = (segr1("", mask, MASK, bug=True) for mask in (MASK, NOTHING))
    assert whole.parts["structure"] == pytest.approx(0.3 * (1 - 400 / 1600))
    assert none.parts["structure"] == pytest.approx(0.3)
    assert segr1("", NOTHING, MASK).parts["structure"] < whole.parts["structure"]


@pytest.mark.parametrize(
    ("share", "tier"), [(1.0, 4), (0.85, 4), (0.8, 3), (0.75, 3), (0.7, 2), (0.5, 0), (0.1, 0)]
)
def test_samr1(share: float, tier: float) -> None:
    good = _say({"bbox": [1, 2, 3, 4], "points": [[1, 2, 0]]})
    assert samr1(good, _part(share), MASK).total == tier + 1 + 1
    assert samr1(_say("no"), _part(share), MASK).total == tier + 1 - 1
    sizes = {"tags_size": 0.5, "json_size": 0.25, "json_penalty": 2.0}
    assert samr1("", None, MASK, **sizes).total == -2
    assert samr1(good, None, MASK, **sizes).total == 0.75


PLAN = "def f(): for each: scan, anchor, dedup; if sure: confirm; return"


def _scan(count: int, *boxes: list[float], thought: str = PLAN) -> str:
    instances = [{"id": i, "bbox_2d": box} for i, box in enumerate(boxes)]
    return _say({"target": "x", "declared_count": count, "instances": instances}, thought)


def test_everest_stage1_at_its_best() -> None:
    found = everest_stage1(_scan(2, *BOXES), BOXES)
    assert found.format == pytest.approx(2)
    assert (found.length, found.accuracy) == (1, pytest.approx(2))
    assert found.total == pytest.approx(5)


def test_everest_stage1_term_by_term() -> None:
    twice = everest_stage1(_scan(3, BOXES[0], BOXES[0], thought="scan if"), BOXES)
    assert twice.parts["keywords"] == pytest.approx(0.6 / 4)
    assert twice.parts["code"] == pytest.approx(0.2 / 4)
    assert twice.parts["count_agrees"] == 0
    assert twice.parts["count"] == pytest.approx(math.exp(-0.5))
    assert twice.parts["coverage"] == 0.5
    assert twice.parts["duplicates"] == -1
    diagonal, apart = math.hypot(100, 80), math.hypot(150 - 35, 140 - 35)
    far = 0.3 * math.exp(-apart / diagonal)
    assert twice.parts["boxes"] == pytest.approx((1 + far) / 2)


def test_everest_counts_what_it_cannot_read() -> None:
    half = _say({"declared_count": 2, "instances": [{"id": 1, "bbox_2d": BOXES[0]}, {"id": 2}]})
    found = everest_stage1(half, BOXES)
    assert found.parts["valid_boxes"] == pytest.approx(0.2)
    assert found.parts["count_agrees"] == pytest.approx(0.3)
    assert everest_stage1("", BOXES).total == 0


CHECKED = "def f(): for each: inspect, decide; if sure: place; return verify"


def _check(count: int, *rows: tuple[str, list[list[float]]]) -> str:
    instances = [
        {"id": i, "action": action, "bbox_2d": [10, 10, 30, 30], "positive_points": points}
        for i, (action, points) in enumerate(rows)
    ]
    return _say({"verified_count": count, "instances": instances}, CHECKED)


def test_everest_stage2_at_its_best() -> None:
    response = _check(1, ("keep", [[20, 20]]), ("drop", []))
    found = everest_stage2(response, MASK, MASK, [[10, 10, 30, 30]])
    assert found.format == pytest.approx(2)
    assert found.accuracy == pytest.approx(3)
    assert found.length == pytest.approx(1)


def test_everest_stage2_term_by_term() -> None:
    response = _check(1, ("keep", [[20, 20], [5, 5]]), ("adjust", [[39, 39], [900, -4]]))
    found = everest_stage2(response, _part(0.5), MASK, [[10, 10, 30, 30]])
    assert found.parts["iou"] == pytest.approx(0.5)
    assert found.parts["recall"] == 1
    assert found.parts["over_count"] == -0.5
    assert found.parts["points"] == 0.25
    assert found.parts["verified"] == 0
    assert found.parts["kept"] == pytest.approx(0.5 * math.exp(-1))
    assert everest_stage2(response, None, MASK, [[10, 10, 30, 30]]).parts["recall"] == 0
    assert everest_stage2("", NOTHING, NOTHING, []).parts["iou"] == 1


def test_everest_stage2_in_a_frame_of_its_own() -> None:
    response = _check(1, ("keep", [[40, 40]]))
    found = everest_stage2(response, MASK, MASK, [[20, 20, 60, 60]], frame=(80, 80))
    assert (found.parts["recall"], found.parts["points"]) == (1, 1)


def _case(name: str, response: str, mask: np.ndarray | None) -> Case:
    points = [[20, 20]] if name == "visionreasoner" else [[20, 20], [50, 50]]
    return Case(response, BOXES[:1], points, mask, MASK, BOXES[:1])


@pytest.mark.parametrize("name", REWARDS)
def test_every_reward_has_a_name(name: str) -> None:
    found = find_reward(name)(_case(name, SEGR1, MASK))
    assert all(map(math.isfinite, (found.total, *found.parts.values())))


def test_what_a_reward_needs_is_asked_for() -> None:
    with pytest.raises(UsageError, match="did you mean segzero"):
        find_reward("segzeros")
    with pytest.raises(UsageError, match="known: socioreasoner, socioreasoner-released, vision"):
        find_reward("xyz")
    with pytest.raises(UsageError, match="give the case a gt_mask"):
        find_reward("samr1")(Case("", mask=MASK))
    with pytest.raises(UsageError, match="a point for each true box"):
        find_reward("visionreasoner")(Case("", BOXES, POINTS[:1]))
    with pytest.raises(UsageError, match="one true box and two true points"):
        find_reward("segzero")(Case("", BOXES, POINTS))


LIMITS = {
    "socioreasoner.1": (0, 3),
    "socioreasoner.2": (0, 3),
    "socioreasoner-released.1": (-1, 4),
    "socioreasoner-released.2": (0, 4),
    "visionreasoner": (0, 7),
    "segzero": (0, 5),
    "segr1": (0, 2),
    "segr1-released": (0, 2),
    "samr1": (-1, 6),
    "everest.1": (-1, 5),
    "everest.2": (-1, 6),
}


@given(answers | any_text, st.sampled_from([None, MASK, NOTHING, _part(0.5)]))
def test_no_text_raises_and_all_is_within_bounds(response: str, mask: np.ndarray | None) -> None:
    assert LIMITS.keys() == REWARDS.keys()
    for name, reward in REWARDS.items():
        found = reward(_case(name, response, mask))
        low, high = LIMITS[name]
        assert low - 1e-9 <= found.total <= high + 1e-9, name


@given(st.data(), st.lists(st.tuples(*[st.integers(0, 60)] * 6), min_size=1, max_size=5))
def test_the_order_of_objects_does_not_matter(
    data: st.DataObject, rows: list[tuple[int, ...]]
) -> None:
    mixed = data.draw(st.permutations(rows))
    truth = [list(row[:4]) for row in data.draw(st.permutations(rows))]
    pairs = ([(list(row[:4]), list(row[4:])) for row in order] for order in (rows, mixed))
    one, other = (
        visionreasoner(_objects(*each), truth, [box[:2] for box in truth]).total for each in pairs
    )
    assert other == pytest.approx(one)
    scans = (_scan(len(rows), *(list(row[:4]) for row in order)) for order in (rows, mixed))
    first, second = (everest_stage1(scan, truth).total for scan in scans)
    assert second == pytest.approx(first)
