"""Scores of sets of samples, against plain sums and the table of empty cases."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from maskpairs import pairs
from plainloops import square

from socioseg.metrics import (
    CONVENTIONS,
    SampleStats,
    aggregate,
    count_group,
    size_group,
    stats_of,
)

EMPTY = np.zeros((64, 64), dtype=bool)
SETS = st.lists(pairs.map(lambda pair: stats_of(*pair)), min_size=1, max_size=6)
SHARES = (
    *("giou", "ciou", "precision", "recall", "dice", "boundary_iou"),
    *("f1", "f1_precision", "f1_recall", "pq", "sq"),
)


def three() -> list[SampleStats]:
    """Overlap of a half, of a ninth, and two predicted where one is."""
    return [
        stats_of(square(0, 0, 30), square(0, 10, 30)),
        stats_of(square(0, 0, 30), square(20, 10, 30)),
        stats_of(square(0, 0, 20) | square(40, 40, 20), square(0, 0, 20)),
    ]


@given(SETS)
def test_pixel_metrics_are_plain_sums(stats: list[SampleStats]) -> None:
    both, union = sum(s.intersection for s in stats), sum(s.union for s in stats)
    pred, true = sum(s.pred_area for s in stats), sum(s.true_area for s in stats)
    scores = aggregate(stats)
    assert scores["giou"] == pytest.approx(sum(s.iou for s in stats) / len(stats))
    assert scores["ciou"] == pytest.approx(both / union if union else 1)
    assert scores["dice"] == pytest.approx(2 * both / (pred + true) if union else 1)
    assert scores["precision"] == pytest.approx(both / pred if pred else float(not true))
    assert scores["recall"] == pytest.approx(both / true if true else float(not pred))


@given(SETS)
def test_instance_metrics_are_plain_sums(stats: list[SampleStats]) -> None:
    hits = [iou for s in stats for iou in s.matched_ious if iou > 0.5]
    pred, true = sum(s.n_pred for s in stats), sum(s.n_true for s in stats)
    scores = aggregate(stats)
    assert scores["f1"] == pytest.approx(len(hits) / ((pred + true) / 2) if pred + true else 1)
    assert scores["f1_precision"] == pytest.approx(len(hits) / pred if pred else float(not true))
    assert scores["f1_recall"] == pytest.approx(len(hits) / true if true else float(not pred))
    assert scores["pq"] == pytest.approx(scores["sq"] * scores["f1"])
    assert scores["count_error"] == pytest.approx(
        sum(abs(s.n_pred - s.n_true) for s in stats) / len(stats)
    )


def test_numbers_worked_out_by_hand() -> None:
    scores = aggregate(three())
    assert scores["giou"] == pytest.approx((600 / 1200 + 200 / 1600 + 400 / 800) / 3)
    assert scores["ciou"] == pytest.approx(1200 / 3600)
    assert scores["precision"] == pytest.approx(1200 / 2600)
    assert scores["recall"] == pytest.approx(1200 / 2200)
    assert (scores["f1"], scores["f1_precision"], scores["f1_recall"]) == pytest.approx(
        (2 / 7, 1 / 4, 1 / 3)
    )
    assert (scores["pq"], scores["sq"], scores["count_error"]) == pytest.approx((2 / 7, 1, 1 / 3))


def test_an_iou_of_one_half_is_no_hit() -> None:
    (half, *_) = three()
    assert half.matched_ious == (0.5,)
    assert aggregate([half])["f1"] == 0


@given(SETS)
def test_shares_lie_between_0_and_1(stats: list[SampleStats]) -> None:
    scores = aggregate(stats)
    assert all(0 <= scores[name] <= 1 for name in SHARES)


@given(pairs)
def test_a_mask_against_itself_is_perfect(pair: tuple[np.ndarray, np.ndarray]) -> None:
    scores = aggregate([stats_of(pair[0], pair[0])])
    assert all(scores[name] == 1 for name in SHARES if not name.startswith(("f1", "pq", "sq")))
    assert (scores["f1"], scores["pq"], scores["count_error"]) == (1, 1, 0)


@given(pairs)
def test_pooled_scores_do_not_change_when_samples_are_repeated(
    pair: tuple[np.ndarray, np.ndarray],
) -> None:
    stats = [stats_of(*pair), *three()]
    assert aggregate(stats * 3) == pytest.approx(aggregate(stats))


@pytest.mark.parametrize(
    ("pred", "truth", "ones", "zeros"),
    [
        (EMPTY, EMPTY, SHARES, ()),
        (EMPTY, square(0, 0, 30), (), SHARES),
        (square(0, 0, 30), EMPTY, (), SHARES),
        (square(0, 0, 30), square(30, 30, 30), (), SHARES),
        (square(0, 0, 3), square(0, 0, 3), ("giou", "dice", "boundary_iou", "f1", "pq", "sq"), ()),
    ],
    ids=["both", "prediction", "truth", "apart", "specks"],
)
def test_empty_cases(
    pred: np.ndarray, truth: np.ndarray, ones: tuple[str, ...], zeros: tuple[str, ...]
) -> None:
    scores = aggregate([stats_of(pred, truth)])
    assert [name for name in ones if scores[name] != 1] == []
    assert [name for name in zeros if scores[name] != 0] == []
    assert scores["empty"] == (not pred.any())


def test_failures_are_empty_and_counted() -> None:
    scores = aggregate([*three(), stats_of(None, square(0, 0, 30))])
    assert (scores["empty"], scores["failed"]) == (0.25, 0.25)
    assert scores["recall"] == pytest.approx(1200 / 3100)


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=lambda each: each.name)
def test_no_samples_have_no_scores(convention: object) -> None:
    scores = aggregate([], CONVENTIONS[convention.name])  # type: ignore[attr-defined]
    assert scores
    assert all(math.isnan(score) for score in scores.values())


@pytest.mark.parametrize(
    ("side", "group"), [(0, "none"), (9, "small"), (10, "medium"), (32, "large")]
)
def test_targets_are_grouped_by_their_share_of_the_image(side: int, group: str) -> None:
    truth = square(0, 0, side, size=100)
    assert size_group(stats_of(truth, truth)) == group


def test_targets_are_grouped_by_their_number() -> None:
    truths = [EMPTY, square(0, 0, 9), square(0, 0, 9) | square(20, 20, 9)]
    assert [count_group(stats_of(None, each)) for each in truths] == ["none", "one", "several"]
