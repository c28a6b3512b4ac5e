"""Scores: metrics of many samples, from sums of what each adds.

A metric is a function of sums over samples, of whatever shape the sums are: a number for a set,
or an array for all resamples of a bootstrap.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from socioseg.metrics.columns import LIMITS, columns_of
from socioseg.metrics.conventions import SOCIOSEG

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from socioseg.metrics.conventions import Convention
    from socioseg.metrics.stats import SampleStats

    Values = NDArray[np.float64]
    Sums = Mapping[str, Values]
    Metric = Callable[[Sums, Convention], Values]


def aggregate(stats: Sequence[SampleStats], convention: Convention = SOCIOSEG) -> dict[str, float]:
    """Scores of a set of samples, by the names that the convention prints.

    In the default convention gIoU is a mean over samples and all else is pooled: summed over
    samples, then divided. The paper's tables imply it: the mean of the levels weighted by their
    samples gives "all" for gIoU, but not for F1.

    - `giou`, `ciou`, `precision`, `recall`, `dice`: of pixels; `boundary_iou`: of the pixels near
      the outlines (Cheng et al., CVPR 2021).
    - `f1`, `f1_precision`, `f1_recall`: of instances; a hit is a matched pair whose IoU is above
      0.5 (`socioseg.metrics.columns.HIT_IOU`).
    - `pq` = `sq` x `f1` (Kirillov et al., CVPR 2019), where `sq` is the mean IoU of the hits.
    - `count_error`: mean absolute difference of the numbers of instances; `empty`, `failed`:
      share of empty and of failed predictions.

    A ratio with nothing below the line is 1 where neither prediction nor truth holds anything,
    else 0. Without samples every score is NaN.
    """
    sums = {name: np.asarray(each.sum()) for name, each in columns_of(stats, convention).items()}
    return {name: float(value) for name, value in scores_of(sums, convention).items()}


def scores_of(sums: Sums, convention: Convention) -> dict[str, Values]:
    """Scores from sums of the columns of `columns_of`, in the shape of the sums."""
    return {
        printed: np.where(sums["samples"] > 0, METRICS[metric](sums, convention), math.nan)
        for printed, metric in convention.metrics.items()
    }


def _ratio(above: Values, below: Values, if_none: float | Values) -> Values:
    """Divide; `if_none` where there is nothing to divide by."""
    return np.where(below == 0, if_none, above / np.where(below == 0, 1.0, below))


def _pixels(above: str, below: str) -> Metric:
    def metric(sums: Sums, _: Convention) -> Values:
        return _ratio(sums[above], sums[below], sums["union"] == 0)

    return metric


def _instances(above: str, below: str) -> Metric:
    def metric(sums: Sums, _: Convention) -> Values:
        return _ratio(sums[above], sums[below], sums["n_pred"] + sums["n_true"] == 0)

    return metric


def _mean(column: str) -> Metric:
    def metric(sums: Sums, _: Convention) -> Values:
        return _ratio(sums[column], sums["samples"], math.nan)

    return metric


def _mean_iou(sums: Sums, _: Convention) -> Values:
    mean = _ratio(sums["iou"], sums["counted"], math.nan)
    return np.where(sums["undefined"] > 0, math.nan, mean)


def _pooled_iou(sums: Sums, convention: Convention) -> Values:
    rule, union = convention.both_empty, sums["union"] + convention.pooled_epsilon
    return _ratio(sums["intersection"], union, math.nan if isinstance(rule, str) else rule)


def _class_mean_iou(sums: Sums, _: Convention) -> Values:
    outside = sums["size"] - sums["union"], sums["size"] - sums["intersection"]
    return (_ratio(sums["intersection"], sums["union"], math.nan) + _ratio(*outside, math.nan)) / 2


def _dice(sums: Sums, _: Convention) -> Values:
    area = sums["pred_area"] + sums["true_area"]
    return _ratio(2 * sums["intersection"], area, 1.0)


def _boundary_iou(sums: Sums, _: Convention) -> Values:
    both = sums["boundary_intersection"]
    return _ratio(both, sums["pred_boundary"] + sums["true_boundary"] - both, 1.0)


def _f1(sums: Sums, _: Convention) -> Values:
    return _ratio(2 * sums["hits"], sums["n_pred"] + sums["n_true"], 1.0)


def _pq(sums: Sums, _: Convention) -> Values:
    return _ratio(2 * sums["hit_iou"], sums["n_pred"] + sums["n_true"], 1.0)


METRICS: Mapping[str, Metric] = {
    "giou": _mean_iou,
    "ciou": _pooled_iou,
    "precision": _pixels("intersection", "pred_area"),
    "recall": _pixels("intersection", "true_area"),
    "dice": _dice,
    "boundary_iou": _boundary_iou,
    "f1": _f1,
    "f1_precision": _instances("hits", "n_pred"),
    "f1_recall": _instances("hits", "n_true"),
    "pq": _pq,
    "sq": _instances("hit_iou", "hits"),
    "count_error": _mean("count_error"),
    "empty": _mean("empty"),
    "failed": _mean("failed"),
    "class_mean_iou": _class_mean_iou,
    "generalised_iou": _mean("generalised_iou"),
    "complete_iou": _mean("complete_iou"),
    "pixel_f1": _mean("pixel_f1"),
    **{f"pr@{limit}": _mean(f"above_{limit}") for limit in LIMITS},
}
"""Every metric that a convention may print."""
