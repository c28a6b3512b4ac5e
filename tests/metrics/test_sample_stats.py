"""Counts of one sample, against plain loops and pycocotools."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from maskpairs import pairs
from plainloops import best_total, boundary, boundary_distance, instances, square
from pycocotools import mask as coco
from scipy import ndimage

from socioseg.errors import UsageError
from socioseg.metrics import CONVENTIONS, SampleStats, stats_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

SWAPPED = {
    "pred_area": "true_area",
    "pred_boundary": "true_boundary",
    "pred_box": "true_box",
    "n_pred": "n_true",
}


@given(pairs)
def test_areas_are_counted_pixels(pair: tuple[Mask, Mask]) -> None:
    pred, truth = pair
    stats = stats_of(pred, truth)
    assert stats[:4] == (truth.size, pred.sum(), truth.sum(), (pred & truth).sum())
    assert stats.union == (pred | truth).sum()


@given(pairs)
def test_iou_is_that_of_pycocotools(pair: tuple[Mask, Mask]) -> None:
    codes = [coco.encode(np.asfortranarray(mask, dtype=np.uint8)) for mask in pair]
    ((expected,),) = coco.iou([codes[0]], [codes[1]], [0])
    stats = stats_of(codes[0], codes[1])
    assert stats.iou == pytest.approx(expected if stats.union else 1)
    assert stats == stats_of(*pair)


@given(pairs)
def test_instances_are_flooded_components(pair: tuple[Mask, Mask]) -> None:
    stats = stats_of(*pair)
    assert (stats.n_pred, stats.n_true) == tuple(len(instances(mask)) for mask in pair)


@pytest.mark.parametrize("seed", range(40))
def test_the_matching_has_the_greatest_total(seed: int) -> None:
    random = np.random.default_rng(seed)
    pred, truth = (ndimage.gaussian_filter(random.normal(size=(48, 48)), 4) for _ in "pt")
    pred = 0.7 * truth + 0.3 * pred
    pair = pred > np.quantile(pred, 0.75), truth > np.quantile(truth, 0.75)
    parts = [instances(mask) for mask in pair]
    assert sum(stats_of(*pair).matched_ious) == pytest.approx(best_total(*parts))


def test_the_matching_is_not_greedy() -> None:
    pred, truth = np.zeros((2, 20, 70), dtype=bool)
    truth[:, :40] = truth[:, 41:] = pred[:, :14] = pred[:, 15:60] = True
    # The second prediction overlaps the first truth most (25 / 60), but then the others go without.
    assert stats_of(pred, truth).matched_ious == pytest.approx((14 / 40, 19 / 55))


@given(pairs)
def test_boundaries_are_those_of_plain_loops(pair: tuple[Mask, Mask]) -> None:
    distance = boundary_distance(pair[0])
    pred, true = (boundary(mask, distance) for mask in pair)
    stats = stats_of(*pair)
    assert (stats.pred_boundary, stats.true_boundary) == (len(pred), len(true))
    assert stats.boundary_intersection == len(pred & true)


@pytest.mark.parametrize("shape", [(768, 768), (500, 333), (3000, 4000), (64, 3000)])
def test_boundaries_of_large_masks_are_those_of_scipy(shape: tuple[int, int]) -> None:
    random = np.random.default_rng(7)
    mask = np.zeros(shape, dtype=bool)
    for y, x in random.random((9, 2)) * shape:
        mask[int(y) : int(y) + shape[0] // 2, int(x) : int(x) + shape[1] // 4] = True
    # Erosion by a square is one along each axis; what lies outside the image is background.
    side = 2 * boundary_distance(mask) + 1
    deep = ndimage.minimum_filter(mask, size=(side, side), mode="constant", cval=0)
    stats = stats_of(mask, mask)
    assert stats.true_boundary == stats.boundary_intersection == (mask & ~deep).sum()


@given(pairs)
def test_swapping_prediction_and_truth_swaps_the_counts(pair: tuple[Mask, Mask]) -> None:
    one, other = stats_of(*pair)._asdict(), stats_of(*pair[::-1])._asdict()
    for name, swapped in (SWAPPED | {old: new for new, old in SWAPPED.items()}).items():
        assert one[name] == other[swapped]
    assert one["intersection"] == other["intersection"]
    assert sum(one["matched_ious"]) == pytest.approx(sum(other["matched_ious"]))


def test_a_failed_prediction_counts_as_an_empty_one() -> None:
    truth = square(5, 5, 20)
    empty = stats_of(np.zeros_like(truth), truth)
    assert stats_of(None, truth) == empty._replace(failed=True)


def test_components_that_touch_by_a_corner_or_across_a_word_are_one() -> None:
    mask = square(60, 0, 8, size=128) | square(68, 8, 8, size=128)
    assert stats_of(mask, mask).n_true == 1
    assert stats_of(mask, mask | square(77, 16, 8, size=128)).n_true == 2


def test_the_bottom_of_a_column_does_not_touch_the_top_of_the_next() -> None:
    mask = np.zeros((64, 40), dtype=bool)
    mask[44:, 10], mask[:20, 11] = True, True
    assert stats_of(mask, mask).n_true == 2


def test_counts_are_plain_numbers() -> None:
    stats = stats_of(square(5, 5, 20), square(6, 5, 20))
    kinds = [type(value) for value in stats]
    assert kinds == [int] * 7 + [tuple] * 2 + [int] * 2 + [tuple, bool]


def test_a_frame_resizes_both_masks() -> None:
    stats = stats_of(square(0, 0, 32), square(0, 16, 32), CONVENTIONS["segearth_r1"])
    assert stats.size == 1024**2
    assert (stats.true_area, stats.intersection) == (512**2, 512 * 256)
    code = coco.encode(np.asfortranarray(square(0, 0, 32), dtype=np.uint8))
    assert stats == stats_of(code, square(0, 16, 32), CONVENTIONS["segearth_r1"])


def test_masks_of_two_sizes_are_refused() -> None:
    with pytest.raises(UsageError, match=r"prediction is \(32, 32\) and the truth \(64, 64\)"):
        stats_of(square(0, 0, 5, size=32), square(0, 0, 5))


def test_an_image_full_of_specks_is_counted() -> None:
    mask = np.random.default_rng(1).random((768, 768)) < 0.3
    stats = stats_of(mask, np.zeros_like(mask))
    assert isinstance(stats, SampleStats)
    assert stats.n_pred > 1000
