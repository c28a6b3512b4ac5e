"""Columns: what every sample adds to each of the sums that scores are made of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from socioseg.metrics.boxes import complete_iou, generalised_iou

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from socioseg.metrics.conventions import Convention
    from socioseg.metrics.stats import SampleStats

    Values = NDArray[np.float64]

HIT_IOU = 0.5
"""Two matched instances are a hit where their IoU is greater. The paper states no threshold."""
LIMITS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""IoU limits of the share of samples above them, which RSRefSeg and SegEarth-R1 print."""
_COUNTED = (
    *("size", "pred_area", "true_area", "intersection", "n_pred", "n_true"),
    *("pred_boundary", "true_boundary", "boundary_intersection", "failed"),
)


def columns_of(stats: Sequence[SampleStats], convention: Convention) -> dict[str, Values]:
    """What every sample adds to each sum, (samples,)."""
    columns = {
        name: np.array([getattr(each, name) for each in stats], dtype=np.float64)
        for name in _COUNTED
    }
    hits = [[iou for iou in each.matched_ious if iou > HIT_IOU] for each in stats]
    columns["samples"] = np.ones(len(stats))
    columns["union"] = columns["pred_area"] + columns["true_area"] - columns["intersection"]
    columns["empty"] = (columns["pred_area"] == 0).astype(np.float64)
    columns["count_error"] = np.abs(columns["n_pred"] - columns["n_true"])
    columns["hits"] = np.array([len(hit) for hit in hits], dtype=np.float64)
    columns["hit_iou"] = np.array([math.fsum(hit) for hit in hits], dtype=np.float64)
    return columns | _ious(columns, convention) | _everest(stats, columns)


def _ious(columns: Mapping[str, Values], convention: Convention) -> dict[str, Values]:
    """IoU of each sample, and whether it counts, as the convention has it."""
    union, rule = columns["union"], convention.both_empty
    nothing = union == 0
    iou = columns["intersection"] / np.where(nothing, 1.0, union + convention.epsilon)
    iou[nothing] = 0.0 if isinstance(rule, str) else rule
    # A convention that skips samples meets an error of its own there, which a failure does not.
    skipped = nothing & (columns["failed"] == 0) & (rule == "skip")
    above = {f"above_{limit}": (iou > limit).astype(np.float64) for limit in LIMITS}
    return above | {
        "iou": iou,
        "counted": (~skipped).astype(np.float64),
        "undefined": (nothing & (rule == "nan")).astype(np.float64),
    }


def _everest(stats: Sequence[SampleStats], columns: Mapping[str, Values]) -> dict[str, Values]:
    """EVEREST's metrics of each sample; both empty counts as 1 in all of them."""
    boxes = np.array([(*s.pred_box, *s.true_box) for s in stats], dtype=np.int64).reshape(-1, 8)
    pred, true = boxes[:, :4], boxes[:, 4:]
    area = columns["pred_area"] + columns["true_area"]
    dice = 2 * columns["intersection"] / np.where(area == 0, 1.0, area)
    return {
        "generalised_iou": generalised_iou(columns["intersection"], columns["union"], pred, true),
        "complete_iou": complete_iou(pred, true),
        "pixel_f1": np.where(area == 0, 1.0, dice),
    }
