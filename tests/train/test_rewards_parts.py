"""What rewards are made of: boxes against pixels, tags against a pattern, the S-measure by hand."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from train.texts import any_text

from socioseg.train.rewards.geometry import best_sum, box_ious
from socioseg.train.rewards.masks import filled_shares, mask_iou, structure
from socioseg.train.rewards.text import has_tags, repeated_sentences

SIDE = 12
corner = st.tuples(*[st.integers(0, SIDE - 1)] * 4)


def _pixels(box: tuple[int, ...], added: int) -> np.ndarray:
    mask = np.zeros((SIDE + 1, SIDE + 1), dtype=bool)
    x0, y0, x1, y1 = box
    mask[y0 : y1 + added, x0 : x1 + added] = True
    return mask


def _sorted(box: tuple[int, ...]) -> tuple[int, ...]:
    xs, ys = sorted(box[::2]), sorted(box[1::2])
    return xs[0], ys[0], xs[1], ys[1]


@given(corner.map(_sorted), corner.map(_sorted), st.sampled_from([0, 1]))
def test_iou_of_boxes_is_that_of_their_pixels(
    one: tuple[int, ...], other: tuple[int, ...], added: int
) -> None:
    a, b = _pixels(one, added), _pixels(other, added)
    wanted = (a & b).sum() / (a | b).sum() if (a | b).any() else 0.0
    arrays = (np.array([box], dtype=np.float64) for box in (one, other))
    assert box_ious(*arrays, added=float(added))[0, 0] == pytest.approx(wanted)


@given(st.integers(1, 4), st.integers(1, 4), st.data())
def test_the_best_matching_is_the_best_of_all(rows: int, columns: int, data: st.DataObject) -> None:
    values = st.lists(st.integers(0, 5), min_size=rows * columns, max_size=rows * columns)
    scores = np.array(data.draw(values)).reshape(rows, columns)
    if rows > columns:
        scores = scores.T
    every = itertools.permutations(range(scores.shape[1]), scores.shape[0])
    assert best_sum(scores) == max(sum(scores[i, j] for i, j in enumerate(p)) for p in every)


@given(any_text)
def test_tags_are_those_of_the_plain_pattern(text: str) -> None:
    pattern = r"<think>.*?</think>\s*<answer>.*?</answer>"
    for each in (text, f"<think>{text}</answer>", f"<think></think>{text}<answer></answer>"):
        assert has_tags(each) == bool(re.fullmatch(pattern, each, re.DOTALL))


def test_many_tags_are_read_at_once() -> None:
    assert not has_tags("<think>" + "</think> <answer" * 50_000 + "</answer>")


def test_sentences_that_stood_before() -> None:
    assert repeated_sentences("a. b . a. .. b. c") == 2


def test_shares_of_boxes() -> None:
    mask = np.zeros((4, 6), dtype=bool)
    mask[:2] = True
    boxes = np.array([[0, 0, 6, 4], [0, 0, 2, 2], [-9, -9, 99, 2.4], [5, 3, 5, 4], [7, 0, 9, 2]])
    assert filled_shares(mask, boxes.astype(np.float64)) == [0.5, 1, 1, 0, 0]


MASKS = st.lists(st.booleans(), min_size=36, max_size=36).map(
    lambda values: np.array(values).reshape(6, 6)
)


@given(MASKS, MASKS)
def test_the_s_measure_is_1_for_the_truth_alone(mask: np.ndarray, truth: np.ndarray) -> None:
    found = structure(mask, truth)
    assert 0 <= found <= 1 + 1e-12
    assert structure(truth, truth) == pytest.approx(1)
    assert (found > 1 - 1e-9) == bool((mask == truth).all())


def test_the_s_measure_by_hand() -> None:
    truth = np.zeros((4, 4), dtype=bool)
    truth[:2, :2] = True  # the centroid's row and column are 0.5, rounded to 0: the cut is at 1
    mask = np.zeros_like(truth)
    mask[:2] = True
    background = 1 - mask[~truth]
    mean, spread = background.mean(), background.std(ddof=1)
    objects = 0.25 * 1 + 0.75 * 2 * mean / (mean**2 + 1 + spread)
    top_right = _alike(mask[:1, 1:], truth[:1, 1:])
    low_left = _alike(mask[1:, :1], truth[1:, :1])
    low_right = _alike(mask[1:, 1:], truth[1:, 1:])
    regions = (1 * 1 + 3 * top_right + 3 * low_left + 9 * low_right) / 16
    assert structure(mask, truth) == pytest.approx((objects + regions) / 2)
    assert structure(mask, np.zeros_like(mask)) == structure(mask, np.ones_like(mask)) == 0.5


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    x, y = one.mean(), other.mean()
    (vx, shared), (_, vy) = np.cov(one.ravel(), other.ravel())
    if x * y * shared == 0:
        return 1.0 if (x * x + y * y) * (vx + vy) == 0 else 0.0
    return float(4 * x * y * shared / ((x * x + y * y) * (vx + vy)))


def test_iou_of_masks() -> None:
    mask = np.eye(4, dtype=bool)
    assert (mask_iou(mask, mask), mask_iou(None, mask), mask_iou(~mask, mask)) == (1, 0, 0)
    assert (
        mask_iou(mask & ~mask, mask & ~mask),
        mask_iou(~mask & mask, ~mask & mask, empty=0),
    ) == (1, 0)
