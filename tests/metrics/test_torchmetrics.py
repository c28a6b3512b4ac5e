"""Scores of sets of masks, against torchmetrics where it has the metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from maskpairs import pairs
from scipy import ndimage

from socioseg.instances import MIN_PIXELS
from socioseg.metrics import CONVENTIONS, SOCIOSEG, aggregate, stats_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]
    Pair = tuple[Mask, Mask]

torch = pytest.importorskip("torch", reason="the oracle needs torch")
classification = pytest.importorskip("torchmetrics.classification", reason="the oracle")
detection = pytest.importorskip("torchmetrics.detection", reason="the oracle")
POOLED = {
    "ciou": "BinaryJaccardIndex",
    "precision": "BinaryPrecision",
    "recall": "BinaryRecall",
    "dice": "BinaryF1Score",
}
SIDE, CELL = 96, 32
FEW = settings(max_examples=25)
"""Each example is some milliseconds of torch."""


def updated(metric: Any, images: Sequence[tuple[NDArray[Any], NDArray[Any]]]) -> Any:  # noqa: ANN401
    for pred, truth in images:
        metric.update(torch.from_numpy(pred), torch.from_numpy(truth))
    return metric.compute()


@pytest.mark.parametrize("name", POOLED)
@FEW
@given(sets=st.lists(pairs, min_size=1, max_size=5))
def test_pooled_scores_of_pixels(name: str, sets: list[Pair]) -> None:
    pred, true = (sum(pair[i].sum() for pair in sets) for i in range(2))
    assume(pred and true)  # what nothing divided by nothing is, is a matter of convention
    images = [(pred.ravel().astype(int), truth.ravel().astype(int)) for pred, truth in sets]
    expected = float(updated(getattr(classification, POOLED[name])(), images))
    found = aggregate([stats_of(*pair) for pair in sets])[name]
    assert found == pytest.approx(expected, abs=1e-6)


@FEW
@given(sets=st.lists(pairs, min_size=1, max_size=5))
def test_mean_iou_and_f1_of_samples(sets: list[Pair]) -> None:
    sets = [pair for pair in sets if pair[1].any()]
    assume(sets)
    images = [(pred.ravel().astype(int), truth.ravel().astype(int)) for pred, truth in sets]
    one_by_one = {
        name: np.mean([float(updated(getattr(classification, metric)(), [i])) for i in images])
        for name, metric in (("giou", "BinaryJaccardIndex"), ("f1", "BinaryF1Score"))
    }
    stats = [stats_of(*pair) for pair in sets]
    assert aggregate(stats)["giou"] == pytest.approx(one_by_one["giou"], abs=1e-6)
    everest = aggregate(stats, CONVENTIONS["everest"])
    assert everest["f1"] == pytest.approx(one_by_one["f1"], abs=1e-6)
    assert everest["iou"] == pytest.approx(one_by_one["giou"], abs=1e-6)


@FEW
@given(pairs)
def test_mean_iou_of_target_and_background(pair: Pair) -> None:
    assume(pair[1].any() and not pair[1].all())
    metric = classification.MulticlassJaccardIndex(2, average="macro")
    expected = float(updated(metric, [tuple(mask.ravel().astype(int) for mask in pair)]))
    found = aggregate([stats_of(*pair)], CONVENTIONS["segearth_ov"])["miou"]
    assert found == pytest.approx(expected, abs=1e-6)


def panoptic(mask: Mask) -> NDArray[np.int64]:
    """Category and number of each pixel's segment: instances are things, the rest is stuff."""
    labels, count = ndimage.label(mask, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    labels = np.where((sizes >= MIN_PIXELS)[labels], labels, 0)
    return np.stack([labels > 0, labels], axis=-1).astype(np.int64)[None]


def qualities(sets: Sequence[Pair]) -> list[float]:
    metric = detection.PanopticQuality(
        things={1}, stuffs={0}, return_sq_and_rq=True, return_per_class=True
    )
    found = updated(metric, [(panoptic(pred), panoptic(truth)) for pred, truth in sets])
    return found[0].tolist()  # things come first


@st.composite
def apart(draw: st.DrawFn) -> Pair:
    """Rectangles that lie in cells of a grid, most of them predicted, some of them as specks."""
    pred, truth = np.zeros((2, SIDE, SIDE), dtype=bool)
    for top in range(0, SIDE, CELL):
        for left in range(0, SIDE, CELL):
            for mask in (pred, truth):
                side = draw(st.sampled_from([0, 3, 16, 20, 24]))
                y, x = top + draw(st.integers(1, 6)), left + draw(st.integers(1, 6))
                mask[y : y + side, x : x + side] = True
    return pred, truth


@FEW
@given(sets=st.lists(apart(), min_size=1, max_size=3))
def test_panoptic_quality_of_instances(sets: list[Pair]) -> None:
    stats = [stats_of(*pair) for pair in sets]
    assume(any(each.n_pred + each.n_true for each in stats))
    found = aggregate(stats)
    hits = [iou for each in stats for iou in each.matched_ious if iou > 0.5]
    pq, sq, rq = qualities(sets)
    assert (found["pq"], found["f1"]) == pytest.approx((pq, rq), abs=1e-6)
    assert found["sq"] == pytest.approx(sq if hits else 0, abs=1e-6)


def test_the_best_total_may_pass_over_a_hit_that_panoptic_quality_takes() -> None:
    pred, truth = np.zeros((2, 20, 120), dtype=bool)
    truth[:, :40] = truth[:, 41:117] = True
    pred[:, :101], pred[:, 102:117] = True, True
    # IoU of the large two is 60 / 117; 40 / 101 and 15 / 76 are more, but no hits.
    assert aggregate([stats_of(pred, truth)], SOCIOSEG)["f1"] == 0
    assert qualities([(pred, truth)])[2] == pytest.approx(0.5)
